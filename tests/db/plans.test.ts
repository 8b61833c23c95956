import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Connection, connect } from '#src/db/connect.ts'
import { listConversations } from '#src/db/conversations.ts'
import { listDirectory, listSuggestions } from '#src/db/discovery.ts'
import { listLivingFilters } from '#src/db/filters.ts'
import { listVisibleNotes } from '#src/db/listed-notes.ts'
import { literalLimits } from '#src/db/literal-limits.ts'
import { listGroupHeads } from '#src/db/notification-groups.ts'
import { listNotifications } from '#src/db/notification-lists.ts'
import { listNotificationRequests } from '#src/db/notification-requests.ts'
import { listStreamedDeletions, listStreamedNotes, listTies } from '#src/db/streams.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { listTagged } from '#src/db/tagged-notes.ts'
import {
  listAncestorIds,
  listBookmarked,
  listDescendantIds,
  listDirect,
  listHome,
  listInList,
  listLiked,
  listLinking,
  listNotesOf,
  listPublic,
  listWanted,
} from '#src/db/timelines.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'

// What a page costs must not grow with what is held: no step of any plan may see many more rows than the page shows.

const notesHeld = 20_000
const page = { limit: 20 }
const all = { origin: 'all', onlyMedia: false } as const
const everything = { onlyMedia: false, excludeReplies: false, excludeBoosts: false }

let database: TestDatabase
let own: Connection
let reader: Id
let author: Id
let middle: Id
let midway: Id
let root: Id
let rootAuthor: Id
let leaf: Id
let list: Id
let newcomer: Id
let card: Id
let buried: Id

beforeAll(async () => {
  database = await createTestDatabase()
  own = connect(database.url, { maxConnections: 1 })
  await seed()
  const { db } = own
  const find = async (query: ReturnType<typeof sql<{ id: Id }>>) =>
    (await query.execute(db)).rows[0]?.id ?? ''
  reader = await find(sql`select id from accounts where username = 'reader'`)
  author = await find(sql`select id from accounts where username = 'p1'`)
  middle = await find(sql`select note_id as id from home_entries order by note_id desc offset 400 limit 1`)
  midway = await find(
    sql`select id from notifications where account_id = ${reader} order by id offset 500 limit 1`,
  )
  leaf = await find(
    sql`select id from notes where in_reply_to_id is not null order by id desc offset 100 limit 1`,
  )
  list = await find(sql`select id from lists`)
  newcomer = await find(sql`select id from accounts where username = 'newcomer'`)
  card = await find(sql`select id from preview_cards`)
  buried = await find(
    sql`update notes set deleted_at = now() where uri = 'https://p.example/n/11' returning id`,
  )
  root = await find(sql`select in_reply_to_id as id from notes where id = ${leaf}`)
  rootAuthor = await find(sql`select account_id as id from notes where id = ${root}`)
}, 120_000)
afterAll(async () => {
  await own.close()
  await database.destroy()
})

