import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import * as core from '#migrations/20261121T000000_core.ts'
import * as jobs from '#migrations/20261121T000100_jobs.ts'
import * as auth from '#migrations/20261121T000200_auth.ts'
import * as studio from '#migrations/20261121T000300_studio.ts'
import * as conversation from '#migrations/20261122T000000_conversation.ts'
import * as relations from '#migrations/20261122T000100_relations.ts'
import * as remote from '#migrations/20261122T000200_remote.ts'
import * as storing from '#migrations/20261128T000000_storing.ts'
import * as envelopes from '#migrations/20261128T000100_envelopes.ts'
import * as lists from '#migrations/20261128T010000_lists.ts'
import * as filters from '#migrations/20261128T020000_filters.ts'
import * as notifications from '#migrations/20261128T040000_notifications.ts'
import * as signUp from '#migrations/20261128T050000_sign-up.ts'
import * as conversations from '#migrations/20261128T060000_conversations.ts'
import * as scheduled from '#migrations/20261128T060100_scheduled.ts'
import * as discovery from '#migrations/20261128T060200_discovery.ts'
import * as serverWords from '#migrations/20261128T070000_server-words.ts'
import * as announcements from '#migrations/20261128T070100_announcements.ts'
import * as trends from '#migrations/20261128T070200_trends.ts'
import type { Database } from './tables.ts'

// Static imports, so that the bundle holds them. Add the next one at the end.
const migrations: Record<string, Migration> = {
  '20261121T000000_core': core,
  '20261121T000100_jobs': jobs,
  '20261121T000200_auth': auth,
  '20261121T000300_studio': studio,
  '20261122T000000_conversation': conversation,
  '20261122T000100_relations': relations,
  '20261122T000200_remote': remote,
  '20261128T000000_storing': storing,
  '20261128T000100_envelopes': envelopes,
  '20261128T010000_lists': lists,
  '20261128T020000_filters': filters,
  '20261128T040000_notifications': notifications,
  '20261128T050000_sign-up': signUp,
  '20261128T060000_conversations': conversations,
  '20261128T060100_scheduled': scheduled,
  '20261128T060200_discovery': discovery,
  '20261128T070000_server-words': serverWords,
  '20261128T070100_announcements': announcements,
  '20261128T070200_trends': trends,
}

/**
 * Brings the schema to the newest version, all or nothing. Several processes may call it at once: one does
 * the work, the others wait for it.
 */
export async function migrateToLatest(db: Kysely<Database>): Promise<void> {
  await db.connection().execute(async (connection) => {
    // Building an index may take longer than any query of ours is allowed to.
    await sql`set statement_timeout = 0`.execute(connection)
    try {
      const { error } = await migratorOf(connection).migrateToLatest()
      if (error) throw error
    } finally {
      await sql`reset statement_timeout`.execute(connection)
    }
  })
}

/** Whether every migration this version knows has been applied. A read: it makes nothing. */
export async function isMigrated(db: Kysely<Database>): Promise<boolean> {
  const { rows } = await sql<{ table: string | null }>`
    select to_regclass('kysely_migration')::text as table`.execute(db)
  if (!rows[0]?.table) return false
  const known = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  const applied = new Set(known.rows.map((row) => row.name))
  return Object.keys(migrations).every((name) => applied.has(name))
}

function migratorOf(db: Kysely<Database>): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => migrations } })
}
