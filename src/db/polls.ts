import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database, Id } from './tables.ts'

export type PollOption = { title: string; votes: number }

/** The poll of a note, as one viewer sees it. */
export type Poll = {
  note_id: Id
  is_multiple: boolean
  ends_at: Date | null
  closed_at: Date | null
  voters_count: number
  options: PollOption[]
  /** The positions the viewer voted for. */
  own_votes: number[]
}

/** In one query, votes of the viewer included; `viewerId` null for a stranger. */
export async function listPolls(db: Kysely<Database>, noteIds: Id[], viewerId: Id | null): Promise<Poll[]> {
  if (noteIds.length === 0) return []
  const { rows } = await sql<Poll>`
    select polls.note_id, polls.is_multiple, polls.ends_at, polls.closed_at, polls.voters_count,
      (select jsonb_agg(jsonb_build_object('title', title, 'votes', votes_count) order by position)
        from poll_options where poll_options.note_id = polls.note_id) as options,
      array(select position from poll_votes
        where poll_votes.note_id = polls.note_id and poll_votes.account_id = ${viewerId}
        order by position) as own_votes
    from polls where polls.note_id = any(${noteIds}::bigint[])
  `.execute(db)
  return rows
}

type NewPoll = {
  titles: string[]
  isMultiple: boolean
  endsAt: Date | null
  counts?: { votes: number[]; voters: number; closedAt: Date | null } | undefined
}

/** Gives a note its poll. */
export async function insertPoll(trx: Transaction<Database>, noteId: Id, poll: NewPoll): Promise<void> {
  const { titles, isMultiple, endsAt, counts } = poll
  await trx
    .insertInto('polls')
    .values({
      note_id: noteId,
      is_multiple: isMultiple,
      ends_at: endsAt,
      closed_at: counts?.closedAt ?? null,
      voters_count: counts?.voters ?? 0,
      ...(counts && { fetched_at: sql<Date>`now()` }),
    })
    .execute()
  await trx
    .insertInto('poll_options')
    .values(
      titles.map((title, position) => ({
        note_id: noteId,
        position,
        title,
        votes_count: counts?.votes[position] ?? 0,
      })),
    )
    .execute()
}
