import { expect, test } from 'vitest'
import { listFeaturedTags } from '#src/db/featured-tags.ts'
import { listPinnedNoteIds } from '#src/db/pins.ts'
import { confirmFollow, followAccount, unfollowAccount } from '#src/relationships/follow.ts'
import { type ForeignActor, type JsonObject, startForeignServer } from '#tests/support/foreign-server.ts'
import { activityOf, activityStreams, everyone, useNeighbours } from './inbox/setup.ts'

const near = useNeighbours()
const weekMs = 7 * 24 * 60 * 60_000

const terms = {
  featured: { '@id': 'http://joinmastodon.org/ns#featured', '@type': '@id' },
  featuredTags: { '@id': 'http://joinmastodon.org/ns#featuredTags', '@type': '@id' },
  Hashtag: 'as:Hashtag',
}
const context = [activityStreams, terms]

function serve(uri: string, document: JsonObject): void {
  const { pathname } = new URL(uri)
  near.foreign.documents.set(pathname, { '@context': context, id: uri, ...document })
}

/** A note that mentions Alice, days old: nobody is to be told of it. */
function oldNote(actor: ForeignActor, name: string, changes: JsonObject = {}) {
  const published = new Date(Date.now() - 3 * 24 * 60 * 60_000).toISOString()
  return { ...near.note(actor, name), published, ...changes }
}

/** Someone with a whole profile: an outbox of one page, pins, hashtags, counts. */
function furnish(name: string, items: (actor: ForeignActor) => unknown[]): ForeignActor {
  const actor = near.foreign.addActor(name)
  Object.assign(actor.document, {
    '@context': [actor.document['@context'], terms].flat(),
    featured: `${actor.uri}/featured`,
    featuredTags: `${actor.uri}/tags`,
  })
  serve(`${actor.uri}/outbox`, { type: 'OrderedCollection', totalItems: 321, first: `${actor.uri}/outbox/1` })
  serve(`${actor.uri}/outbox/1`, { type: 'OrderedCollectionPage', orderedItems: items(actor) })
  serve(`${actor.uri}/followers`, { type: 'OrderedCollection', totalItems: 77 })
  serve(`${actor.uri}/following`, { type: 'OrderedCollection', totalItems: 5 })
  serve(`${actor.uri}/featured`, {
    type: 'OrderedCollection',
    orderedItems: [oldNote(actor, 'pinned')],
  })
  serve(`${actor.uri}/tags`, {
    type: 'Collection',
    items: [{ type: 'Hashtag', name: '#Sea', href: `${actor.uri}/tagged/sea` }],
  })
  return actor
}

const createOf = (actor: ForeignActor, note: JsonObject) => near.create(actor, note)

async function lookUp(actor: ForeignActor) {
  await near.server.app.lookup.account(`${actor.name}@${near.foreign.host}`)
  await near.server.settle()
  const account = await near.account(actor)
  if (!account) throw new Error(`${actor.name} was not found`)
  return account
}

async function urisOf(accountId: string): Promise<string[]> {
  const rows = await near.server.app.db
    .selectFrom('notes')
    .select('uri')
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute()
  return rows.map(({ uri }) => uri)
}

test('a profile that someone here opens is looked at, and one that a stranger opens is not', async () => {
  const zoe = furnish('zoe', (actor) => [createOf(actor, oldNote(actor, 'older'))])
  const stored = async () => (await near.stored(`${zoe.uri}/notes/older`)) !== undefined
  // Of no use to anyone here, so that the account is all that is left of it.
  await near.send(zoe, createOf(zoe, near.note(zoe, 'unwanted', { tag: [], cc: [] })))
  const account = await near.account(zoe)
  expect(await stored()).toBe(false)
  const path = `/api/v1/accounts/${account?.id}`
  expect((await near.server.fetch(path)).status).toBe(200)
  await near.server.settle()
  expect(await stored()).toBe(false)
  expect((await near.server.fetch(path, { as: near.alice })).status).toBe(200)
  await near.server.settle()
  expect(await stored()).toBe(true)
})

