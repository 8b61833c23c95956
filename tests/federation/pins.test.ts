import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAccount } from '#src/db/accounts.ts'
import { findNoteRowByUri } from '#src/db/notes.ts'
import { listPinnedNoteIds } from '#src/db/pins.ts'
import type { Id } from '#src/db/tables.ts'
import { pinNote, unpinNote } from '#src/notes/pin.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { post } from '#tests/support/notes.ts'
import { settle, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { startTwoServers } from '#tests/support/two-servers.ts'
import { activityOf, useNeighbours } from './inbox/setup.ts'

describe('between two of our servers', () => {
  let here: TestServer
  let there: TestServer
  let alice: TestPerson
  let aliceThere: Id

  beforeAll(async () => {
    ;({ here, there, alice, aliceThere } = await startTwoServers())
  })
  afterAll(() => Promise.all([here.close(), there.close()]))

  it('a pin is seen over there, and its end', async () => {
    const { note } = await post(here, alice, { text: 'Look at this first' })
    await pinNote(here.app, alice.accountId, note.id)
    await settle(here, there)
    const copy = await findNoteRowByUri(there.app.db, note.uri)
    expect(await listPinnedNoteIds(there.app.db, aliceThere, null)).toEqual([copy?.id])
    await unpinNote(here.app, alice.accountId, note.id)
    await settle(here, there)
    expect(await listPinnedNoteIds(there.app.db, aliceThere, null)).toEqual([])
  })

  it('the collection embeds what everyone may see, the newest pin first', async () => {
    const first = (await post(here, alice, { text: 'first' })).note
    const second = (await post(here, alice, { text: 'second', visibility: 'unlisted' })).note
    const secret = (await post(here, alice, { text: 'secret', visibility: 'followers' })).note
    for (const note of [first, second, secret]) await pinNote(here.app, alice.accountId, note.id)
    const account = await findAccount(there.app.db, aliceThere)
    const response = await fetch(account?.featured_uri ?? '', {
      headers: { accept: 'application/activity+json' },
    })
    expect(await response.json()).toMatchObject({
      id: here.app.uris.featured(alice.accountId),
      type: 'OrderedCollection',
      totalItems: 2,
      orderedItems: [
        { type: 'Note', id: second.uri, content: '<p>second</p>' },
        { type: 'Note', id: first.uri, attributedTo: alice.account.uri },
      ],
    })
    await settle(here, there)
    expect(await listPinnedNoteIds(there.app.db, aliceThere, null)).toHaveLength(2)
  })

  it('the collection names a pinned poll by its id, which is all that Mastodon takes of one', async () => {
    const poll = { titles: ['Oil', 'Ink'], isMultiple: false, expiresInSeconds: 3_600 }
    const { note } = await post(here, alice, { text: 'With what?', poll })
    await pinNote(here.app, alice.accountId, note.id)
    const response = await fetch(here.app.uris.featured(alice.accountId), {
      headers: { accept: 'application/activity+json' },
    })
    const { orderedItems }: { orderedItems: unknown[] } = JSON.parse(await response.text())
    expect(orderedItems[0]).toBe(note.uri)
    await unpinNote(here.app, alice.accountId, note.id)
    await settle(here, there)
  })
})

describe('Add and Remove of another server', () => {
  const near = useNeighbours()
  const featured = () => `${near.bob.uri}/featured`
  const add = (object: unknown, changes: object = {}) => ({
    ...activityOf(near.bob, 'Add', object),
    target: featured(),
    ...changes,
  })

  beforeAll(async () => {
    Object.assign(near.bob.document, contextOf(near.bob.document), { featured: featured() })
    const account = await near.server.app.lookup.account(near.bob.uri)
    if (account === undefined) throw new Error('Bob was not found')
    await near.server.settle()
  })

  /** A note of Bob's that nobody here has seen. */
  function publish(name: string, author = near.bob) {
    const note = near.note(author, name, { tag: [], cc: [`${author.uri}/followers`] })
    near.foreign.documents.set(new URL(note.id).pathname, {
      '@context': 'https://www.w3.org/ns/activitystreams',
      ...note,
    })
    return note
  }

  async function pinned(): Promise<string[]> {
    const account = await near.account(near.bob)
    const ids = await listPinnedNoteIds(near.server.app.db, account?.id ?? '0', null)
    const rows = await near.server.app.db.selectFrom('notes').select(['id', 'uri']).execute()
    return ids.map((id) => rows.find((row) => row.id === id)?.uri ?? '')
  }

  it('fetch a note that is unknown here, tell nobody, and take it away again', async () => {
    const account = await near.account(near.bob)
    await followAccount(near.server.app, near.alice.accountId, account?.id ?? '')
    await near.server.app.db.updateTable('follows').set({ state: 'accepted' }).execute()
    const note = publish('old')
    const adding = add(note.id)
    for (let again = 0; again < 2; again += 1) expect(await near.send(near.bob, adding)).toBe(202)
    expect(await pinned()).toEqual([note.id])
    expect(await near.notifications()).toEqual([])
    const entries = await near.server.app.db.selectFrom('home_entries').selectAll().execute()
    expect(entries).toEqual([])
    await near.send(near.bob, { ...add(note.id), type: 'Remove' })
    expect(await pinned()).toEqual([])
  })

  it.each<[string, () => object]>([
    [
      'to a collection that is not the profile',
      () => add(publish('a').id, { target: `${near.bob.uri}/moderators` }),
    ],
    [
      'to the profile of somebody else',
      () => add(publish('b').id, { target: near.server.app.uris.featured('1') }),
    ],
    ['without a target', () => ({ ...activityOf(near.bob, 'Add', publish('c').id) })],
    ['of a note of a neighbour', () => add(publish('d', near.foreign.addActor('neighbour')).id)],
    ['of a note of another server', () => add(near.server.app.uris.note('1'))],
    ['of nothing', () => add('http://127.0.0.1:1/nothing')],
    ['of a thing without id', () => add({ type: 'Note', content: 'x' })],
  ])('%s changes nothing', async (_name, activity) => {
    const good = publish('kept')
    await near.send(near.bob, add(good.id))
    expect(await pinned()).toEqual([good.id])
    expect(await near.send(near.bob, { ...activity() })).toBe(202)
    expect(await pinned()).toEqual([good.id])
  })

  it('by somebody else changes nothing', async () => {
    const mallory = near.foreign.addActor('mallory')
    const before = await pinned()
    const remove = { ...activityOf(mallory, 'Remove', publish('kept').id), target: featured() }
    await near.send(mallory, remove)
    expect(await pinned()).toEqual(before)
    expect(before).toHaveLength(1)
  })

  it('keep the newest twenty', async () => {
    for (let n = 0; n < 22; n += 1) await near.send(near.bob, add(publish(`many-${n}`).id))
    const uris = await pinned()
    expect(uris).toHaveLength(20)
    expect(uris[0]).toMatch(/many-21$/)
  })
})

function contextOf(document: Record<string, unknown>) {
  const terms = { featured: { '@id': 'http://joinmastodon.org/ns#featured', '@type': '@id' } }
  return { '@context': [document['@context'], terms].flat() }
}
