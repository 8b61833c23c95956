import type { Kysely, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { AppError, notAllowed, notFound } from '#src/base/errors.ts'
import { removeUnstorable } from '#src/base/html.ts'
import { getVisibleOriginal, lockLivingNote, type Note, newId } from '#src/db/notes.ts'
import {
  deletePoll,
  hasVoted,
  insertPoll,
  insertVotes,
  listPolls,
  listPollTitles,
  lockPoll,
  type NewVote,
  notifyOfPollEnd,
  type Poll,
  setPollCounts,
  updatePoll,
} from '#src/db/polls.ts'
import { refusesFollower } from '#src/db/refusals.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import type { PollDraft } from './draft.ts'
import { loadNoteView, type NoteView } from './view.ts'

/** Mastodon's. Lengths in characters, durations in seconds. */
export const pollLimits = {
  minOptions: 2,
  maxOptions: 4,
  maxOptionCharacters: 50,
  minSeconds: 300,
  maxSeconds: 2_629_746,
}

/** What a person fills in. */
export type PollForm = { titles: string[]; isMultiple: boolean; expiresInSeconds: number }

/**
 * Reads a form's poll, to begin at `now`.
 * @throws AppError invalid, in Mastodon's words
 */
export function readPollForm(form: PollForm, now: Date): PollDraft {
  const titles = form.titles.map((title) => removeUnstorable(title).replaceAll(/\s+/g, ' ').trim())
  const { minOptions, maxOptions, maxOptionCharacters, minSeconds, maxSeconds } = pollLimits
  const written = titles.filter((title) => title !== '')
  if (written.length < minOptions) throw invalid('Options must have more than one item')
  if (written.length > maxOptions) throw invalid(`Options can't contain more than ${maxOptions} items`)
  if (written.some((title) => Array.from(title).length > maxOptionCharacters)) {
    throw invalid(`Options cannot be longer than ${maxOptionCharacters} characters each`)
  }
  if (new Set(written).size < written.length) throw invalid('Options contain duplicate items')
  const { expiresInSeconds } = form
  if (!(expiresInSeconds >= minSeconds)) throw invalid('Expires at is too soon')
  if (expiresInSeconds > maxSeconds) throw invalid('Expires at is too far into the future')
  return {
    titles: written,
    isMultiple: form.isMultiple,
    endsAt: new Date(now.getTime() + expiresInSeconds * 1000),
  }
}

/** The poll of a note that is written or edited at `now`. Throws as `readPollForm`. */
export async function draftPoll(
  db: Kysely<Database>,
  form: PollForm | 'unchanged' | null | undefined,
  { id, now }: { id: Id; now: Date },
): Promise<PollDraft | null> {
  if (form !== 'unchanged') return form ? readPollForm(form, now) : null
  const [known] = await listPolls(db, [id], null)
  if (!known) return null
  return {
    titles: known.options.map(({ title }) => title),
    isMultiple: known.is_multiple,
    endsAt: known.ends_at,
  }
}

// For another server's poll to end there, and to be counted, before it is asked.
const remoteGraceMs = 60_000

/** Gives a note its poll, and has it end in time. */
export async function storePoll(trx: Transaction<Database>, note: Note, poll: PollDraft): Promise<void> {
  await insertPoll(trx, note.id, poll)
  await enqueueEnd(trx, note, poll)
}

async function enqueueEnd(trx: Transaction<Database>, note: Note, poll: PollDraft): Promise<void> {
  const { endsAt, counts } = poll
  if (!endsAt || counts?.closedAt) return
  const runAt = new Date(endsAt.getTime() + (note.is_local ? 0 : remoteGraceMs))
  const dedupeKey = `${note.id} ${endsAt.getTime()}`
  await enqueue(trx, 'closePoll', { noteId: note.id }, { runAt, dedupeKey })
}

/** Makes the poll of an edited note what the draft says. Other options make it another poll, without a vote. */
export async function revisePoll(
  trx: Transaction<Database>,
  note: Note,
  poll: PollDraft | null,
): Promise<void> {
  const known = await lockPoll(trx, note.id)
  if (!poll) {
    if (known) await deletePoll(trx, note.id)
    return
  }
  const isSame =
    known?.is_multiple === poll.isMultiple && isSameList(await listPollTitles(trx, note.id), poll.titles)
  if (!isSame) {
    if (known) await deletePoll(trx, note.id)
    return storePoll(trx, note, poll)
  }
  await takeCounts(trx, note, poll)
  if (known.ends_at?.getTime() === poll.endsAt?.getTime()) return
  await updatePoll(trx, note.id, { ends_at: poll.endsAt, closed_at: poll.counts?.closedAt ?? null })
  await enqueueEnd(trx, note, poll)
}

/** Takes the counts of a remote poll, if it still asks the same. */
export async function recountPoll(trx: Transaction<Database>, note: Note, poll: PollDraft): Promise<boolean> {
  const isSame = isSameList(await listPollTitles(trx, note.id), poll.titles)
  if (!isSame || !poll.counts) return false
  await takeCounts(trx, note, poll)
  return true
}

/** Its own server may say that a poll has ended before we notice. */
async function takeCounts(trx: Transaction<Database>, note: Note, { counts }: PollDraft): Promise<void> {
  if (!counts) return
  const known = await lockPoll(trx, note.id)
  await setPollCounts(trx, note.id, counts)
  if (counts.closedAt && !known?.closed_at) await notifyOfPollEnd(trx, note)
}

const isSameList = (some: string[], others: string[]) =>
  some.length === others.length && some.every((one, index) => one === others[index])

/**
 * Votes for the options at these positions, once and for good.
 * @throws AppError notFound; invalid, in Mastodon's words
 */
export async function voteInPoll(app: App, viewerId: Id, noteId: Id, positions: number[]): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  const chosen = [...new Set(positions)]
  const ids = await Promise.all(chosen.map(() => newId(app.db)))
  const votes = chosen.flatMap((position, index) => {
    const id = ids[index]
    return id === undefined ? [] : [{ id, position, uri: app.uris.vote(viewerId, id) }]
  })
  await app.db.transaction().execute(async (trx) => {
    const refusal = await addVotes(trx, note, { accountId: viewerId, votes, now: app.clock.now() })
    if (refusal) throw refusals[refusal]()
    if (note.is_local) return
    for (const { id } of votes) await enqueue(trx, 'deliverVote', { voteId: id })
  })
  return loadNoteView(app.db, note.id, viewerId)
}

