import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { ConfigError } from '#src/base/config.ts'
import { type Changes, counting } from './changes.ts'
import { literalLimits } from './literal-limits.ts'
import { preparing } from './prepared-statements.ts'
import type { Database } from './tables.ts'

export type Connection = { db: Kysely<Database>; pool: pg.Pool; changes: Changes; close(): Promise<void> }

type Options = {
  maxConnections?: number
  /** A statement that takes longer is cancelled; 0 for none. */
  statementTimeoutMs?: number
  /** Hears of connections that broke while idle; the pool replaces them by itself. */
  onConnectionLost?: (error: Error) => void
}

/**
 * A pool over a `postgres://` URL. `bigint` and `numeric` come as strings, since a number cannot hold them;
 * `timestamptz` as Date, `jsonb` parsed. Connects with the first query.
 */
export function connect(url: string, options: Options = {}): Connection {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'pinxit',
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 10_000,
    // Each holds some megabytes of Postgres' memory. Those that are needed all the time never grow so old.
    idleTimeoutMillis: 10_000,
    keepAlive: true,
    // Planned once for all values: planning anew for each costs more than it finds (docs/decisions/prepared-statements.md).
    // And for all times: a queue is often empty when its plans are made, and they must not rest on that.
    options: '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off',
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: 60_000,
  })
  // Without a listener, Node ends the process when Postgres restarts: of the pool for idle connections, of each
  // connection for those that are lent out and between two statements.
  pool.on('error', (error) => {
    // Of those we hang up on ourselves, the last may still hear that their database stops.
    if (!pool.ending) options.onConnectionLost?.(error)
  })
  pool.on('connect', (client) => client.on('error', () => undefined))
  const changes = { count: 0 }
  const dialect = new PostgresDialect({ pool: counting(preparing(pool), changes) })
  const db = new Kysely<Database>({ dialect, plugins: [literalLimits] })
  return { db, pool, changes, close: () => db.destroy() }
}

const oldestVersion = 15

/**
 * Whether the database that the operator named can be used.
 * @throws ConfigError when it does not answer, does not let us in or is too old
 */
export async function checkDatabase(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ version: number }>`
    select current_setting('server_version_num')::int / 10000 as version`
    .execute(db)
    .catch((error: unknown) => {
      throw new ConfigError([`DATABASE_URL: the database cannot be used: ${reasonOf(error)}`])
    })
  const version = rows[0]?.version ?? 0
  if (version < oldestVersion) {
    throw new ConfigError([`DATABASE_URL: Postgres ${oldestVersion} or newer is needed; this is ${version}`])
  }
}

function reasonOf(error: unknown): string {
  // A name with several addresses fails once for each, and says nothing itself.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
