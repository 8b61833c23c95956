import { type Kysely, type RawBuilder, type Selectable, sql, type Transaction } from 'kysely'
import type { Database, Id } from './tables.ts'
import type { NotificationPoliciesTable, Verdict } from './tables-notifications.ts'
import { rowByRow } from './visibility.ts'

export type NotificationPolicy = Omit<Selectable<NotificationPoliciesTable>, 'account_id'>

// Mastodon's, but for private mentions, which it holds back: nobody shall miss a word unless they asked to.
const usualPolicy: NotificationPolicy = {
  for_not_following: 'accept',
  for_not_followers: 'accept',
  for_new_accounts: 'accept',
  for_private_mentions: 'accept',
  for_limited_accounts: 'filter',
}

export async function getNotificationPolicy(
  db: Kysely<Database>,
  accountId: Id,
): Promise<NotificationPolicy> {
  const row = await db
    .selectFrom('notification_policies')
    .selectAll()
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  if (!row) return usualPolicy
  const { account_id: _, ...policy } = row
  return policy
}

/** What is not named stays as it was. */
export async function saveNotificationPolicy(
  db: Kysely<Database>,
  accountId: Id,
  changes: Partial<NotificationPolicy>,
): Promise<void> {
  if (Object.keys(changes).length === 0) return
  await db
    .insertInto('notification_policies')
    .values({ account_id: accountId, ...usualPolicy, ...changes })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(changes))
    .execute()
}

type Expr = RawBuilder<unknown>
type Judged = { recipient: Expr; sender: Expr; noteId: Expr; kind: Expr }

/**
 * What becomes of news by the policy of its recipient, joined as `policy`, if they have one. What a person asked for, or
 * must hear, is not up to it. Whom they gave permission is always let through.
 */
export function verdictOn({ recipient, sender, noteId, kind }: Judged): RawBuilder<Verdict> {
  return sql<Verdict>`case
    when policy.account_id is null
      or ${kind} not in ('mention', 'boost', 'like', 'follow', 'follow_request', 'remix', 'reaction', 'quote')
      or ${isPermitted(recipient, sender)} then 'accept'
    else (
      select case when 'drop' = any(answers) then 'drop' when 'filter' = any(answers) then 'filter' else 'accept' end
      from (select array[
        case when ${isStranger(recipient, sender)} then policy.for_not_following end,
        case when ${isNoFollower(recipient, sender)} then policy.for_not_followers end,
        case when ${isStranger(recipient, sender)} and ${isNew(sender)} then policy.for_new_accounts end,
        case when ${isStranger(recipient, sender)} and ${isUninvited(recipient, sender, noteId)}
          then policy.for_private_mentions end
      ] as answers offset ${rowByRow}) as causes
    ) end`
}

const isPermitted = (recipient: Expr, sender: Expr) => sql`exists (
  select from notification_permissions as permission
  where permission.account_id = ${recipient} and permission.from_account_id = ${sender})`

/** Whether the recipient does not follow the sender. */
const isStranger = (recipient: Expr, sender: Expr) => sql`not exists (
  select from follows as own
  where own.follower_id = ${recipient} and own.followee_id = ${sender} and own.state = 'accepted')`

// As Mastodon has it: who followed only now counts as a stranger for three days.
const isNoFollower = (recipient: Expr, sender: Expr) => sql`not exists (
  select from follows as theirs
  where theirs.follower_id = ${sender} and theirs.followee_id = ${recipient} and theirs.state = 'accepted'
    and theirs.created_at < now() - interval '3 days')`

const isNew = (sender: Expr) => sql`exists (
  select from accounts as newcomer
  where newcomer.id = ${sender} and newcomer.created_at > now() - interval '30 days')`

/** Whether the sender's private note belongs to no conversation in which the recipient wrote to them privately. */
const isUninvited = (recipient: Expr, sender: Expr, noteId: Expr) => sql`exists (
  select from notes as spoken
  where spoken.id = ${noteId} and spoken.account_id = ${sender} and spoken.visibility = 'direct'
    and not exists (
      select from notes as own join mentions on mentions.note_id = own.id and mentions.account_id = ${sender}
      where own.conversation_uri = spoken.conversation_uri and own.account_id = ${recipient}
        and own.visibility = 'direct' and own.deleted_at is null))`

/** From now on nothing of theirs is held back or dropped. */
export async function permitNotifications(
  trx: Transaction<Database>,
  accountId: Id,
  fromAccountIds: readonly Id[],
): Promise<void> {
  await sql`
    insert into notification_permissions (account_id, from_account_id)
    select ${accountId}::bigint, permitted.id from unnest(${[...fromAccountIds]}::bigint[]) as permitted (id)
    on conflict do nothing
  `.execute(trx)
}

export async function deletePermission(
  trx: Transaction<Database>,
  accountId: Id,
  fromAccountId: Id,
): Promise<void> {
  await trx
    .deleteFrom('notification_permissions')
    .where('account_id', '=', accountId)
    .where('from_account_id', '=', fromAccountId)
    .execute()
}
