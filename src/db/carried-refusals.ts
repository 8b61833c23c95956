import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database, Id } from './tables.ts'

// When someone moved, who refused the old account refuses the new one. Whoever follows it already chose otherwise.

type Moved = { fromId: Id; toId: Id }

/** People here who block the old account and neither block nor follow the new one. */
export async function listBlockersToCarry(db: Kysely<Database>, { fromId, toId }: Moved): Promise<Id[]> {
  const { rows } = await sql<{ account_id: Id }>`
    select blocks.account_id
    from blocks
    join users on users.account_id = blocks.account_id
    where blocks.target_id = ${fromId} and blocks.account_id <> ${toId}
      and not exists (
        select from blocks as new where new.account_id = blocks.account_id and new.target_id = ${toId}
      )
      and ${doesNotFollow(sql.ref('blocks.account_id'), toId)}
    order by blocks.id
  `.execute(db)
  return rows.map((row) => row.account_id)
}

export async function carryMutes(trx: Transaction<Database>, { fromId, toId }: Moved): Promise<void> {
  await sql`
    insert into mutes (account_id, target_id, hides_notifications, expires_at)
    select mutes.account_id, ${toId}::bigint, mutes.hides_notifications, mutes.expires_at
    from mutes
    where mutes.target_id = ${fromId} and mutes.account_id <> ${toId}
      and ${doesNotFollow(sql.ref('mutes.account_id'), toId)}
    on conflict do nothing
  `.execute(trx)
}

const doesNotFollow = (person: ReturnType<typeof sql.ref>, toId: Id) => sql`not exists (
  select from follows where follows.follower_id = ${person} and follows.followee_id = ${toId})`
