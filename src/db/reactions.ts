import { type Kysely, sql } from 'kysely'
import type { Database, Id } from './tables.ts'

/** How often a note was reacted to with one emoji. */
export type ReactionCount = {
  note_id: Id
  name: string
  emoji_url: string | null
  count: number
  /** Whether the viewer is among them. */
  is_own: boolean
}

/** In one query, the most frequent first. */
export async function listReactionCounts(
  db: Kysely<Database>,
  noteIds: Id[],
  viewerId: Id | null,
): Promise<ReactionCount[]> {
  if (noteIds.length === 0) return []
  const { rows } = await sql<ReactionCount>`
    select note_id, name, max(emoji_url) as emoji_url, count(*)::int as count,
      coalesce(bool_or(account_id = ${viewerId}::bigint), false) as is_own
    from reactions where note_id = any(${noteIds}::bigint[])
    group by note_id, name
    order by note_id, count(*) desc, min(id)
  `.execute(db)
  return rows
}
