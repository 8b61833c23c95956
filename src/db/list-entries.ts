import { type Kysely, type RawBuilder, type SqlBool, sql, type Transaction } from 'kysely'
import { anyOf } from './ids.ts'
import type { Database, Id } from './tables.ts'

// What stands in the feeds of lists, written as home feeds are: reading a page is a scan of one index, however many
// are on a list and however much they write.

type Expr = RawBuilder<unknown>

/** How much of a list's feed is kept: as much as of a home feed. */
const feedLength = 800
/** How much of someone joins a list with them. */
const backfilled = 40

/**
 * Whether what stands in `note` belongs into the list in `lists`, whose owner follows its author by `follows`: no
 * answers to others but those its owner wants in it.
 */
const belongs = sql<SqlBool>`(
  note.visibility <> 'direct'
  and (note.account_id = lists.account_id
    or (follows.state = 'accepted' and (note.boost_of_id is null or follows.show_boosts)))
  and (
    note.in_reply_to_uri is null
    or note.in_reply_to_account_id in (note.account_id, lists.account_id)
    or (lists.replies_policy = 'followed' and exists (
      select from follows as parent
      where parent.follower_id = lists.account_id and parent.followee_id = note.in_reply_to_account_id
        and parent.state = 'accepted'))
    or (lists.replies_policy = 'list' and exists (
      select from list_accounts as parent
      where parent.list_id = lists.id and parent.account_id = note.in_reply_to_account_id))
  ))`

/**
 * Puts notes into lists, as part of the statement that puts them into home feeds: of the notes in `note`, for nobody
 * who refuses them by `refusal`. A list that is being deleted is waited for, and then left out.
 * @param boostFalloff among how many newest entries what is boosted must not stand already
 */
export const listInsertion = (boostFalloff: number) => sql`
  insert into list_entries (list_id, note_id, author_id, boost_of_id)
  select list.id, note.id, note.account_id, note.boost_of_id
  from note
  cross join lateral (
    select lists.id, lists.account_id
    from list_accounts as member
    join lists on lists.id = member.list_id
    left join follows on follows.id = member.follow_id
    where member.account_id = note.account_id and ${belongs}
    for key share of lists
  ) as list
  where not exists (
      select from refusal where refusal.note_id = note.id and refusal.reader_id = list.account_id)
    and (note.boost_of_id is null or not exists (
      select from (
        select list_entries.note_id, list_entries.boost_of_id
        from list_entries
        where list_entries.list_id = list.id
        order by list_entries.note_id desc
        limit ${sql.lit(boostFalloff)}
      ) as recent
      where note.boost_of_id in (recent.note_id, recent.boost_of_id)
    ))
  on conflict do nothing`

/** Whose notes whom are kept from, since they are on an exclusive list of theirs; of the authors in `note`. */
export const exclusions = sql`
  select note.id as note_id, lists.account_id as reader_id
  from note
  join list_accounts as member on member.account_id = note.account_id
  join lists on lists.id = member.list_id
  where lists.is_exclusive and lists.account_id <> note.account_id`

/** Whether someone is on an exclusive list of a reader's, so that nothing of theirs stands in the home feed. */
export const isExclusive = (reader: Expr, author: Expr): RawBuilder<SqlBool> => sql`exists (
  select from lists join list_accounts as member on member.list_id = lists.id
  where lists.account_id = ${reader} and lists.is_exclusive
    and member.account_id = ${author} and ${author} <> ${reader})`

/** The last notes of these members join a list. */
export async function fillList(trx: Transaction<Database>, listId: Id, memberIds: Id[]): Promise<void> {
  await fill(trx, sql`lists.id = ${listId} and member.account_id = ${anyOf(memberIds)}`)
}

/** The last notes of someone join the lists that they are on: of one owner, or of everyone who follows them. */
export async function fillListsWith(
  trx: Transaction<Database>,
  memberId: Id,
  ownerId: Id | null,
): Promise<void> {
  const owner = sql`(${ownerId}::bigint is null or lists.account_id = ${ownerId})`
  await fill(trx, sql`member.account_id = ${memberId} and ${owner}`)
}

/** Begins a list's feed anew from the last notes of all its members, after what it shows of them has changed. */
export async function refillList(trx: Transaction<Database>, listId: Id): Promise<void> {
  await trx.deleteFrom('list_entries').where('list_id', '=', listId).execute()
  await fill(trx, sql`lists.id = ${listId}`)
}

async function fill(trx: Transaction<Database>, which: Expr): Promise<void> {
  await sql`
    insert into list_entries (list_id, note_id, author_id, boost_of_id)
    select lists.id, note.id, note.account_id, note.boost_of_id
    from lists
    join list_accounts as member on member.list_id = lists.id
    left join follows on follows.id = member.follow_id
    cross join lateral (
      select * from notes
      where notes.account_id = member.account_id and notes.deleted_at is null
      order by notes.id desc
      limit ${sql.lit(backfilled)}
    ) as note
    where ${which} and ${belongs}
    order by note.id desc
    limit ${sql.lit(feedLength)}
    on conflict do nothing
  `.execute(trx)
}

/** What these members wrote leaves a list. */
export async function deleteListEntries(
  trx: Transaction<Database>,
  listId: Id,
  authorIds: Id[],
): Promise<void> {
  await trx
    .deleteFrom('list_entries')
    .where('list_id', '=', listId)
    .where('author_id', '=', anyOf(authorIds))
    .execute()
}

/** What someone wrote leaves all lists of a person. */
export async function deleteListEntriesOf(
  trx: Transaction<Database>,
  ownerId: Id,
  authorId: Id,
): Promise<void> {
  await sql`
    delete from list_entries using lists
    where lists.account_id = ${ownerId} and list_entries.list_id = lists.id and list_entries.author_id = ${authorId}
  `.execute(trx)
}

/** Drops a deleted note, and the boosts of it, from every list. */
export async function deleteListEntriesOfNote(trx: Transaction<Database>, noteId: Id): Promise<void> {
  await sql`
    delete from list_entries
    where note_id in (select ${noteId}::bigint union all select id from notes where boost_of_id = ${noteId})
  `.execute(trx)
}

/** Cuts every feed to its length; a periodic job calls it. */
export async function trimListEntries(db: Kysely<Database>): Promise<void> {
  await sql`
    delete from list_entries using (
      select lists.id, oldest.note_id
      from lists
      cross join lateral (
        select note_id from list_entries
        where list_entries.list_id = lists.id
        order by note_id desc offset ${feedLength} limit 1
      ) as oldest
    ) as cut
    where list_entries.list_id = cut.id and list_entries.note_id <= cut.note_id
  `.execute(db)
}
