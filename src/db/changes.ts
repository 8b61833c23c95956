import type { PostgresPool, PostgresPoolClient } from 'kysely'

/**
 * Counts what this process changes in the database, of what anyone is shown: whatever was read before may be wrong since.
 * What other processes change is not counted.
 */
export type Changes = { count: number }

/** Written all the time, and nothing of it is remembered by anyone: see `base/short-memory.ts`. */
const neverShown = new Set([
  'activity_bodies',
  'attempts',
  'audit_log',
  'authorization_codes',
  'conversation_entries',
  'conversations',
  'dead_jobs',
  'filter_keywords',
  'filter_notes',
  'filters',
  'generation_events',
  'home_entries',
  'idempotency_keys',
  'instances',
  'invites',
  'job_schedules',
  'jobs',
  'key_value',
  'ledger_entries',
  'list_entries',
  'mail_links',
  'markers',
  'notification_permissions',
  'notification_policies',
  'notification_requests',
  'notifications',
  'owner_links',
  'provider_calls',
  'remote_files',
  'retired_inboxes',
  'scheduled_notes',
  'sessions',
  'tag_uses',
])

/** The same pool. A change counts when its statement is done, and once more when its transaction is. */
export function counting(pool: PostgresPool, changes: Changes): PostgresPool {
  const clients = new WeakMap<PostgresPoolClient, PostgresPoolClient>()
  return {
    ...pool,
    connect: async () => {
      const client = await pool.connect()
      const known = clients.get(client) ?? watch(client, changes)
      clients.set(client, known)
      return known
    },
  }
}

function watch(client: PostgresPoolClient, changes: Changes): PostgresPoolClient {
  let isUncommitted = false
  async function query(text: string, values: readonly unknown[]) {
    const isEnd = text === 'commit'
    const isChange = isEnd ? isUncommitted : changesWhatIsShown(text)
    try {
      return await client.query(text, values)
    } finally {
      // After a failure too: it may be the answer that was lost.
      if (isChange) changes.count += 1
      isUncommitted = !isEnd && (isUncommitted || isChange)
    }
  }
  return { query, release: (isBroken?: boolean) => client.release(isBroken) } as PostgresPoolClient
}

// Not `for update`, `on conflict do update` and the like, which name no table.
const written = /(?<!\b(?:for|key|do)\s)\b(?:insert into|update|delete from)\s+"?(\w+)/gi

/** Whether a statement writes to a table that is shown; in doubt it does. */
export function changesWhatIsShown(text: string): boolean {
  if (/^\s*select\b/i.test(text)) return false
  for (const [, table = ''] of text.matchAll(written)) if (!neverShown.has(table)) return true
  return false
}
