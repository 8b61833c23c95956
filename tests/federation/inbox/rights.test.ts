import jsonld from '@fedify/vocab-runtime/jsonld'
import { describe, expect, it, vi } from 'vitest'
import { type ForeignActor, type JsonObject, startForeignServer } from '#tests/support/foreign-server.ts'
import { activityOf, activityStreams, everyone, useNeighbours } from './setup.ts'

const near = useNeighbours()
const { send, create, stored } = near

async function storedNote(actor: ForeignActor, changes: JsonObject = {}) {
  const note = near.note(actor, crypto.randomUUID(), changes)
  await send(actor, create(actor, note))
  return note
}

describe('someone on the same server', () => {
  it('cannot change, delete or write another’s note', async () => {
    const mallory = near.foreign.addActor('mallory')
    const note = await storedNote(near.bob)
    const forged = { ...note, content: '<p>Forged</p>', updated: new Date().toISOString() }
    await send(mallory, activityOf(mallory, 'Update', forged))
    await send(mallory, activityOf(mallory, 'Update', { ...forged, attributedTo: mallory.uri }))
    await send(mallory, activityOf(mallory, 'Delete', note.id))
    await send(mallory, activityOf(mallory, 'Delete', near.bob.uri))
    expect(await stored(note.id)).toMatchObject({ content_html: '<p>Hello</p>', deleted_at: null })
    const inBobsName = near.note(near.bob, 'in-bobs-name')
    await send(mallory, create(mallory, inBobsName))
    expect(await stored(inBobsName.id)).toBeUndefined()
  })

  it('whose note it is, can', async () => {
    const note = await storedNote(near.bob)
    await send(near.bob, activityOf(near.bob, 'Update', { ...note, content: 'Mine', updated: later(1) }))
    expect(await stored(note.id)).toMatchObject({ content_html: 'Mine' })
    await send(near.bob, activityOf(near.bob, 'Delete', { id: note.id, type: 'Tombstone' }))
    expect((await stored(note.id))?.deleted_at).not.toBeNull()
  })
})

describe('what another server is said to have written', () => {
  it('is read there, and nowhere else', async () => {
    const other = await startForeignServer()
    const olga = other.addActor('olga')
    const real = near.note(olga, 'real', { content: '<p>Real</p>' })
    other.documents.set('/users/olga/notes/real', { '@context': activityStreams, ...real })
    const boosted = near.note(olga, 'boosted', { content: '<p>Real</p>', tag: [], cc: [] })
    other.documents.set('/users/olga/notes/boosted', { '@context': activityStreams, ...boosted })
    await send(near.bob, {
      ...create(near.bob, { ...real, content: 'Forged' }),
      id: `${near.bob.uri}/forged`,
    })
    expect(await stored(real.id)).toMatchObject({ content_html: '<p>Real</p>' })
    await aliceFollows(near.bob)
    await send(near.bob, {
      ...activityOf(near.bob, 'Announce', { ...boosted, content: 'Forged' }),
      to: [everyone],
    })
    expect(await stored(boosted.id)).toMatchObject({ content_html: '<p>Real</p>', boosts_count: 1 })
    await other.close()
  })

  it('is dropped when it is not there', async () => {
    const other = await startForeignServer()
    const olga = other.addActor('olga')
    const note = near.note(olga, 'none')
    await send(near.bob, { ...create(near.bob, note), id: `${near.bob.uri}/none` })
    expect(await stored(note.id)).toBeUndefined()
    await other.close()
  })

  it('is not ours to be told', async () => {
    const mine = await near.post('mine')
    await send(near.bob, activityOf(near.bob, 'Update', { id: mine.uri, type: 'Note', content: 'Forged' }))
    await send(near.bob, activityOf(near.bob, 'Delete', mine.uri))
    const invented = {
      ...near.note(near.bob, 'x'),
      id: `${near.server.url}/ap/notes/1`,
      attributedTo: near.alice.account.uri,
    }
    await send(near.bob, { ...create(near.bob, invented), id: `${near.bob.uri}/invented` })
    expect(await stored(mine.uri)).toMatchObject({ content_html: '<p>mine</p>', deleted_at: null })
    expect(await stored(invented.id)).toBeUndefined()
  })
})

