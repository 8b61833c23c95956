import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findNoteRowByUri } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { boostNote } from '#src/notes/boost.ts'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { listVersions } from '#src/notes/versions.ts'
import { loadNoteView } from '#src/notes/view.ts'
import type { JsonObject } from '#tests/support/foreign-server.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { settle, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { startTwoServers } from '#tests/support/two-servers.ts'
import { activityOf, useNeighbours } from './inbox/setup.ts'

const near = useNeighbours()

async function versionsOf(server: TestServer, uri: string) {
  const note = await findNoteRowByUri(server.app.db, uri)
  if (!note) throw new Error(`${uri} is not here`)
  return listVersions(server.app.db, await loadNoteView(server.app.db, note.id, note.account_id))
}

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()

describe('a note of another server', () => {
  const told = async (changes: JsonObject = {}) => {
    const note = near.note(near.bob, crypto.randomUUID(), { published: ago(500), ...changes })
    await near.send(near.bob, near.create(near.bob, note))
    return note
  }
  const update = (note: JsonObject, changes: JsonObject) =>
    near.send(near.bob, activityOf(near.bob, 'Update', { ...note, ...changes }))

  it('keeps what it said, with the times its server states', async () => {
    const note = await told()
    const [second, third] = [ago(300), ago(200)]
    await update(note, { content: '<p>Two</p>', updated: second })
    await update(note, { content: '<p>Three</p>', summary: 'Careful', updated: third })
    expect(await versionsOf(near.server, note.id)).toMatchObject([
      { contentHtml: '<p>Hello</p>', writtenAt: new Date(String(note.published)) },
      { contentHtml: '<p>Two</p>', writtenAt: new Date(second) },
      { contentHtml: '<p>Three</p>', summary: 'Careful', isSensitive: true, writtenAt: new Date(third) },
    ])
  })

  it('is not changed by what is older, and not twice by the same', async () => {
    const note = await told()
    const updated = ago(100)
    await update(note, { content: '<p>New</p>', updated })
    await update(note, { content: '<p>Old</p>', updated: ago(300) })
    await update(note, { content: '<p>Nameless</p>' })
    for (let time = 0; time < 3; time += 1) await update(note, { content: '<p>New</p>', updated })
    const versions = await versionsOf(near.server, note.id)
    expect(versions.map(({ contentHtml }) => contentHtml)).toEqual(['<p>Hello</p>', '<p>New</p>'])
  })

  it('is changed once by fifty copies of an Update at once', async () => {
    const note = await told()
    const activity = activityOf(near.bob, 'Update', { ...note, content: '<p>New</p>', updated: ago(10) })
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => near.bob.post(`${near.server.url}/ap/inbox`, activity)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    await near.server.settle()
    expect(await versionsOf(near.server, note.id)).toHaveLength(2)
  })

  it('keeps its pictures and what was said of them, and each its id', async () => {
    const picture = (url: string, name: string) => ({ type: 'Document', mediaType: 'image/png', url, name })
    const note = await told({
      attachment: [
        picture('https://cdn.example/1.png', 'A sea'),
        picture('https://cdn.example/2.png', 'Gone'),
      ],
    })
    const [before] = await versionsOf(near.server, note.id)
    await update(note, {
      attachment: [
        picture('https://cdn.example/3.png', 'New'),
        picture('https://cdn.example/1.png', 'A lake'),
      ],
      updated: ago(10),
    })
    const [first, second] = await versionsOf(near.server, note.id)
    expect(first?.media).toMatchObject([{ id: before?.media[0]?.id, description: 'A sea' }])
    expect(second?.media).toMatchObject([
      { description: 'New' },
      { id: before?.media[0]?.id, description: 'A lake' },
    ])
  })

  it.each([[{ updated: '2099-01-01T00:00:00Z' }], [{ updated: '+275000-01-01T00:00:00Z' }]])(
    'edited at %j was edited now',
    async (changes) => {
      const note = await told()
      const before = near.server.clock.now().getTime()
      await update(note, { content: '<p>New</p>', ...changes })
      const editedAt = (await near.stored(note.id))?.edited_at?.getTime() ?? 0
      expect(editedAt).toBeGreaterThanOrEqual(before)
      expect(editedAt).toBeLessThanOrEqual(near.server.clock.now().getTime())
    },
  )

  it.each<JsonObject>([
    { updated: '1816-01-01T00:00:00Z' },
    { updated: 'yesterday' },
    { updated: 7 },
    { updated: ago(0), type: 'Person' },
    { updated: ago(0), attributedTo: 'https://elsewhere.example/eve' },
  ])('stays as it was after an Update with %j', async (changes) => {
    const note = await told()
    expect(await update(note, { content: '<p>New</p>', ...changes })).toBeLessThan(500)
    expect(await near.stored(note.id)).toMatchObject({ content_html: '<p>Hello</p>', edited_at: null })
  })

  it('of ten thousand things keeps a few', async () => {
    const many = <T>(thing: (index: number) => T) => Array.from({ length: 400 }, (_, index) => thing(index))
    const note = near.note(near.bob, crypto.randomUUID(), {
      attachment: many((n) => ({
        type: 'Image',
        mediaType: 'image/png',
        url: `https://cdn.example/many/${n}.png`,
      })),
      tag: many((n) => ({ type: 'Mention', href: `https://many.example/${n}` })),
    })
    expect(await near.send(near.bob, near.create(near.bob, note))).toBeLessThan(500)
    const row = await near.stored(note.id)
    if (!row) return
    const media = await near.server.app.db
      .selectFrom('media')
      .select('id')
      .where('note_id', '=', row.id)
      .execute()
    expect(media.length).toBeLessThanOrEqual(4)
  })
})

