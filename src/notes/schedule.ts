import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { refuseMoved } from '#src/accounts/moved.ts'
import type { App } from '#src/app.ts'
import { AppError, isAppError, notAllowed, notFound } from '#src/base/errors.ts'
import { type Account, getAccount, lockAccount } from '#src/db/accounts.ts'
import { claimIdempotencyKey } from '#src/db/idempotency.ts'
import type { Media } from '#src/db/media.ts'
import { newId } from '#src/db/notes.ts'
import type { Page } from '#src/db/paging.ts'
import {
  countScheduledNotes,
  deleteScheduledNote,
  findScheduledNote,
  getOwnScheduledNote,
  holdMedia,
  insertScheduledNote,
  listHeldMedia,
  listScheduledNotes,
  moveScheduledNote,
  type ScheduledNote,
} from '#src/db/scheduled-notes.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { findUserByAccount } from '#src/db/users.ts'
import { PermanentFailure } from '#src/jobs/failures.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { draftFromForm, type NoteForm } from './compose.ts'
import { type NoteRequest, publishNote } from './create.ts'

/** Mastodon's. */
const limits = { leastAheadMs: 5 * 60_000, total: 300, aDay: 25 }

/** A note that waits for its time, as it was filled in. */
export type ScheduledView = { scheduled: ScheduledNote; form: NoteForm; media: Media[] }

const storedForm: z.ZodType<NoteForm> = z.object({
  text: z.string(),
  summary: z.string(),
  isSensitive: z.boolean(),
  visibility: z.enum(['public', 'unlisted', 'followers', 'direct']),
  language: z.string().nullable(),
  inReplyToId: z.string().nullable(),
  mediaIds: z.array(z.string()),
  promptVisibility: z.enum(['hidden', 'public']),
  remixPolicy: z.enum(['nobody', 'followers', 'anyone']),
  poll: z
    .object({ titles: z.array(z.string()), isMultiple: z.boolean(), expiresInSeconds: z.number() })
    .nullable()
    .default(null),
  quoteOfId: z.string().nullable().default(null),
  remixOfId: z.string().nullable().default(null),
  quotePolicy: z.enum(['public', 'followers', 'nobody']).default('public'),
})

/**
 * Has a note posted at a moment. What would keep it from being posted now is said now; its pictures are kept for it.
 * A repeated request with the same key answers with the first one's.
 * @throws AppError invalid, notFound; forbidden for someone who moved away
 */
export async function scheduleNote(
  app: App,
  author: Account,
  form: NoteForm,
  { scheduledAt, idempotencyKey: key, applicationId = null }: NoteRequest & { scheduledAt: Date },
): Promise<ScheduledView> {
  refuseMoved(author)
  requireAhead(scheduledAt, app.clock.now())
  const id = await newId(app.db)
  await draftFromForm(app, author, form, { id, publishedAt: scheduledAt, editedAt: null, applicationId })
  const scheduled = { id, account_id: author.id, scheduled_at: scheduledAt }
  const storedId = await app.db.transaction().execute(async (trx) => {
    if (key) {
      const claim = { accountId: author.id, purpose: 'scheduled_note' as const, key, recordId: id }
      const claimed = await claimIdempotencyKey(trx, claim)
      if (claimed !== id) return claimed
    }
    await requireRoom(trx, scheduled)
    await insertScheduledNote(trx, {
      ...scheduled,
      application_id: applicationId,
      form: JSON.stringify(form),
    })
    await holdMedia(trx, scheduled, form.mediaIds)
    await enqueue(trx, 'postScheduledNote', { scheduledNoteId: id }, { runAt: scheduledAt })
    return id
  })
  return loadScheduled(app, author.id, storedId)
}

/** Posts it at another moment. @throws AppError notFound, for somebody else's too; invalid */
export async function reschedule(app: App, accountId: Id, id: Id, scheduledAt: Date): Promise<ScheduledView> {
  await getOwnScheduledNote(app.db, id, accountId)
  requireAhead(scheduledAt, app.clock.now())
  await app.db.transaction().execute(async (trx) => {
    await requireRoom(trx, { id, account_id: accountId, scheduled_at: scheduledAt })
    if (!(await moveScheduledNote(trx, id, scheduledAt))) throw notFound()
    // The job for the moment before finds that its time has not come, or that it is posted.
    await enqueue(trx, 'postScheduledNote', { scheduledNoteId: id }, { runAt: scheduledAt })
  })
  return loadScheduled(app, accountId, id)
}