describe('a note for few', () => {
  it.each(['private', 'direct'])(
    'that is %s cannot be liked or boosted by who cannot see it',
    async (visibility) => {
      const mine = await near.post('for few', { visibility })
      await send(near.bob, activityOf(near.bob, 'Like', mine.uri))
      await send(near.bob, { ...activityOf(near.bob, 'Announce', mine.uri), to: [everyone] })
      expect(await stored(mine.uri)).toMatchObject({ likes_count: 0, boosts_count: 0 })
    },
  )

  it('can be liked, but not boosted, by a follower', async () => {
    await send(near.bob, activityOf(near.bob, 'Follow', near.alice.account.uri))
    const mine = await near.post('for followers', { visibility: 'private' })
    await send(near.bob, activityOf(near.bob, 'Like', mine.uri))
    await send(near.bob, { ...activityOf(near.bob, 'Announce', mine.uri), to: [everyone] })
    expect(await stored(mine.uri)).toMatchObject({ likes_count: 1, boosts_count: 0 })
  })

  it('does not open itself to more people by an edit', async () => {
    const note = await storedNote(near.bob, { to: [near.alice.account.uri], cc: [] })
    await send(near.bob, activityOf(near.bob, 'Update', { ...note, to: [everyone], updated: later(1) }))
    expect(await stored(note.id)).toMatchObject({ visibility: 'direct' })
  })
})

describe('things out of order', () => {
  it('a Delete before its Create keeps the note away', async () => {
    const note = near.note(near.bob, 'deleted-first')
    await send(near.bob, activityOf(near.bob, 'Delete', note.id))
    await send(near.bob, create(near.bob, note))
    expect(await stored(note.id)).toBeUndefined()
    expect(await stored((await storedNote(near.bob)).id)).toBeDefined()
  })

  it('a neighbour’s Delete or Undo keeps nothing away', async () => {
    const mallory = near.foreign.addActor('early')
    const note = near.note(near.bob, 'deleted-by-neighbour')
    await send(mallory, activityOf(mallory, 'Delete', note.id))
    await send(near.bob, create(near.bob, note))
    expect(await stored(note.id)).toBeDefined()
    const mine = await near.post('liked all the same')
    const like = activityOf(near.bob, 'Like', mine.uri)
    await send(mallory, activityOf(mallory, 'Undo', like.id))
    await send(near.bob, like)
    expect(await stored(mine.uri)).toMatchObject({ likes_count: 1 })
  })

  it('a deleted note does not come back', async () => {
    const note = await storedNote(near.bob)
    await send(near.bob, activityOf(near.bob, 'Delete', note.id))
    await send(near.bob, { ...create(near.bob, note), id: `${note.id}/again` })
    await send(near.bob, activityOf(near.bob, 'Update', { ...note, updated: later(1) }))
    expect((await stored(note.id))?.deleted_at).not.toBeNull()
  })

  it('a stale Update changes nothing', async () => {
    const note = await storedNote(near.bob)
    const update = (content: string, updated: string | undefined) =>
      send(near.bob, activityOf(near.bob, 'Update', { ...note, content, updated }))
    await update('second', later(-20))
    await update('first', later(-30))
    await update('poll', undefined)
    expect(await stored(note.id)).toMatchObject({ content_html: 'second' })
    await update('third', later(1e9))
    expect(await stored(note.id)).toMatchObject({ content_html: 'third' })
    // A date in the future must not freeze the note.
    await update('fourth', later(1))
    expect(await stored(note.id)).toMatchObject({ content_html: 'fourth' })
  })

  it('an Update before its Create is the Create', async () => {
    const note = near.note(near.bob, 'updated-first')
    await send(near.bob, activityOf(near.bob, 'Update', { ...note, content: 'edited', updated: later(-1) }))
    await send(near.bob, create(near.bob, note))
    expect(await stored(note.id)).toMatchObject({ content_html: 'edited' })
  })

  it('an Undo before its Like or Announce keeps them away', async () => {
    const mine = await near.post('unliked')
    for (const type of ['Like', 'Announce']) {
      const act = { ...activityOf(near.bob, type, mine.uri), to: [everyone] }
      await send(near.bob, activityOf(near.bob, 'Undo', act))
      await send(near.bob, act)
    }
    expect(await stored(mine.uri)).toMatchObject({ likes_count: 0, boosts_count: 0 })
  })
})