async function seed(): Promise<void> {
  for (const statement of [
    sql`insert into accounts (username, domain, uri, url, inbox_uri)
      select 'p' || i, 'p.example', 'https://p.example/' || i, 'https://p.example/' || i, 'https://p.example/inbox'
      from generate_series(1, 200) as i`,
    sql`insert into accounts (username, uri, url, inbox_uri)
      values ('reader', 'https://here.example/1', 'https://here.example/1', 'https://here.example/inbox')`,
    sql`insert into tags (name) values ('sea'), ('land')`,
    sql`insert into notes (uri, url, account_id, is_local, conversation_uri, visibility, content_html)
      select 'https://p.example/n/' || i, 'https://p.example/n/' || i, people.ids[1 + i % 200], false, 'c' || i,
        case when i % 10 = 0 then 'followers' else 'public' end, '<p>Hello</p>'
      from generate_series(1, ${sql.lit(notesHeld)}) as i,
        (select array_agg(id) as ids from accounts where domain is not null) as people`,
    sql`update notes set in_reply_to_id = parent.id, in_reply_to_uri = parent.uri
      from (select id, uri, lead(id) over (order by id) as next from notes where id % 3 = 0) as parent
      where notes.id = parent.next and notes.id % 5 = 0`,
    sql`insert into note_tags select notes.id, tags.id from notes, tags`,
    sql`insert into mentions select notes.id, accounts.id from notes, accounts where username = 'p7' and notes.id % 4 = 0`,
    sql`insert into media (account_id, note_id, media_type, remote_url)
      select account_id, id, 'image/png', uri || '.png' from notes where id % 2 = 0`,
    sql`insert into follows (follower_id, followee_id, uri, state)
      select me.id, other.id, 'f' || other.id, 'accepted' from accounts as me, accounts as other
      where me.username = 'reader' and other.domain is not null`,
    sql`insert into home_entries (account_id, note_id, author_id)
      select me.id, notes.id, notes.account_id from accounts as me, notes where me.username = 'reader'`,
    sql`insert into lists (account_id, title) select id, 'all' from accounts where username = 'reader'`,
    sql`insert into list_accounts select lists.id, followee_id, follows.id from lists, follows`,
    sql`insert into list_entries (list_id, note_id, author_id) select lists.id, notes.id, notes.account_id from lists, notes`,
    sql`insert into conversations (account_id, conversation_uri, participant_ids, last_note_id, is_unread)
      select me.id, notes.conversation_uri, array[notes.account_id], notes.id, true
      from accounts as me, notes where me.username = 'reader'`,
    sql`insert into conversation_entries (account_id, note_id, conversation_id)
      select account_id, last_note_id, id from conversations`,
    sql`insert into likes (account_id, note_id, uri)
      select me.id, notes.id, 'l' || notes.id from accounts as me, notes where me.username = 'reader' and notes.id % 2 = 0`,
    sql`insert into bookmarks (account_id, note_id)
      select me.id, notes.id from accounts as me, notes where me.username = 'reader' and notes.id % 2 = 0`,
    sql`insert into notes (uri, url, account_id, is_local, conversation_uri, visibility, boost_of_id)
      select 'https://here.example/b/' || notes.id, '', me.id, true, 'b' || notes.id, 'public', notes.id
      from accounts as me, notes where me.username = 'reader' and notes.id % 7 = 0`,
    sql`insert into notifications (account_id, kind, from_account_id, note_id, is_filtered, group_key)
      select people.ids[1 + n % 10], 'like', by_id, note_id, n % 3 = 0,
        case when n % 3 > 0 then 'like-' || n / 40 || '-1' end
      from (select account_id as by_id, id as note_id, row_number() over (order by id) as n from notes) as liked,
        (select array_agg(id order by id desc) as ids from accounts) as people
      order by n`,
    sql`insert into notifications (account_id, kind, from_account_id, note_id, is_filtered)
      select me.id, 'mention', notes.account_id, notes.id, true from accounts as me,
        (select account_id, id, row_number() over (order by id) as n from notes) as notes
      where me.username = 'reader' and notes.n % 97 < 3`,
    sql`insert into notification_requests (account_id, from_account_id)
      select me.id, other.id from accounts as me, accounts as other
      where me.username = 'reader' and other.domain is not null`,
    sql`insert into filters (account_id, title, contexts)
      select id, 'f', '{home}' from accounts, generate_series(1, 20) as i`,
    sql`insert into filter_keywords (filter_id, keyword) select id, 'sea' from filters`,
    sql`insert into filter_notes (filter_id, note_id)
      select filters.id, notes.id from filters, notes where notes.id % 500 = 0`,
    sql`insert into preview_cards (url, state) values ('https://page.example/', 'found')`,
    sql`insert into notes (uri, url, account_id, is_local, conversation_uri, visibility, preview_card_id)
      select 'https://p.example/c/' || i, '', accounts.id, false, 'card ' || i, 'public', preview_cards.id
      from generate_series(1, 60) as i, accounts, preview_cards where username = 'p9'`,
    sql`insert into accounts (username, uri, url, inbox_uri)
      values ('newcomer', 'https://here.example/2', 'https://here.example/2', 'https://here.example/inbox')`,
    sql`insert into follows (follower_id, followee_id, uri, state)
      select one.id, other.id, one.id || ' ' || other.id, 'accepted' from accounts as one, accounts as other
      where one.username in ('newcomer', 'p11', 'p12', 'p13') and other.domain is not null and one.id <> other.id
        and (one.domain is not null or other.username in ('p11', 'p12', 'p13'))`,
    sql`analyze`,
  ])
    await statement.execute(own.db)
}

type Plan = {
  Plans?: Plan[]
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
}

/** The most rows that one step of the plans of these statements reads. */
async function mostRowsOf(list: (db: Connection['db']) => Promise<unknown>): Promise<number> {
  const asked: CompiledQuery[] = []
  const log = ({ query }: { query: CompiledQuery }) => {
    asked.push(query)
  }
  const dialect = new PostgresDialect({ pool: own.pool })
  await list(new Kysely<Database>({ dialect, log, plugins: [literalLimits] }))
  let most = 0
  for (const { sql: text, parameters } of asked) {
    const explained = CompiledQuery.raw(`explain (analyze, format json) ${text}`, [...parameters])
    const { rows } = await own.db.executeQuery<{ 'QUERY PLAN': { Plan: Plan }[] }>(explained)
    for (const { Plan: plan } of rows[0]?.['QUERY PLAN'] ?? []) most = Math.max(most, mostRowsIn(plan))
  }
  return most
}