describe('between two servers of ours', () => {
  let here: TestServer
  let there: TestServer
  let alice: TestPerson
  let bob: TestPerson

  beforeAll(async () => {
    ;({ here, there, alice, bob } = await startTwoServers())
  })
  afterAll(() => Promise.all([here.close(), there.close()]))

  const copyOf = async (uri: string): Promise<Id> => (await findNoteRowByUri(there.app.db, uri))?.id ?? ''

  it('history is the same on both, and who boosted hears of an edit', async () => {
    const { note } = await post(here, alice, { text: 'Frist' })
    await settle(here, there)
    const copyId = await copyOf(note.uri)
    await boostNote(there.app, bob.accountId, copyId, 'public')
    await settle(here, there)
    for (const text of ['First', 'First!']) {
      here.clock.advance(1_000)
      there.clock.advance(1_000)
      await editNote(here.app, alice.accountId, note.id, noteForm({ text }))
      await settle(here, there)
    }
    const words = (versions: Awaited<ReturnType<typeof versionsOf>>) =>
      versions.map(({ contentHtml, writtenAt }) => [contentHtml, writtenAt])
    const own = words(await versionsOf(here, note.uri))
    expect(own).toHaveLength(3)
    expect(words(await versionsOf(there, note.uri))).toEqual(own)
    const heard = await there.app.db
      .selectFrom('notifications')
      .select(['kind', 'note_id'])
      .where('account_id', '=', bob.accountId)
      .execute()
    expect(heard).toEqual([{ kind: 'update', note_id: copyId }])
  })

  it('a deletion takes what was said before along, and the address says that it is gone', async () => {
    const { note } = await post(here, alice, { text: 'Regretted' })
    await settle(here, there)
    await editNote(here.app, alice.accountId, note.id, noteForm({ text: 'Regretted less' }))
    await settle(here, there)
    await deleteNote(here.app, alice.accountId, note.id)
    await settle(here, there)
    for (const [server, id] of [
      [here, note.id],
      [there, await copyOf(note.uri)],
    ] as const) {
      const kept = server.app.db.selectFrom('note_versions').select('id').where('note_id', '=', id)
      expect(await kept.execute()).toEqual([])
    }
    const response = await fetch(note.uri, { headers: { accept: 'application/activity+json' } })
    expect([response.status, (await response.json()).type]).toEqual([410, 'Tombstone'])
  })
})
