import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getAccount } from '#src/db/accounts.ts'
import { findNoteRow, type Note } from '#src/db/notes.ts'
import { listNotifications } from '#src/db/notification-lists.ts'
import { boostNote, unboostNote } from '#src/notes/boost.ts'
import { maxCharacters } from '#src/notes/compose.ts'
import { createNote, editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { likeNote, unlikeNote } from '#src/notes/like.ts'
import { removeNote } from '#src/notes/store.ts'
import { loadNoteViews } from '#src/notes/view.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { homeIdsOf, noteForm, post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
let bob: TestPerson
let carol: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  bob = await server.person('bob')
  carol = await server.person('carol')
})
afterAll(() => server.close())

const kindsFor = async (person: TestPerson, noteId: string) =>
  (await listNotifications(server.app.db, person.accountId, { limit: 40 }))
    .filter((notification) => notification.note_id === noteId)
    .map((notification) => notification.kind)

describe('posting', () => {
  it('turns mentions, tags and links into what other servers know', async () => {
    const { note, mentions, tags } = await post(server, alice, {
      text: 'Hi @bob, see #Cats and https://example.com',
    })
    expect(note.content_html).toContain(
      `<a href="${server.url}/@bob" class="u-url mention">@<span>bob</span></a>`,
    )
    expect(note.content_html).toContain('rel="tag">#<span>Cats</span></a>')
    expect(note.uri).toBe(`${server.url}/ap/notes/${note.id}`)
    expect(mentions.map((mention) => mention.username)).toEqual(['bob'])
    expect(tags).toEqual(['cats'])
    expect(await kindsFor(bob, note.id)).toEqual(['mention'])
  })

  it('leaves unknown people as text', async () => {
    const { note, mentions } = await post(server, alice, { text: 'Hi @nobody and @someone@nowhere.invalid' })
    expect(mentions).toEqual([])
    expect(note.content_html).toBe('<p>Hi @nobody and @someone@nowhere.invalid</p>')
  })

  it.each([
    ['nothing at all', { text: '  ' }],
    ['too much', { text: 'x'.repeat(maxCharacters + 1) }],
    ['five pictures', { mediaIds: ['1', '2', '3', '4', '5'] }],
    ['a picture that does not exist', { mediaIds: ['1'] }],
  ])('refuses %s in words and stores nothing', async (_what, form) => {
    const before = (await getAccount(server.app.db, alice.accountId)).notes_count
    await expect(post(server, alice, form)).rejects.toMatchObject({ kind: 'invalid' })
    expect((await getAccount(server.app.db, alice.accountId)).notes_count).toBe(before)
  })

  it('takes exactly as many characters as it says', async () => {
    await expect(post(server, alice, { text: 'x'.repeat(maxCharacters) })).resolves.toBeDefined()
  })

  it('does not count what is piled upon a character as nothing', async () => {
    const family = '👨‍👩‍👧'
    await expect(post(server, alice, { text: family.repeat(maxCharacters) })).resolves.toBeDefined()
    const piledUp = `a${'\u0301'.repeat(100_000)}`
    await expect(post(server, alice, { text: piledUp })).rejects.toMatchObject({ kind: 'invalid' })
    await expect(post(server, alice, { summary: piledUp })).rejects.toMatchObject({ kind: 'invalid' })
  })

  it('makes one note of twenty simultaneous repeats', async () => {
    const repeats = Array.from({ length: 20 }, () =>
      createNote(server.app, alice.account, noteForm(), { idempotencyKey: 'the same' }),
    )
    const views = await Promise.all(repeats)
    expect(new Set(views.map((view) => view.note.id)).size).toBe(1)
    const other = await createNote(server.app, bob.account, noteForm(), { idempotencyKey: 'the same' })
    expect(other.note.id).not.toBe(views[0]?.note.id)
  })

  it('answers in a thread and is counted there', async () => {
    const { note: parent } = await post(server, alice)
    const { note: reply } = await post(server, bob, { text: '@alice lovely', inReplyToId: parent.id })
    expect(reply).toMatchObject({ in_reply_to_uri: parent.uri, conversation_uri: parent.conversation_uri })
    expect((await findNoteRow(server.app.db, parent.id))?.replies_count).toBe(1)
    await deleteNote(server.app, bob.accountId, reply.id)
    expect((await findNoteRow(server.app.db, parent.id))?.replies_count).toBe(0)
  })

  it('refuses to answer what the author may not see', async () => {
    const { note } = await post(server, alice, { visibility: 'direct' })
    await expect(post(server, carol, { inReplyToId: note.id })).rejects.toMatchObject({ kind: 'notFound' })
  })
})

