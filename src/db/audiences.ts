import { type Expression, type Kysely, type RawBuilder, sql } from 'kysely'
import type { DeliveryTarget } from './deliveries.ts'
import type { Note } from './notes.ts'
import { namesAbove } from './refusals.ts'
import type { Database, Id } from './tables.ts'
import { isForEveryone, rowByRow } from './visibility.ts'

// Who has to hear of something, as queries that are read page by page.

type Targets = Expression<DeliveryTarget>

/** A server with many readers is named by a few of them: enough to tell whom a refusal concerned. */
const namedActors = 10

const isInUse = (inbox: RawBuilder<unknown>) => sql`not exists (
  select from retired_inboxes as retired where retired.inbox = ${inbox} and retired.retired_at is not null)`

/** Looks up the few names that a block could have, however many blocks there are. */
const isOfBlockedServer = sql`exists (
  select from domain_blocks
  where domain_blocks.domain = any(${namesAbove(sql.ref('accounts.domain'))}))`

/** A shared inbox stands for all who have it, unless it is gone: then each has their own. */
const withSharedInbox = sql`
  left join lateral (select shared_inbox_uri as inbox where ${isInUse(sql`shared_inbox_uri`)}) as shared on true`

/** Whether an account is to be told anything: remote, still there, and on no server that is blocked. */
const isReachable = sql<boolean>`domain is not null and deleted_at is null
  and (shared.inbox is not null or ${isInUse(sql`inbox_uri`)})
  and not ${isOfBlockedServer}`

/** These accounts, looked up one by one: else all that are remote may be read to find the few. */
const accountsAmong = (accountIds: RawBuilder<unknown>) => sql`
  (${accountIds}) as told (account_id)
  cross join lateral (
    select * from accounts as one where one.id = told.account_id offset ${rowByRow}
  ) as accounts ${withSharedInbox}`

/** One row per inbox for those among these accounts who are to be told. */
function inboxesOf(accountIds: RawBuilder<unknown>): Targets {
  return sql<DeliveryTarget>`
    select coalesce(shared.inbox, inbox_uri) as inbox, bool_or(shared.inbox is not null) as is_shared,
      (array_agg(distinct uri))[1:${sql.lit(namedActors)}] as actor_ids
    from ${accountsAmong(accountIds)}
    where ${isReachable}
    group by 1`
}

/** Whether `inboxesOf` has any row; knows as soon as it met one. */
async function hasInbox(db: Kysely<Database>, accountIds: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from ${accountsAmong(accountIds)} where ${isReachable}) as found`.execute(db)
  return rows[0]?.found ?? false
}

/** For what concerns a single person, such as an answer to their follow: their own inbox. */
export function personalInbox(accountId: Id): Targets {
  return sql<DeliveryTarget>`
    select inbox_uri as inbox, false as is_shared, array[uri] as actor_ids
    from accounts
    where id = ${accountId} and domain is not null and deleted_at is null and ${isInUse(sql`inbox_uri`)}
      and not ${isOfBlockedServer}`
}

const followersOf = (accountId: Id) => sql`
  select follower_id from follows where followee_id = ${accountId} and state = 'accepted'`

export function followerInboxes(accountId: Id): Targets {
  return inboxesOf(followersOf(accountId))
}

/** Followers, whom it mentions and, as far as everyone may read it, whom it answers or quotes; nobody blocked. */
export function noteInboxes(note: Note): Targets {
  return inboxesOf(withoutBlocked(note, readersOf(note)))
}

/** Whether a note has `noteInboxes`: one that nobody elsewhere gets needs no job. */
export function hasNoteInbox(db: Kysely<Database>, note: Note): Promise<boolean> {
  return hasInbox(db, withoutBlocked(note, readersOf(note)))
}

/** As `noteInboxes`, and those who liked, boosted, answered, voted in or reacted to it: they hold copies to change. */
export function changedNoteInboxes(note: Note): Targets {
  if (!isForEveryone(note)) return noteInboxes(note)
  return inboxesOf(withoutBlocked(note, sql`${readersOf(note)} union ${holdersOf(note.id)}`))
}

/** As `changedNoteInboxes` whoever may read it now: whoever has a copy must hear that it is to go. */
export function deletedNoteInboxes(note: Note): Targets {
  return inboxesOf(sql`${readersOf(note)} union ${holdersOf(note.id)}`)
}

/** The booster's followers and the boosted author. */
export function boostInboxes(boost: Note, boostedAuthorId: Id): Targets {
  return inboxesOf(hearersOf(boost, boostedAuthorId))
}

/** Whether a boost has `boostInboxes`. */
export function hasBoostInbox(db: Kysely<Database>, boost: Note, boostedAuthorId: Id): Promise<boolean> {
  return hasInbox(db, hearersOf(boost, boostedAuthorId))
}

const hearersOf = (boost: Note, boostedAuthorId: Id) => sql`
  ${followersOf(boost.account_id)} union all select ${boostedAuthorId}::bigint`

/** Who quotes a note, and whoever may have seen the one note or the other. */
export function quoteWitnesses(quote: { quoted: Note; quoterId: Id; quotingId: Id | null }): Targets {
  const { quoted, quoterId, quotingId } = quote
  const ofQuoting = quotingId === null ? sql`select null::bigint` : holdersOf(quotingId)
  return inboxesOf(
    sql`${readersOf(quoted)} union ${holdersOf(quoted.id)} union select ${quoterId}::bigint union ${ofQuoting}`,
  )
}

/** Every server that is known here: whoever saw an account must hear that it is gone. */
export function everyInbox(): Targets {
  return inboxesOf(sql`select id from accounts where domain is not null`)
}

function readersOf(note: Note): RawBuilder<unknown> {
  const parts = [sql`select account_id from mentions where note_id = ${note.id}`]
  if (note.visibility !== 'direct') parts.push(followersOf(note.account_id))
  if (isForEveryone(note) && note.in_reply_to_account_id !== null)
    parts.push(sql`select ${note.in_reply_to_account_id}::bigint`)
  if (isForEveryone(note) && note.quote_of_id !== null)
    parts.push(sql`select account_id from notes where id = ${note.quote_of_id}`)
  return sql.join(parts, sql` union all `)
}

/** Whom its author blocks is not told what it says. */
const withoutBlocked = (note: Note, accountIds: RawBuilder<unknown>) => sql`
  select reader.account_id from (${accountIds}) as reader
  where not exists (
    select from blocks where blocks.account_id = ${note.account_id} and blocks.target_id = reader.account_id)`

const holdersOf = (noteId: Id) => sql`
  select account_id from likes where note_id = ${noteId}
  union select account_id from reactions where note_id = ${noteId}
  union select account_id from notes where boost_of_id = ${noteId}
  union select account_id from poll_votes where note_id = ${noteId}
  union select account_id from notes where in_reply_to_id = ${noteId}
  union select account_id from notes where quote_of_id = ${noteId}
  union select account_id from notes where remix_of_id = ${noteId}`