describe('an account', () => {
  it('is read again when it says that it changed', async () => {
    await storedNote(near.bob)
    near.bob.document.name = 'Robert'
    await send(
      near.bob,
      activityOf(near.bob, 'Update', { id: near.bob.uri, type: 'Person', name: 'Embedded' }),
    )
    expect(await near.account(near.bob)).toMatchObject({ name: 'Robert' })
  })

  it('that is deleted takes its things along', async () => {
    const zoe = near.foreign.addActor('zoe')
    const mine = await near.post('liked by zoe')
    const note = await storedNote(zoe)
    await send(zoe, activityOf(zoe, 'Follow', near.alice.account.uri))
    await send(zoe, activityOf(zoe, 'Like', mine.uri))
    await send(zoe, { ...activityOf(zoe, 'Announce', mine.uri), to: [everyone] })
    expect(await stored(mine.uri)).toMatchObject({ likes_count: 1, boosts_count: 1 })
    await send(zoe, activityOf(zoe, 'Delete', zoe.uri))
    expect(await stored(mine.uri)).toMatchObject({ likes_count: 0, boosts_count: 0 })
    expect((await stored(note.id))?.deleted_at).not.toBeNull()
    expect(await near.account(zoe)).toMatchObject({ notes_count: 0, following_count: 0, name: '' })
    expect((await near.account(zoe))?.deleted_at).not.toBeNull()
    const after = near.note(zoe, 'after')
    await send(zoe, create(zoe, after))
    expect(await stored(after.id)).toBeUndefined()
  })

  /** Known here, but for the key; asked for, the server says this. */
  async function accountAnswering(name: string, answer: number): Promise<ForeignActor> {
    const actor = near.foreign.addActor(name)
    const { id: _id, ...values } = (await near.account(near.bob)) ?? raise()
    const addresses = { uri: actor.uri, url: actor.uri, username: name }
    const json = { fields: '[]', emojis: '[]' }
    await near.server.app.db
      .insertInto('accounts')
      .values({ ...values, ...addresses, ...json })
      .execute()
    near.foreign.documents.set(`/users/${name}`, answer)
    return actor
  }
  const isGone = async (actor: ForeignActor) => (await near.account(actor))?.deleted_at instanceof Date

  it('whose key went with it is believed to be gone when its server says so', async () => {
    const yan = await accountAnswering('yan', 410)
    expect(await send(yan, activityOf(yan, 'Delete', yan.uri))).toBe(202)
    expect(await isGone(yan)).toBe(true)
    expect(await isGone(near.bob)).toBe(false)
  })

  it.each([
    [404, true],
    [200, false],
  ])('that was not found is asked for once more, days later, when %i ends it: %s', async (later, isEnded) => {
    const uma = await accountAnswering(`uma${later}`, 404)
    expect(await send(uma, activityOf(uma, 'Delete', uma.uri))).toBe(202)
    expect(await isGone(uma)).toBe(false)
    if (later === 200) near.foreign.documents.set(new URL(uma.uri).pathname, uma.document)
    const { db } = near.server.app
    const soon = await db
      .updateTable('jobs')
      .set({ run_at: new Date() })
      .where('name', '=', 'confirmAccountGone')
      .where('run_at', '>', new Date(Date.now() + 2 * 24 * 3600_000))
      .executeTakeFirst()
    expect(soon.numUpdatedRows).toBe(1n)
    await near.server.settle()
    expect(await isGone(uma)).toBe(isEnded)
  })

  it('nobody here knows, and nobody can ask for, may go too', async () => {
    const ghost = near.foreign.addActor('ghost')
    near.foreign.documents.set('/users/ghost', 410)
    expect(await send(ghost, activityOf(ghost, 'Delete', ghost.uri))).toBe(202)
    expect(await near.account(ghost)).toBeUndefined()
  })
})

