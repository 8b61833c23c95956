import { type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import { refusesNews } from './refusals.ts'
import { insertAndTell } from './stream-events.ts'
import type { Database, Id } from './tables.ts'
import type { PollsTable } from './tables-conversation.ts'

export type PollOption = { title: string; votes: number }

/** The poll of a note, as one viewer sees it. */
export type Poll = {
  note_id: Id
  is_multiple: boolean
  ends_at: Date | null
  closed_at: Date | null
  voters_count: number
  options: PollOption[]
  /** Whether the viewer asks it. */
  is_own: boolean
  /** The positions the viewer voted for. */
  own_votes: number[]
}

/** In one query, votes of the viewer included; `viewerId` null for a stranger. */
export async function listPolls(db: Kysely<Database>, noteIds: Id[], viewerId: Id | null): Promise<Poll[]> {
  if (noteIds.length === 0) return []
  const { rows } = await sql<Poll>`
    select polls.note_id, coalesce(notes.account_id = ${viewerId}, false) as is_own, polls.is_multiple, polls.ends_at, polls.closed_at, polls.voters_count,
      (select jsonb_agg(jsonb_build_object('title', title, 'votes', votes_count) order by position)
        from poll_options where poll_options.note_id = polls.note_id) as options,
      array(select position from poll_votes
        where poll_votes.note_id = polls.note_id and poll_votes.account_id = ${viewerId}
        order by position) as own_votes
    from polls join notes on notes.id = polls.note_id where polls.note_id = any(${noteIds}::bigint[])
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

/** A poll as it is, and nobody else votes in it or changes it before `trx` ends; lock its note first. */
export function lockPoll(
  trx: Transaction<Database>,
  noteId: Id,
): Promise<Selectable<PollsTable> | undefined> {
  return trx.selectFrom('polls').selectAll().where('note_id', '=', noteId).forUpdate().executeTakeFirst()
}

/** What the options of a poll say, in their order; empty where there is no poll. */
export async function listPollTitles(db: Kysely<Database>, noteId: Id): Promise<string[]> {
  const rows = await db
    .selectFrom('poll_options')
    .select('title')
    .where('note_id', '=', noteId)
    .orderBy('position')
    .execute()
  return rows.map(({ title }) => title)
}

/** Takes a poll away, with its votes. */
export async function deletePoll(trx: Transaction<Database>, noteId: Id): Promise<void> {
  await trx.deleteFrom('polls').where('note_id', '=', noteId).execute()
}

export async function updatePoll(
  trx: Transaction<Database>,
  noteId: Id,
  changes: Updateable<PollsTable>,
): Promise<void> {
  await trx.updateTable('polls').set(changes).where('note_id', '=', noteId).execute()
}

/** Replaces the counts by what the poll's own server says. */
export async function setPollCounts(
  trx: Transaction<Database>,
  noteId: Id,
  { votes, voters, closedAt }: NonNullable<NewPoll['counts']>,
): Promise<void> {
  await trx
    .updateTable('polls')
    .set({
      voters_count: voters,
      ...(closedAt && { closed_at: closedAt }),
    })
    .where('note_id', '=', noteId)
    .execute()
  await sql`
    update poll_options set votes_count = said.votes
    from unnest(${votes}::int[]) with ordinality as said (votes, place)
    where note_id = ${noteId} and position = said.place - 1
  `.execute(trx)
}

export type NewVote = { id: Id; position: number; uri: string }

/**
 * Inserts the votes of one person and counts them. Answers those that are new: an option is voted for once.
 * The poll must be locked, and the positions exist.
 */
export async function insertVotes(
  trx: Transaction<Database>,
  { noteId, accountId }: { noteId: Id; accountId: Id },
  votes: NewVote[],
): Promise<NewVote[]> {
  const hadVoted = await hasVoted(trx, noteId, accountId)
  const inserted = await trx
    .insertInto('poll_votes')
    .values(votes.map((vote) => ({ ...vote, note_id: noteId, account_id: accountId })))
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute()
  const isNew = new Set(inserted.map(({ id }) => id))
  const added = votes.filter(({ id }) => isNew.has(id))
  if (added.length === 0) return []
  await trx
    .updateTable('poll_options')
    .set((eb) => ({ votes_count: eb('votes_count', '+', 1) }))
    .where('note_id', '=', noteId)
    .where(
      'position',
      'in',
      added.map(({ position }) => position),
    )
    .execute()
  if (!hadVoted) await addVoter(trx, noteId)
  return added
}

async function addVoter(trx: Transaction<Database>, noteId: Id): Promise<void> {
  await trx
    .updateTable('polls')
    .set((eb) => ({ voters_count: eb('voters_count', '+', 1) }))
    .where('note_id', '=', noteId)
    .execute()
}

export async function hasVoted(db: Kysely<Database>, noteId: Id, accountId: Id): Promise<boolean> {
  const vote = await db
    .selectFrom('poll_votes')
    .select('id')
    .where('note_id', '=', noteId)
    .where('account_id', '=', accountId)
    .limit(1)
    .executeTakeFirst()
  return vote !== undefined
}

/** A vote with all that its announcement needs. */
export type CastVote = {
  accountId: Id
  uri: string
  title: string
  noteUri: string
  authorId: Id
  authorUri: string
}

/** Undefined for a vote that is gone, with its poll or since that was changed. */
export async function findCastVote(db: Kysely<Database>, voteId: Id): Promise<CastVote | undefined> {
  const row = await db
    .selectFrom('poll_votes as vote')
    .innerJoin('poll_options as option', (join) =>
      join.onRef('option.note_id', '=', 'vote.note_id').onRef('option.position', '=', 'vote.position'),
    )
    .innerJoin('notes', 'notes.id', 'vote.note_id')
    .innerJoin('accounts as author', 'author.id', 'notes.account_id')
    .select([
      'vote.account_id as accountId',
      'vote.uri',
      'option.title',
      'notes.uri as noteUri',
      'author.id as authorId',
      'author.uri as authorUri',
    ])
    .where('vote.id', '=', voteId)
    .where('notes.deleted_at', 'is', null)
    .executeTakeFirst()
  return row && row.uri !== null ? { ...row, uri: row.uri } : undefined
}

/** Tells the people here who voted, and the author, that a poll has ended. */
export async function notifyOfPollEnd(
  trx: Transaction<Database>,
  note: { id: Id; account_id: Id },
): Promise<void> {
  const insert = sql`
    insert into notifications (account_id, kind, from_account_id, note_id)
    select users.account_id, 'poll', notes.account_id, notes.id
    from notes
    join lateral (
      select account_id from poll_votes where poll_votes.note_id = notes.id
      union select notes.account_id
    ) as party on true
    join users on users.account_id = party.account_id
    where notes.id = ${note.id} and not ${refusesNews(sql.ref('users.account_id'), sql.ref('notes.account_id'), sql.ref('notes.id'))}
    on conflict do nothing`
  await insertAndTell('notifications', insert).execute(trx)
}
