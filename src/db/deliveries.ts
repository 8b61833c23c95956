import { type Expression, sql, type Transaction } from 'kysely'
import { insertJobsFrom } from './jobs.ts'
import type { Database } from './tables.ts'

/** An inbox and whom it stands for; a query of these may be handed to `insertDeliveries`. */
export type DeliveryTarget = { inbox: string; is_shared: boolean; actor_ids: string[] }

export type DeliveryRows = {
  name: string
  lane: string
  bodyHash: string
  activityId: string
  /** What the payloads have in common. */
  payload: Record<string, unknown>
  /** Of the object: one inbox gets what concerns it in order. By inbox, so that one that fails holds up no other. */
  orderingKey?: string | undefined
}

/** One row per inbox in one statement, each inbox once; answers how many were new. */
export function insertDeliveries(
  trx: Transaction<Database>,
  rows: DeliveryRows,
  targets: readonly DeliveryTarget[] | Expression<DeliveryTarget>,
): Promise<number> {
  const orderingKey = rows.orderingKey ?? null
  return insertJobsFrom(
    trx,
    sql`select ${rows.name}::text as name, ${rows.lane}::text as lane, null::timestamptz as run_at,
      ${JSON.stringify(rows.payload)}::jsonb || jsonb_build_object(
        'inbox', target.inbox, 'sharedInbox', target.is_shared, 'actorIds', target.actor_ids) as payload,
      ${orderingKey}::text || chr(10) || target.inbox as ordering_key,
      ${rows.activityId}::text || chr(10) || target.inbox as dedupe_key, ${rows.bodyHash}::text as body_hash
    from (${isQuery(targets) ? targets : asRows(targets)}) as target`,
  )
}

function isQuery<T>(targets: readonly T[] | Expression<T>): targets is Expression<T> {
  return !Array.isArray(targets)
}

function asRows(targets: readonly DeliveryTarget[]): Expression<DeliveryTarget> {
  return sql<DeliveryTarget>`select * from jsonb_to_recordset(${JSON.stringify(targets)}::jsonb)
    as t (inbox text, is_shared boolean, actor_ids text[])`
}