test('of someone looked up brings pins, hashtags, counts and the last public notes, and tells nobody', async () => {
  const carol = furnish('carol', (actor) => [
    createOf(actor, oldNote(actor, 'newest')),
    activityOf(actor, 'Announce', 'http://127.0.0.1:1/notes/of-somebody-else'),
    createOf(actor, oldNote(actor, 'followers-only', { to: [`${actor.uri}/followers`], cc: [] })),
    createOf(actor, oldNote(actor, 'direct', { to: [near.alice.account.uri], cc: [] })),
    createOf(actor, oldNote(actor, 'quiet', { to: [`${actor.uri}/followers`], cc: [everyone] })),
  ])
  const account = await lookUp(carol)
  expect(account).toMatchObject({
    notes_count: 321,
    followers_count: 77,
    following_count: 5,
    explored_at: expect.any(Date),
    featured_tags_uri: `${carol.uri}/tags`,
  })
  expect((await urisOf(account.id)).map((uri) => uri.replace(/.*\//, '')).sort()).toEqual([
    'newest',
    'pinned',
    'quiet',
  ])
  const { db } = near.server.app
  expect(await listPinnedNoteIds(db, account.id, null)).toHaveLength(1)
  expect(await listFeaturedTags(db, account.id)).toMatchObject([{ name: 'sea' }])
  expect(await near.notifications()).toEqual([])
  expect(await db.selectFrom('home_entries').selectAll().execute()).toEqual([])
})

test('believes no count that is smaller than what is here', async () => {
  const shy = near.foreign.addActor('shy')
  serve(`${shy.uri}/followers`, { type: 'OrderedCollection', totalItems: 0 })
  serve(`${shy.uri}/outbox`, { type: 'OrderedCollection', totalItems: -5 })
  const { app } = near.server
  const found = await app.lookup.account(shy.uri)
  await followAccount(app, near.alice.accountId, found ?? '')
  await app.db.transaction().execute((trx) => confirmFollow(trx, near.alice.accountId, found ?? ''))
  await near.server.settle()
  expect(await near.account(shy)).toMatchObject({ followers_count: 1, notes_count: 0 })
  await unfollowAccount(app, near.alice.accountId, found ?? '')
  expect(await near.account(shy)).toMatchObject({ followers_count: 0 })
})

test('is believed of the account itself alone', async () => {
  const victim = near.foreign.addActor('victim')
  const eve = furnish('eve', (actor) => [
    createOf(actor, oldNote(actor, 'own')),
    createOf(actor, oldNote(victim, 'put-in-the-mouth')),
    createOf(victim, oldNote(victim, 'signed-by-nobody')),
    createOf(actor, oldNote(actor, 'elsewhere', { id: 'http://elsewhere.invalid/notes/1' })),
    createOf(actor, oldNote(actor, 'of-nobody', { attributedTo: victim.uri })),
    'not an object',
    { type: 'Create' },
    null,
  ])
  const account = await lookUp(eve)
  expect((await urisOf(account.id)).map((uri) => uri.replace(/.*\//, '')).sort()).toEqual(['own', 'pinned'])
  expect(await near.account(victim)).toBeUndefined()
})

test('asks no other server than the account’s own', async () => {
  const elsewhere = await startForeignServer()
  const nell = furnish('nell', () => [])
  for (const name of ['outbox', 'featured', 'followers', 'following']) {
    elsewhere.documents.set(`/${name}`, {
      '@context': context,
      id: `${elsewhere.url}/${name}`,
      type: 'OrderedCollection',
      totalItems: 9,
      orderedItems: [createOf(nell, oldNote(nell, 'from-elsewhere'))],
    })
    nell.document[name] = `${elsewhere.url}/${name}`
  }
  const account = await lookUp(nell)
  expect(account).toMatchObject({ explored_at: expect.any(Date), notes_count: 0, followers_count: 0 })
  expect(await urisOf(account.id)).toEqual([])
  expect(elsewhere.requests).toEqual([])
  await elsewhere.close()
})

test('keeps to its budget: twenty notes, three requests, one server', async () => {
  const endless = furnish('endless', (actor) =>
    Array.from({ length: 8 }, (_, n) => createOf(actor, oldNote(actor, `a${n}`))),
  )
  for (let page = 1; page < 9; page += 1) {
    serve(`${endless.uri}/outbox/${page}`, {
      type: 'OrderedCollectionPage',
      next: `${endless.uri}/outbox/${page + 1}`,
      orderedItems: Array.from({ length: 8 }, (_, n) => createOf(endless, oldNote(endless, `${page}-${n}`))),
    })
  }
  const account = await lookUp(endless)
  expect(await urisOf(account.id)).toHaveLength(16 + 1)
  const asked = near.foreign.requests.filter(({ path }) => path.includes('/users/endless/outbox'))
  expect(asked).toHaveLength(3)
})

test('fills the home of who follows, at the place of the notes’ dates', async () => {
  const frank = furnish('frank', (actor) => [createOf(actor, oldNote(actor, 'before-the-follow'))])
  const fred = await near.server.person('fred')
  const found = await near.server.app.lookup.account(frank.uri)
  await followAccount(near.server.app, fred.accountId, found ?? '')
  const { db } = near.server.app
  await db
    .updateTable('follows')
    .set({ state: 'accepted' })
    .where('follower_id', '=', fred.accountId)
    .execute()
  await near.server.settle()
  const entries = await db
    .selectFrom('home_entries')
    .innerJoin('notes', 'notes.id', 'home_entries.note_id')
    .select(['notes.uri', 'notes.published_at'])
    .where('home_entries.account_id', '=', fred.accountId)
    .execute()
  expect(entries.map(({ uri }) => uri.replace(/.*\//, '')).sort()).toEqual(['before-the-follow', 'pinned'])
  expect(entries.every(({ published_at }) => published_at < new Date(Date.now() - 60_000))).toBe(true)
  expect(
    await db.selectFrom('notifications').selectAll().where('account_id', '=', fred.accountId).execute(),
  ).toEqual([])
})

test('of someone who only shows nothing harms nothing', async () => {
  const plain = near.foreign.addActor('plain')
  expect(await lookUp(plain)).toMatchObject({ explored_at: expect.any(Date), notes_count: 0 })
})

test('is not for whoever a boost brings by, until someone asks for them', async () => {
  const gina = furnish('gina', (actor) => [createOf(actor, oldNote(actor, 'boosted'))])
  const note = oldNote(gina, 'boosted')
  serve(note.id, note)
  const account = await lookUp(near.bob)
  await followAccount(near.server.app, near.alice.accountId, account.id)
  const { db } = near.server.app
  await db.updateTable('follows').set({ state: 'accepted' }).execute()
  await near.send(near.bob, { ...activityOf(near.bob, 'Announce', note.id), to: [everyone] })
  expect(await near.account(gina)).toMatchObject({ explored_at: null })
  const search = `/api/v2/search?resolve=true&q=${encodeURIComponent(`@gina@${near.foreign.host}`)}`
  expect((await near.server.fetch(search, { as: near.alice })).status).toBe(200)
  await near.server.settle()
  expect(await near.account(gina)).toMatchObject({ explored_at: expect.any(Date) })
})

test('happens once a week, however often someone is looked up', async () => {
  const dora = furnish('dora', (actor) => [createOf(actor, oldNote(actor, 'only'))])
  const first = (await lookUp(dora)).explored_at
  expect((await lookUp(dora)).explored_at).toEqual(first)
  near.server.clock.advance(weekMs + 1)
  expect((await lookUp(dora)).explored_at?.getTime()).toBeGreaterThan((first?.getTime() ?? 0) + weekMs)
})