function mostRowsIn(plan: Plan): number {
  const seen = (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops']
  return Math.max(seen, ...(plan.Plans ?? []).map(mostRowsIn))
}

const feeds = () => ({ listenerIds: [reader, author], listIds: [list] })

const lists: Record<string, (db: Connection['db']) => Promise<unknown[]>> = {
  home: (db) => listHome(db, reader, page),
  'home, further down': (db) => listHome(db, reader, { ...page, maxId: middle }),
  'home, what is new': (db) => listHome(db, reader, { ...page, minId: middle }),
  public: (db) => listPublic(db, reader, page, all),
  'public, further down': (db) => listPublic(db, reader, { ...page, maxId: middle }, all),
  'public, for a stranger': (db) => listPublic(db, null, page, all),
  'public, with pictures': (db) => listPublic(db, reader, page, { ...all, onlyMedia: true }),
  list: (db) => listInList(db, list, reader, page),
  'list, further down': (db) => listInList(db, list, reader, { ...page, maxId: middle }),
  tag: (db) => listTagged(db, { any: ['sea'], all: [], none: [] }, reader, page, all),
  'one of two tags': (db) => listTagged(db, { any: ['sea', 'land'], all: [], none: [] }, reader, page, all),
  'two tags, but not a third': (db) =>
    listTagged(db, { any: ['sea'], all: ['land'], none: ['sky'] }, reader, page, all),
  account: (db) => listNotesOf(db, author, reader, page, everything),
  bookmarks: (db) => listBookmarked(db, reader, page),
  favourites: (db) => listLiked(db, reader, page),
  'what is said of a page': (db) => listLinking(db, card, reader, page),
  conversations: (db) => listConversations(db, reader, page),
  'what was written directly': (db) => listDirect(db, reader, page),
  notifications: (db) => listNotifications(db, reader, page),
  'notifications, grouped': (db) => listGroupHeads(db, reader, page),
  'notifications, grouped, further down': (db) => listGroupHeads(db, reader, { ...page, maxId: midway }),
  'notifications, with what is held': (db) => listNotifications(db, reader, page, { includesHeld: true }),
  'requests of notifications': (db) => listNotificationRequests(db, reader, page),
  'notifications of one account': (db) => listNotifications(db, reader, page, { fromAccountId: author }),
  'what a note answers': (db) => listAncestorIds(db, leaf, reader),
  'what answers a note': (db) => listDescendantIds(db, root, reader),
  'filters that notes may meet': (db) => listLivingFilters(db, reader, [root, leaf]),
  'what is told of a note': (db) => listStreamedNotes(db, [root], feeds()),
  'what is told of a tombstone': (db) => listStreamedDeletions(db, [buried], feeds()),
  'how people stand to a note': (db) => listTies(db, { ids: [root], areNew: false }, [reader, rootAuthor]),
  'a note that somebody wants': (db) => listWanted(db, [root], reader),
  'one note': (db) => listVisibleNotes(db, [root], reader),
}

const directory = { order: 'active', isLocal: false, limit: 20, offset: 0 } as const
const few = [
  'one note',
  'what a note answers',
  'what answers a note',
  'what is told of a note',
  'what is told of a tombstone',
  'how people stand to a note',
  'a note that somebody wants',
]

it.each(Object.keys(lists))('%s reads no more rows than it shows, but for a few', async (name) => {
  const list = lists[name]
  if (!list) throw new Error('There is such a list')
  expect((await list(own.db)).length).toBeGreaterThanOrEqual(few.includes(name) ? 1 : 20)
  const most = await mostRowsOf(list)
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(120)
})

it.each([
  ['the directory', (db: Connection['db']) => listDirectory(db, reader, directory)],
  ['suggestions', (db: Connection['db']) => listSuggestions(db, newcomer, 20)],
])('%s look at a part of what is held', async (_, list) => {
  expect((await list(own.db)).length).toBeGreaterThan(0)
  expect(await mostRowsOf(list)).toBeLessThanOrEqual(notesHeld / 4)
})

it('would notice a list that reads all there is', async () => {
  const most = await mostRowsOf(async (db) =>
    db.executeQuery(CompiledQuery.raw('select id from notes order by content_html limit 20')),
  )
  expect(most).toBeGreaterThanOrEqual(notesHeld)
})