describe('many at once', () => {
  it('likes and undos leave exact counters', async () => {
    const mine = await near.post('popular')
    const actors = Array.from({ length: 20 }, (_, n) => near.foreign.addActor(`fan${n}`))
    const likes = actors.map((actor) => activityOf(actor, 'Like', mine.uri))
    const inbox = `${near.server.url}/ap/inbox`
    await Promise.all(actors.map((actor, n) => actor.post(inbox, likes[n] ?? {})))
    await near.server.settle()
    expect(await stored(mine.uri)).toMatchObject({ likes_count: 20 })
    const undone = actors
      .slice(0, 10)
      .map((actor, n) => actor.post(inbox, activityOf(actor, 'Undo', likes[n])))
    const again = actors.map((actor) => actor.post(inbox, activityOf(actor, 'Like', mine.uri)))
    await Promise.all([...undone, ...again])
    await near.server.settle()
    const { db } = near.server.app
    const rows = await db.selectFrom('likes').select('id').where('note_id', '=', mine.id).execute()
    expect(await stored(mine.uri)).toMatchObject({ likes_count: rows.length })
    expect(rows.length).toBeGreaterThanOrEqual(10)
  })

  it('the same note fifty times is one note and one notification', async () => {
    const note = near.note(near.bob, 'fifty')
    const inboxes = [`${near.server.url}/ap/inbox`, `${near.alice.account.uri}/inbox`]
    const sent = Array.from({ length: 50 }, (_, n) =>
      near.bob.post(inboxes[n % 2] ?? '', create(near.bob, note)),
    )
    for (const response of await Promise.all(sent)) expect(response.status).toBe(202)
    await near.server.settle()
    const id = (await stored(note.id))?.id
    expect((await near.notifications()).filter(({ note_id }) => note_id === id)).toHaveLength(1)
  })

  it('ten thousand mentions, tags and attachments are capped, and hold nobody up', async () => {
    const many = (make: (n: number) => JsonObject) => Array.from({ length: 5_000 }, (_, n) => make(n))
    const mentions = many((n) => ({ type: 'Mention', href: `https://elsewhere.example/${n}` }))
    const tags = many((n) => ({ type: 'as:Hashtag', name: `#tag${n}` }))
    const note = near.note(near.bob, 'many', {
      tag: [
        { type: 'Mention', href: near.alice.account.uri },
        ...tags.flatMap((tag, n) => [tag, mentions[n] ?? tag]),
      ],
      attachment: many((n) => ({ type: 'Image', url: `https://elsewhere.example/${n}.png` })),
      // Has jsonld do it, and not the table, which is given the same.
      generator: { '@context': {} },
    })
    // Expansion is what stops the process, for a time that grows with the lists it is given.
    const expansion = vi.spyOn(jsonld, 'expand')
    expect(await send(near.bob, create(near.bob, note))).toBe(202)
    expect(Math.max(...expansion.mock.calls.map((call: unknown[]) => longestList(call[0])))).toBe(256)
    expansion.mockRestore()
    const id = (await stored(note.id))?.id ?? '0'
    const { db } = near.server.app
    const count = async (table: 'note_tags' | 'media' | 'mentions') =>
      (await db.selectFrom(table).select('note_id').where('note_id', '=', id).execute()).length
    expect(await count('note_tags')).toBe(30)
    expect(await count('media')).toBe(4)
    expect(await count('mentions')).toBe(1)
  })

  it('such a note of somebody else’s is refused, and so is what cannot be cut', async () => {
    const mallory = near.foreign.addActor('heavy')
    const tag = Array.from({ length: 1_000 }, (_, n) => ({ type: 'Mention', href: `https://e.example/${n}` }))
    const inbox = `${near.server.url}/ap/inbox`
    const heavy = create(near.bob, near.note(near.bob, 'heavy', { tag }))
    expect((await mallory.post(inbox, heavy)).status).toBe(401)
    const keys = Object.fromEntries(tag.map((_, n) => [`as:word${n}`, [n, n, n]]))
    const wide = create(near.bob, near.note(near.bob, 'wide', keys))
    expect((await near.bob.post(inbox, wide)).status).toBe(400)
    expect(await near.server.settle()).toBe(0)
  })
})

function longestList(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value).map(longestList)
  return Math.max(Array.isArray(value) ? value.length : 0, ...inner)
}

function raise(): never {
  throw new Error('Bob is not known')
}

function later(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString()
}

async function aliceFollows(actor: ForeignActor): Promise<void> {
  const id = await near.server.app.lookup.account(actor.uri)
  await near.server.fetch(`/api/v1/accounts/${id}/follow`, { as: near.alice, method: 'POST' })
  await near.server.settle()
  const follow = near.foreign.activities('Follow').find(({ object }) => object === actor.uri)
  await near.send(actor, activityOf(actor, 'Accept', follow))
}
