import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findNoteRow, insertNote, markNoteDeleted, type Note } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { boostNote } from '#src/notes/boost.ts'
import { bookmarkNote, likeNote } from '#src/notes/like.ts'
import { countWritten, spreadNotes } from '#src/notes/store.ts'
import { pruneAccounts, pruneOldRows, pruneRemoteNotes } from '#src/policies/prune.ts'
import { changeRetention, readRetention } from '#src/policies/retention.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
let remoteId: Id
let made = 0

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
})
beforeEach(async () => {
  remoteId = await remotePerson()
})
afterAll(() => server.close())

async function remotePerson(): Promise<Id> {
  made += 1
  const uri = `https://far.example/users/r${made}`
  const row = await server.app.db
    .insertInto('accounts')
    .values({ username: `r${made}`, domain: 'far.example', uri, url: uri, inbox_uri: `${uri}/inbox` })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

/** As it comes from another server, counted and spread. */
async function remoteNote(values: Partial<Note> = {}, mentionedIds: Id[] = []): Promise<Note> {
  made += 1
  const uri = `https://far.example/notes/${made}`
  return server.app.db.transaction().execute(async (trx) => {
    const { emojis: _emojis, ...given } = values
    const note = await insertNote(trx, {
      uri,
      url: uri,
      account_id: remoteId,
      is_local: false,
      conversation_uri: uri,
      visibility: 'public',
      content_html: '<p>Hello</p>',
      ...given,
    })
    if (!note) throw new Error('The note was not stored')
    for (const account_id of mentionedIds) {
      await trx.insertInto('mentions').values({ note_id: note.id, account_id }).execute()
    }
    await countWritten(trx, [note])
    await spreadNotes(trx, [{ note, mentionedIds }])
    return note
  })
}

const answering = (note: Note): Partial<Note> => ({ in_reply_to_id: note.id, in_reply_to_uri: note.uri })

const keeper = (days: number) => ({
  ...server.app,
  clock: { now: () => new Date(Date.now() + days * 24 * 3_600_000) },
})

async function left(...notes: Note[]): Promise<boolean[]> {
  const rows = await Promise.all(notes.map((note) => findNoteRow(server.app.db, note.id)))
  return rows.map((row) => row !== undefined)
}

describe('notes of other servers', () => {
  it('go after their time, and not before', async () => {
    const note = await remoteNote()
    await pruneRemoteNotes(keeper(89))
    expect(await left(note)).toEqual([true])
    await pruneRemoteNotes(keeper(91))
    expect(await left(note)).toEqual([false])
  })

  it('stay when they came lately, however old they are', async () => {
    const note = await remoteNote({ published_at: new Date('2019-01-01') })
    await pruneRemoteNotes(keeper(1))
    expect(await left(note)).toEqual([true])
  })

  const touches: [string, (note: Note) => Promise<unknown>][] = [
    ['likes', (note) => likeNote(server.app, alice.accountId, note.id)],
    ['boosts', (note) => boostNote(server.app, alice.accountId, note.id, 'public')],
    ['bookmarks', (note) => bookmarkNote(server.app, alice.accountId, note.id)],
    ['answers', (note) => post(server, alice, { inReplyToId: note.id })],
    [
      'reacts to',
      ({ id }) =>
        server.app.db
          .insertInto('reactions')
          .values({ account_id: alice.accountId, note_id: id, name: '🎨', uri: `${server.url}/r/${id}` })
          .execute(),
    ],
    [
      'quotes',
      async ({ id, uri }) => {
        const { note } = await post(server, alice)
        const quote = { quote_of_id: id, quote_of_uri: uri, quote_state: 'accepted' as const }
        await server.app.db.updateTable('notes').set(quote).where('id', '=', note.id).execute()
      },
    ],
    [
      'remixed',
      async ({ id, uri }) => {
        const { note } = await post(server, alice)
        const remix = { remix_of_id: id, remix_of_uri: uri }
        await server.app.db.updateTable('notes').set(remix).where('id', '=', note.id).execute()
      },
    ],
    [
      'voted in',
      async ({ id: note_id }) => {
        const { db } = server.app
        await db.insertInto('polls').values({ note_id, is_multiple: false }).execute()
        await db.insertInto('poll_options').values({ note_id, position: 0, title: 'Yes' }).execute()
        await db
          .insertInto('poll_votes')
          .values({ note_id, position: 0, account_id: alice.accountId })
          .execute()
      },
    ],
    [
      'has before her in a report',
      ({ id, account_id: target_id, uri }) =>
        server.app.db
          .insertInto('reports')
          .values({ account_id: alice.accountId, target_id, uri: `${uri}/report`, note_ids: [id] })
          .execute(),
    ],
  ]
  it.each(touches)('stay when somebody here %s them, with all they answer', async (_word, touch) => {
    const root = await remoteNote()
    const middle = await remoteNote(answering(root))
    const touched = await remoteNote(answering(middle))
    const beside = await remoteNote(answering(root))
    await touch(touched)
    await pruneRemoteNotes(keeper(400))
    expect(await left(root, middle, touched, beside)).toEqual([true, true, true, false])
  })

  it('stay when they speak to somebody here, are pinned, or answer or boost what was written here', async () => {
    const { note } = await post(server, alice)
    const mention = await remoteNote({}, [alice.accountId])
    const answer = await remoteNote(answering(note))
    const boost = await remoteNote({ boost_of_id: note.id })
    const pinned = await remoteNote()
    await server.app.db.insertInto('pins').values({ account_id: remoteId, note_id: pinned.id }).execute()
    await pruneRemoteNotes(keeper(400))
    expect(await left(mention, answer, boost, pinned)).toEqual([true, true, true, true])
  })

  it('stay longer when somebody here follows who wrote them', async () => {
    const note = await remoteNote()
    await server.app.db
      .insertInto('follows')
      .values({
        follower_id: alice.accountId,
        followee_id: remoteId,
        uri: `${note.uri}/f`,
        state: 'accepted',
      })
      .execute()
    await pruneRemoteNotes(keeper(170))
    expect(await left(note)).toEqual([true])
    await pruneRemoteNotes(keeper(190))
    expect(await left(note)).toEqual([false])
  })

  it('go with a thread of a hundred answers and all boosts, media and tombstones in one pass', async () => {
    const thread = [await remoteNote()]
    for (let depth = 0; depth < 100; depth += 1) {
      thread.push(await remoteNote(answering(thread.at(-1) ?? (await remoteNote()))))
    }
    const [root] = thread
    if (!root) throw new Error('There is a root')
    const boost = await remoteNote({ boost_of_id: root.id })
    const tombstone = await remoteNote()
    await server.app.db.transaction().execute((trx) => markNoteDeleted(trx, tombstone.id))
    await server.app.db
      .insertInto('media')
      .values({
        account_id: remoteId,
        note_id: root.id,
        media_type: 'image/png',
        remote_url: 'https://far.example/1',
      })
      .execute()
    await likeOf(root)
    await pruneRemoteNotes(keeper(400))
    expect(await left(...thread, boost, tombstone)).toEqual(Array(103).fill(false))
    const media = await server.app.db
      .selectFrom('media')
      .select('id')
      .where('account_id', '=', remoteId)
      .execute()
    expect(media).toEqual([])
  })

  it('are counted no longer by what they answered, boosted and quoted', async () => {
    const root = await remoteNote()
    await likeNote(server.app, alice.accountId, root.id)
    await remoteNote(answering(root))
    await remoteNote({ boost_of_id: root.id })
    const kept = await remoteNote(answering(root))
    await likeNote(server.app, alice.accountId, kept.id)
    expect(await findNoteRow(server.app.db, root.id)).toMatchObject({ replies_count: 2, boosts_count: 1 })
    await pruneRemoteNotes(keeper(400))
    expect(await findNoteRow(server.app.db, root.id)).toMatchObject({
      replies_count: 1,
      boosts_count: 0,
      likes_count: 1,
    })
  })

  it('of this server never go, nor their tombstones', async () => {
    const { note } = await post(server, alice)
    const gone = await post(server, alice)
    await server.app.db.transaction().execute((trx) => markNoteDeleted(trx, gone.note.id))
    await pruneRemoteNotes(keeper(4_000))
    expect(await left(note, gone.note)).toEqual([true, true])
  })

  it('are left alone while somebody is at them, and where nothing is to go', async () => {
    const note = await remoteNote()
    await server.app.db.transaction().execute(async (trx) => {
      await trx.selectFrom('notes').select('id').where('id', '=', note.id).forNoKeyUpdate().execute()
      await pruneRemoteNotes(keeper(400))
    })
    expect(await left(note)).toEqual([true])
    expect(await pruneRemoteNotes(keeper(400), AbortSignal.abort())).toBe(0)
    await changeRetention(server.app, null, { remoteNotesDays: 0 })
    expect(await pruneRemoteNotes(keeper(4_000))).toBe(0)
    await changeRetention(server.app, null, { remoteNotesDays: 90 })
    expect(await pruneRemoteNotes(keeper(400))).toBe(1)
  })

  it('can be deleted without reading whole tables', async () => {
    const { rows } = await sql<{ reference: string }>`
      select constraints.conrelid::regclass || '.' || columns.attname as reference
      from pg_constraint as constraints
      join pg_attribute as columns on columns.attrelid = conrelid and columns.attnum = conkey[1]
      where contype = 'f' and confrelid in ('notes'::regclass, 'polls'::regclass, 'preview_cards'::regclass)
        and not exists (select from pg_index where indrelid = conrelid and indkey[0] = conkey[1])
    `.execute(server.app.db)
    expect(rows).toEqual([])
  })

  it('are found by an index', async () => {
    const explained = await server.app.db.transaction().execute(async (trx) => {
      await sql`set local enable_seqscan = off`.execute(trx)
      return sql<{
        'QUERY PLAN': string
      }>`explain select id from notes where not is_local and stored_at < now()
        order by stored_at desc, id desc limit 500`.execute(trx)
    })
    expect(explained.rows.map((row) => row['QUERY PLAN']).join()).toContain('notes_remote_by_age')
  })
})

async function likeOf(note: Note): Promise<void> {
  const account_id = await remotePerson()
  await server.app.db
    .insertInto('likes')
    .values({ account_id, note_id: note.id, uri: `${note.uri}/like` })
    .execute()
}

describe('people of other servers', () => {
  it('go when nothing here has to do with them, and stay otherwise', async () => {
    const { note } = await post(server, alice)
    const isThere = async (id: Id) =>
      (await server.app.db.selectFrom('accounts').select('id').where('id', '=', id).execute()).length === 1
    const nobody = remoteId
    const [writer, liker, followed, suspended] = [
      await remotePerson(),
      await remotePerson(),
      await remotePerson(),
      await remotePerson(),
    ]
    await remoteNote({ account_id: writer })
    await server.app.db
      .insertInto('likes')
      .values({ account_id: liker, note_id: note.id, uri: `${note.uri}/l` })
      .execute()
    await server.app.db
      .insertInto('follows')
      .values({
        follower_id: alice.accountId,
        followee_id: followed,
        uri: `${note.uri}/f2`,
        state: 'accepted',
      })
      .execute()
    await server.app.db
      .updateTable('accounts')
      .set({ suspended_at: new Date() })
      .where('id', '=', suspended)
      .execute()
    await pruneAccounts(keeper(170))
    expect(await isThere(nobody)).toBe(true)
    await pruneAccounts(keeper(190))
    expect(
      await Promise.all([nobody, writer, liker, followed, suspended, alice.accountId].map(isThere)),
    ).toEqual([false, true, true, true, true, true])
  })
})

describe('old rows', () => {
  it('go after their time: notifications, cards in no note, dead jobs', async () => {
    const { db } = server.app
    await remoteNote({}, [alice.accountId])
    const { note } = await post(server, alice)
    const cards = await db
      .insertInto('preview_cards')
      .values(['shown', 'unused'].map((name) => ({ url: `https://far.example/${name}` })))
      .returning('id')
      .execute()
    await db
      .updateTable('notes')
      .set({ preview_card_id: cards[0]?.id ?? null })
      .where('id', '=', note.id)
      .execute()
    const now = new Date()
    const dead = { name: 'paint', lane: 'paint', payload: '{}', attempts: 1, error: 'x', created_at: now }
    await db
      .insertInto('dead_jobs')
      .values({ id: '9000001', ...dead })
      .execute()
    const counts = async () => ({
      notifications: (await db.selectFrom('notifications').select('id').execute()).length > 0,
      cards: (await db.selectFrom('preview_cards').select('url').execute()).map(({ url }) => url),
      dead: (await db.selectFrom('dead_jobs').select('id').execute()).length,
    })
    await pruneOldRows(keeper(29))
    expect(await counts()).toMatchObject({ notifications: true, dead: 1 })
    await pruneOldRows(keeper(190))
    expect(await counts()).toEqual({ notifications: false, cards: ['https://far.example/shown'], dead: 0 })
  })
})

describe('what is decided', () => {
  it('is kept with who decided it, and nothing else than numbers that make sense', async () => {
    expect(await readRetention(server.app.db)).toMatchObject({ remoteNotesDays: 90, remoteMediaMb: 5_120 })
    await changeRetention(server.app, alice.accountId, { accountsDays: 30 })
    expect(await readRetention(server.app.db)).toMatchObject({ remoteNotesDays: 90, accountsDays: 30 })
    for (const wrong of [
      { accountsDays: -1 },
      { accountsDays: 1.5 },
      { remoteMediaMb: 0 },
      { cardsDays: 1e9 },
    ]) {
      await expect(changeRetention(server.app, null, wrong)).rejects.toMatchObject({
        kind: 'invalid',
        code: Object.keys(wrong)[0],
      })
    }
    const entry = await server.app.db
      .selectFrom('audit_log')
      .select(['actor_account_id', 'detail'])
      .where('action', '=', 'retention.change')
      .orderBy('id', 'desc')
      .executeTakeFirst()
    expect(entry).toMatchObject({ actor_account_id: alice.accountId, detail: { accountsDays: 30 } })
  })

  it('is done by itself, by jobs that run once a day', async () => {
    const note = await remoteNote()
    server.clock.advance(100 * 24 * 3_600_000)
    await expect
      .poll(async () => {
        await server.settle()
        return left(note)
      })
      .toEqual([false])
  })
})
