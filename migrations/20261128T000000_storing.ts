import { type Kysely, sql } from 'kysely'

/** Who wants to hear of every note of someone is asked with each note, and hardly anybody does. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index follows_notified on follows (followee_id) where notify and state = 'accepted'`.execute(
    db,
  )
}