export function isOver(poll: Pick<Poll, 'ends_at' | 'closed_at'>, now: Date): boolean {
  return poll.closed_at !== null || (poll.ends_at !== null && poll.ends_at <= now)
}

export type VoteRefusal = 'no poll' | 'ended' | 'own poll' | 'blocked' | 'no such option' | 'voted already'

const refusals: Record<VoteRefusal, () => AppError> = {
  'no poll': notFound,
  ended: () => invalid('The poll has already ended'),
  'own poll': () => invalid('You cannot vote in your own polls'),
  blocked: notAllowed,
  'no such option': () => invalid('The chosen vote option does not exist'),
  'voted already': () => invalid('You have already voted on this poll'),
}

/** `isSeries`: options of a multiple choice that come one by one, as they do from other servers. */
type Ballot = { accountId: Id; votes: NewVote[]; now: Date; isSeries?: boolean }

/** Counts the votes of one person, local or remote, or says why not. The poll's other readers hear of it soon. */
export async function addVotes(
  trx: Transaction<Database>,
  note: Note,
  { accountId, votes, now, isSeries = false }: Ballot,
): Promise<VoteRefusal | undefined> {
  if (!(await lockLivingNote(trx, note.id))) return 'no poll'
  const poll = await lockPoll(trx, note.id)
  if (!poll) return 'no poll'
  if (note.account_id === accountId) return 'own poll'
  if (isOver(poll, now)) return 'ended'
  if (await refusesFollower(trx, note.account_id, accountId)) return 'blocked'
  const { length } = await listPollTitles(trx, note.id)
  const areThere = votes.every(
    ({ position }) => Number.isInteger(position) && position >= 0 && position < length,
  )
  if (!areThere || votes.length === 0 || (votes.length > 1 && !poll.is_multiple)) return 'no such option'
  const mayAdd = isSeries && poll.is_multiple
  if (!mayAdd && (await hasVoted(trx, note.id, accountId))) return 'voted already'
  const added = await insertVotes(trx, { noteId: note.id, accountId }, votes)
  if (added.length === 0) return 'voted already'
  if (note.is_local) await announceCounts(trx, note.id, now)
  return undefined
}

const announcedEveryMs = 3 * 60_000

async function announceCounts(trx: Transaction<Database>, noteId: Id, now: Date): Promise<void> {
  const runAt = new Date(now.getTime() + announcedEveryMs)
  await enqueue(trx, 'deliverPollCounts', { noteId }, { runAt, dedupeKey: noteId })
}

/** Ends a poll whose time has come: who voted here is told, and the last counts go out, or are asked for. */
export async function closePoll(app: App, noteId: Id): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    const note = await lockLivingNote(trx, noteId)
    if (!note) return
    const poll = await lockPoll(trx, noteId)
    // It may have been given more time by an edit, which has a job of its own.
    if (!poll?.ends_at || poll.closed_at || poll.ends_at > app.clock.now()) return
    await updatePoll(trx, noteId, { closed_at: poll.ends_at })
    await notifyOfPollEnd(trx, note)
    if (note.is_local) await enqueue(trx, 'deliverPollCounts', { noteId }, { dedupeKey: `${noteId} closed` })
    else await enqueue(trx, 'fetchPoll', { noteId }, { dedupeKey: noteId })
  })
}

function invalid(message: string): AppError {
  return new AppError('invalid', `Validation failed: ${message}`, { code: 'poll' })
}
