import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

/**
 * Counts one more attempt under each key and answers what stands there now. A key's window begins with its
 * first attempt. In the database, so that it holds over all processes and a restart.
 */
export async function countAttempts(
  db: Kysely<Database>,
  keys: string[],
  window: { now: Date; resetsAt: Date },
): Promise<{ key: string; count: number; resetsAt: Date }[]> {
  // In one order, so that two requests never wait for each other's rows.
  const sorted = [...new Set(keys)].sort()
  await deleteOldAttempts(db, window.now)
  return db
    .insertInto('attempts')
    .values(sorted.map((key) => ({ key, count: 1, resets_at: window.resetsAt })))
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql`case when attempts.resets_at <= ${window.now} then 1 else attempts.count + 1 end`,
        resets_at: sql`case when attempts.resets_at <= ${window.now} then excluded.resets_at else attempts.resets_at end`,
      }),
    )
    .returning(['key', 'count', 'resets_at as resetsAt'])
    .execute()
}

export async function forgetAttempts(db: Kysely<Database>, keys: string[]): Promise<void> {
  await db.deleteFrom('attempts').where('key', 'in', keys).execute()
}

/** One attempt less under each key. */
export async function takeBackAttempt(db: Kysely<Database>, keys: string[]): Promise<void> {
  if (keys.length === 0) return
  await db
    .updateTable('attempts')
    .set((eb) => ({ count: eb('count', '-', 1) }))
    .where('key', 'in', keys)
    .where('count', '>', 0)
    .execute()
}

// A few at a time with every attempt: the table never grows beyond one window, and nothing needs to tidy it.
async function deleteOldAttempts(db: Kysely<Database>, now: Date): Promise<void> {
  await db
    .deleteFrom('attempts')
    .where('key', 'in', (eb) =>
      eb
        .selectFrom('attempts')
        .select('key')
        .where('resets_at', '<=', now)
        .limit(20)
        .forUpdate()
        .skipLocked(),
    )
    .execute()
}