/** Takes it back; its pictures go as uploads that nobody posts. @throws AppError notFound, for somebody else's too */
export async function unschedule({ db }: Pick<App, 'db'>, accountId: Id, id: Id): Promise<void> {
  await getOwnScheduledNote(db, id, accountId)
  await db.transaction().execute(async (trx) => {
    if (!(await deleteScheduledNote(trx, id))) throw notFound()
  })
}

/** @throws AppError notFound, for somebody else's too */
export async function loadScheduled({ db }: Pick<App, 'db'>, accountId: Id, id: Id): Promise<ScheduledView> {
  const [view] = await withMedia(db, [await getOwnScheduledNote(db, id, accountId)])
  if (!view) throw notFound()
  return view
}

/** Newest first. */
export async function listScheduled(
  { db }: Pick<App, 'db'>,
  accountId: Id,
  page: Page,
): Promise<ScheduledView[]> {
  return withMedia(db, await listScheduledNotes(db, accountId, page))
}

async function withMedia(db: Kysely<Database>, rows: ScheduledNote[]): Promise<ScheduledView[]> {
  const media = await listHeldMedia(
    db,
    rows.map(({ id }) => id),
  )
  const mediaOf = Map.groupBy(media, (one) => one.scheduled_note_id)
  return rows.map((scheduled) => ({
    scheduled,
    form: storedForm.parse(scheduled.form),
    media: mediaOf.get(scheduled.id) ?? [],
  }))
}

/**
 * Posts a note whose time has come, once: what waits ends where the note begins. One that cannot be posted any more is
 * not lost: it stays with its author, to be posted at another time or taken back.
 * @throws PermanentFailure for such a one
 */
export async function postScheduledNote(app: App, id: Id): Promise<void> {
  const now = app.clock.now()
  const scheduled = await findScheduledNote(app.db, id)
  if (!scheduled || scheduled.scheduled_at > now) return
  try {
    await post(app, scheduled, now)
  } catch (error) {
    if (!isAppError(error) || !lastingFaults.has(error.kind)) throw error
    throw new PermanentFailure(`It cannot be posted any more: ${error.message}`, { cause: error })
  }
}

const lastingFaults = new Set<string>(['invalid', 'notFound', 'forbidden', 'gone'])

async function post(app: App, scheduled: ScheduledNote, now: Date): Promise<void> {
  const { id, account_id: accountId, application_id: applicationId } = scheduled
  const author = await getAccount(app.db, accountId)
  const user = await findUserByAccount(app.db, accountId)
  if (!user || user.disabled_at) throw notAllowed()
  refuseMoved(author)
  const draft = await draftFromForm(app, author, storedForm.parse(scheduled.form), {
    id: await newId(app.db, now),
    publishedAt: now,
    editedAt: null,
    applicationId,
  })
  await app.db.transaction().execute(async (trx) => {
    // Another worker may have posted it, and its author may have moved it or taken it back.
    if (!(await deleteScheduledNote(trx, id, now))) return
    await publishNote(trx, app, draft)
  })
}

function requireAhead(scheduledAt: Date, now: Date): void {
  if (scheduledAt.getTime() > now.getTime() + limits.leastAheadMs) return
  throw new AppError('invalid', 'Validation failed: Scheduled at date must be in the future')
}

async function requireRoom(
  trx: Transaction<Database>,
  scheduled: { id: Id; account_id: Id; scheduled_at: Date },
): Promise<void> {
  await lockAccount(trx, scheduled.account_id)
  const others = { at: scheduled.scheduled_at, exceptId: scheduled.id }
  const { total, thatDay } = await countScheduledNotes(trx, scheduled.account_id, others)
  if (total >= limits.total) throw overLimit(`${limits.total} scheduled posts`)
  if (thatDay >= limits.aDay) throw overLimit(`${limits.aDay} scheduled posts for today`)
}

const overLimit = (what: string) =>
  new AppError('invalid', `Validation failed: You have exceeded the limit of ${what}`)
