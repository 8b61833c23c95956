import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Database, Id } from './tables.ts'

// Whom people refuse, as conditions to be woven into one statement each. What is named is an SQL expression for an
// account's id: a column or a bound value.

type Expr = RawBuilder<unknown>

/** Whether one of the two blocks the other. */
export const blockBetween = (one: Expr, other: Expr): RawBuilder<SqlBool> => sql`exists (
  select from blocks
  where (blocks.account_id = ${one} and blocks.target_id = ${other})
    or (blocks.account_id = ${other} and blocks.target_id = ${one}))`

/** Whether a reader mutes someone now. */
export const muteOf = (reader: Expr, person: Expr): RawBuilder<SqlBool> => sql`exists (
  select from mutes
  where mutes.account_id = ${reader} and mutes.target_id = ${person}
    and (mutes.expires_at is null or mutes.expires_at > now()))`

const notificationMuteOf = (reader: Expr, person: Expr) => sql<SqlBool>`exists (
  select from mutes
  where mutes.account_id = ${reader} and mutes.target_id = ${person} and mutes.hides_notifications
    and (mutes.expires_at is null or mutes.expires_at > now()))`

/** Whether `domain` is the refused one or lies below it. */
export const isWithin = (domain: Expr, refused: Expr): RawBuilder<SqlBool> =>
  sql`(${domain} = ${refused} or ${domain} like '%.' || ${refused})`

/** A domain and all above it, as an array: what a refusal of its server could be called, to be looked up by. */
export const namesAbove = (domain: Expr): RawBuilder<string[]> => sql`array(
  select array_to_string(labels[first:], '.')
  from string_to_array(${domain}, '.') as labels, generate_subscripts(labels, 1) as first)`

/** Whether a reader refuses the whole server of someone. */
export const domainRefusalOf = (reader: Expr, person: Expr): RawBuilder<SqlBool> => sql`exists (
  select from person_domain_blocks as refused
  join accounts as refused_person on refused_person.id = ${person}
  where refused.account_id = ${reader}
    and ${isWithin(sql.ref('refused_person.domain'), sql.ref('refused.domain'))})`

/** Whether a recipient wants to hear nothing of someone, or of the conversation a note stands in, if there is one. */
export function refusesNews(recipient: Expr, sender: Expr, noteId: Expr): RawBuilder<SqlBool> {
  return sql`(${blockBetween(recipient, sender)} or ${notificationMuteOf(recipient, sender)}
    or ${domainRefusalOf(recipient, sender)} or ${conversationMuteOf(recipient, noteId)})`
}

const conversationMuteOf = (recipient: Expr, noteId: Expr) => sql<SqlBool>`exists (
  select from conversation_mutes
  join notes as spoken on spoken.conversation_uri = conversation_mutes.conversation_uri
  where spoken.id = ${noteId} and conversation_mutes.account_id = ${recipient})`

/** Whether there can be no follow between a person here and someone: one blocks the other, or their server. */
export async function refusesFollower(db: Kysely<Database>, accountId: Id, otherId: Id): Promise<boolean> {
  const [account, other] = [sql`${accountId}::bigint`, sql`${otherId}::bigint`]
  const { rows } = await sql<{ refuses: boolean }>`
    select (${blockBetween(account, other)} or ${domainRefusalOf(account, other)}) as refuses
  `.execute(db)
  return rows[0]?.refuses ?? false
}

/** Which of these people can be spoken to by someone: neither blocks the other, nor do they block the other's server. */
export async function listOpenTo(db: Kysely<Database>, speakerId: Id, accountIds: Id[]): Promise<Id[]> {
  if (accountIds.length === 0) return []
  const [account, speaker] = [sql.ref('accounts.id'), sql`${speakerId}::bigint`]
  const { rows } = await sql<{ id: Id }>`
    select accounts.id from accounts
    where accounts.id = any(${accountIds}::bigint[])
      and not ${blockBetween(account, speaker)} and not ${domainRefusalOf(account, speaker)}
  `.execute(db)
  return rows.map(({ id }) => id)
}

/** How someone stands to another: what each refuses of the other. */
export type Refusals = {
  account_id: Id
  blocking: boolean
  blocked_by: boolean
  muting: boolean
  muting_notifications: boolean
  muting_expires_at: Date | null
  domain_blocking: boolean
}

/** What lies between one person and several others, in one query; of those who exist. */
export async function listRefusals(
  db: Kysely<Database>,
  viewerId: Id,
  accountIds: Id[],
  { withSuspended = true } = {},
): Promise<Refusals[]> {
  if (accountIds.length === 0) return []
  const { rows } = await sql<Refusals>`
    select accounts.id as account_id,
      exists (select from blocks where account_id = ${viewerId} and target_id = accounts.id) as blocking,
      exists (select from blocks where account_id = accounts.id and target_id = ${viewerId}) as blocked_by,
      mutes.id is not null as muting,
      coalesce(mutes.hides_notifications, false) as muting_notifications,
      mutes.expires_at as muting_expires_at,
      ${domainRefusalOf(sql`${viewerId}::bigint`, sql.ref('accounts.id'))} as domain_blocking
    from accounts
    left join mutes on mutes.account_id = ${viewerId} and mutes.target_id = accounts.id
      and (mutes.expires_at is null or mutes.expires_at > now())
    where accounts.id = any(${accountIds}::bigint[])
      and (${withSuspended} or (accounts.suspended_at is null and accounts.deleted_at is null))
  `.execute(db)
  return rows
}