describe('changing', () => {
  it('replaces the words and keeps the audience', async () => {
    const { note } = await post(server, alice, { text: 'One #first', visibility: 'followers' })
    const edited = await editNote(
      server.app,
      alice.accountId,
      note.id,
      noteForm({ text: 'Two #second @bob' }),
    )
    expect(edited.note).toMatchObject({ visibility: 'followers', text: 'Two #second @bob', uri: note.uri })
    expect(edited.note.edited_at).not.toBeNull()
    expect(edited.tags).toEqual(['second'])
    expect(await kindsFor(bob, note.id)).toEqual(['mention'])
  })

  it('is not for others', async () => {
    const { note } = await post(server, alice)
    const attempt = editNote(server.app, bob.accountId, note.id, noteForm({ text: 'Mine now' }))
    await expect(attempt).rejects.toMatchObject({ kind: 'notFound' })
    await expect(deleteNote(server.app, bob.accountId, note.id)).rejects.toMatchObject({ kind: 'notFound' })
    expect((await findNoteRow(server.app.db, note.id))?.text).toBe(note.text)
  })
})

describe('deleting', () => {
  it('leaves a tombstone without words, and takes notifications and feeds along', async () => {
    const { note } = await post(server, alice, { text: 'Hi @bob' })
    await likeNote(server.app, carol.accountId, note.id)
    await boostNote(server.app, carol.accountId, note.id, 'public')
    const before = (await getAccount(server.app.db, carol.accountId)).notes_count
    await deleteNote(server.app, alice.accountId, note.id)
    expect(await findNoteRow(server.app.db, note.id)).toMatchObject({ text: null, content_html: '' })
    expect(await kindsFor(bob, note.id)).toEqual([])
    expect(await kindsFor(alice, note.id)).toEqual([])
    expect(await homeIdsOf(server, alice)).not.toContain(note.id)
    expect((await getAccount(server.app.db, carol.accountId)).notes_count).toBe(before - 1)
  })

  const deletedWhile = async (note: Note, act: () => Promise<unknown>): Promise<unknown> => {
    const { db } = server.app
    let acting: Promise<unknown> = Promise.resolve()
    await db.transaction().execute(async (trx) => {
      await removeNote(trx, note)
      acting = act()
      acting.catch(() => undefined)
      const listBlocked = () =>
        sql`select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
      await expect.poll(async () => (await listBlocked()).rows).toHaveLength(1)
    })
    return acting
  }

  it('is not undone by an edit that was under way', async () => {
    const { note } = await post(server, alice, { text: 'Regretted' })
    const edit = deletedWhile(note, () =>
      editNote(server.app, alice.accountId, note.id, noteForm({ text: 'Corrected' })),
    )
    await expect(edit).rejects.toMatchObject({ kind: 'notFound' })
    expect(await findNoteRow(server.app.db, note.id)).toMatchObject({ text: null, content_html: '' })
  })

  it('leaves no boost that was under way', async () => {
    const { note } = await post(server, alice)
    const before = (await getAccount(server.app.db, bob.accountId)).notes_count
    const boost = deletedWhile(note, () => boostNote(server.app, bob.accountId, note.id, 'public'))
    await expect(boost).rejects.toMatchObject({ kind: 'notFound' })
    expect((await getAccount(server.app.db, bob.accountId)).notes_count).toBe(before)
  })

  it('happens once, however often it is asked for at once', async () => {
    const { note } = await post(server, alice)
    const before = (await getAccount(server.app.db, alice.accountId)).notes_count
    await Promise.allSettled(
      Array.from({ length: 10 }, () => deleteNote(server.app, alice.accountId, note.id)),
    )
    expect((await getAccount(server.app.db, alice.accountId)).notes_count).toBe(before - 1)
  })
})

describe('liking and boosting', () => {
  it('counts exactly under a hundred simultaneous changes', async () => {
    const { note } = await post(server, alice)
    const changes = Array.from({ length: 100 }, (_, index) =>
      index % 2 === 0
        ? likeNote(server.app, bob.accountId, note.id)
        : unlikeNote(server.app, bob.accountId, note.id),
    )
    await Promise.all(changes)
    await likeNote(server.app, bob.accountId, note.id)
    await likeNote(server.app, carol.accountId, note.id)
    expect((await findNoteRow(server.app.db, note.id))?.likes_count).toBe(2)
    expect((await kindsFor(alice, note.id)).sort()).toEqual(['like', 'like'])
  })

  it('makes one boost of twenty simultaneous ones, and none after taking it back', async () => {
    const { note } = await post(server, alice)
    const boosts = await Promise.all(
      Array.from({ length: 20 }, () => boostNote(server.app, bob.accountId, note.id, 'public')),
    )
    expect(new Set(boosts.map((boost) => boost.note.id)).size).toBe(1)
    expect((await findNoteRow(server.app.db, note.id))?.boosts_count).toBe(1)
    expect(boosts[0]?.boostOf?.viewer).toMatchObject({ boosted: true })
    const after = await unboostNote(server.app, bob.accountId, note.id)
    expect(after.note).toMatchObject({ id: note.id, boosts_count: 0 })
    expect(await kindsFor(alice, note.id)).toEqual([])
  })

  it('takes a boost back that is deleted as a note', async () => {
    const { note } = await post(server, alice)
    const boost = await boostNote(server.app, bob.accountId, note.id, 'public')
    expect(await kindsFor(alice, note.id)).toEqual(['boost'])
    await deleteNote(server.app, bob.accountId, boost.note.id)
    expect((await findNoteRow(server.app.db, note.id))?.boosts_count).toBe(0)
    expect(await kindsFor(alice, note.id)).toEqual([])
  })

  it('wait for each other in no circle, though one person boosts, answers and takes back all at once', async () => {
    const { note } = await post(server, alice)
    const insist = async (turn: number) => {
      for (let round = 0; round < 25; round++) {
        const kind = (round + turn) % 3
        // Taken back again before it could be shown.
        if (kind === 0)
          await boostNote(server.app, bob.accountId, note.id, 'public').catch((error: unknown) =>
            expect(error).toMatchObject({ kind: 'notFound' }),
          )
        else if (kind === 1) await unboostNote(server.app, bob.accountId, note.id)
        else await post(server, bob, { inReplyToId: note.id })
      }
    }
    await Promise.all(Array.from({ length: 9 }, (_, turn) => insist(turn)))
    await boostNote(server.app, bob.accountId, note.id, 'public')
    expect(await findNoteRow(server.app.db, note.id)).toMatchObject({ boosts_count: 1, replies_count: 75 })
  })

  it('can be done again after it was undone', async () => {
    const { note } = await post(server, alice)
    const first = await boostNote(server.app, bob.accountId, note.id, 'public')
    await unboostNote(server.app, bob.accountId, note.id)
    const second = await boostNote(server.app, bob.accountId, note.id, 'public')
    expect(second.note.uri).not.toBe(first.note.uri)
    expect((await findNoteRow(server.app.db, note.id))?.boosts_count).toBe(1)
  })

  it.each(['followers', 'direct'] as const)('does not carry a note for %s further', async (visibility) => {
    const { note } = await post(server, alice, { visibility })
    await expect(boostNote(server.app, alice.accountId, note.id, 'public')).rejects.toMatchObject({
      kind: 'forbidden',
    })
  })
})

it('loads a page in as many queries as a single note', async () => {
  await followAccount(server.app, bob.accountId, alice.accountId)
  const ids: string[] = []
  for (let count = 0; count < 20; count++)
    ids.push((await post(server, alice, { text: `No ${count} @bob #many` })).note.id)
  const countQueries = async (some: string[]) => {
    let queries = 0
    const counting = server.app.db.withPlugin({
      transformQuery: ({ node }) => {
        queries++
        return node
      },
      transformResult: async ({ result }) => result,
    })
    expect(await loadNoteViews(counting, some, bob.accountId)).toHaveLength(some.length)
    return queries
  }
  expect(await countQueries(ids)).toBe(await countQueries(ids.slice(0, 1)))
})
