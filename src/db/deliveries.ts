import { type Expression, type Kysely, sql, type Transaction } from 'kysely'
import { insertJobsFrom } from './jobs.ts'
import type { Database } from './tables.ts'

/** An inbox and whom it stands for. */
export type DeliveryTarget = { inbox: string; is_shared: boolean; actor_ids: string[] }

export type DeliveryRows = {
  name: string
  lane: string
  bodyHash: string
  activityId: string
  /** Of the object: one inbox gets what concerns it in order. By inbox, so that one that fails holds up no other. */
  orderingKey?: string | undefined
}

/**
 * One row per inbox in one statement, each inbox once, so that what is claimed together goes to many hosts rather than
 * to one; answers how many were new.
 */
export function insertDeliveries(
  trx: Transaction<Database>,
  rows: DeliveryRows,
  targets: readonly DeliveryTarget[],
): Promise<number> {
  const orderingKey = rows.orderingKey ?? null
  return insertJobsFrom(
    trx,
    sql`select ${rows.name}::text as name, ${rows.lane}::text as lane, null::timestamptz as run_at,
      json_build_object(
        'inbox', target.inbox, 'sharedInbox', target.is_shared, 'actorIds', target.actor_ids) as payload,
      ${orderingKey}::text || chr(10) || target.inbox as ordering_key,
      ${rows.activityId}::text || chr(10) || target.inbox as dedupe_key, ${rows.bodyHash}::text as body_hash
    from jsonb_to_recordset(${JSON.stringify(targets)}::jsonb)
      as target (inbox text, is_shared boolean, actor_ids text[])
    order by row_number() over (partition by split_part(target.inbox, '/', 3) order by target.inbox)`,
  )
}

/** A page of an audience, in the order of its inboxes. */
export async function listTargets(
  db: Kysely<Database>,
  audience: Expression<DeliveryTarget>,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<DeliveryTarget[]> {
  const { rows } = await sql<DeliveryTarget>`
    select inbox, is_shared, actor_ids from (${audience}) as audience
    where inbox > ${after ?? ''} order by inbox limit ${sql.lit(limit)}
  `.execute(db)
  return rows
}
