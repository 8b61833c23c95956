import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

export type TroubledHost = {
  host: string
  waiting: number
  /** Of the one that was tried most. */
  attempts: number
  nextAt: Date
  error: string | null
}

/** The hosts whose deliveries did not go through at once, those first for which most waits. */
export async function listTroubledHosts(db: Kysely<Database>, limit: number): Promise<TroubledHost[]> {
  const { rows } = await sql<TroubledHost>`
    select split_part(split_part(payload ->> 'inbox', '://', 2), '/', 1) as host, count(*)::int as waiting,
      max(attempts)::int as attempts, min(run_at) as "nextAt",
      (array_agg(last_error order by run_at desc))[1] as error
    from jobs
    where name = 'deliver' and last_error is not null
    group by 1 order by 2 desc, 1 limit ${limit}
  `.execute(db)
  return rows
}
