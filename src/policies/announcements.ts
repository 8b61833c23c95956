import type { App } from '#src/app.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import {
  deleteAnnouncement,
  deleteAnnouncementReaction,
  dismissAnnouncement,
  findCurrentAnnouncement,
  insertAnnouncement,
  insertAnnouncementReaction,
} from '#src/db/announcements.ts'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import { publishStreamEvent } from '#src/db/stream-events.ts'
import type { Id } from '#src/db/tables.ts'
import { emojiHere, emojiNameOf } from '#src/media/emojis.ts'
import { tidyText, wordLimits } from './server-words.ts'

/** Mastodon's: how many kinds of reactions one announcement may have. */
const mostKinds = 8

export type AnnouncementForm = { text: string; startsAt: Date | null; endsAt: Date | null }

/**
 * Says something to everyone here, from a time on if one is given, and until another.
 * @throws AppError invalid, with the code `text` or `time`
 */
export async function announce(app: Pick<App, 'db'>, actorId: Id, form: AnnouncementForm): Promise<void> {
  const text = tidyText(form.text)
  const { startsAt, endsAt } = form
  if (text === '' || text.length > wordLimits.text)
    throw new AppError('invalid', 'That is too long, or empty', { code: 'text' })
  if (startsAt && endsAt && endsAt <= startsAt)
    throw new AppError('invalid', 'It would end before it begins', { code: 'time' })
  await app.db.transaction().execute(async (trx) => {
    const { id } = await insertAnnouncement(trx, { text, starts_at: startsAt, ends_at: endsAt })
    await insertAuditEntry(trx, { actorId, action: 'announcement.add', subject: id, detail: { text } })
    await publishStreamEvent(trx, 'announcements', [id])
  })
}

/** @throws AppError notFound */
export async function withdrawAnnouncement(app: Pick<App, 'db'>, actorId: Id, id: Id): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    const gone = await deleteAnnouncement(trx, id)
    if (!gone) throw notFound()
    await insertAuditEntry(trx, {
      actorId,
      action: 'announcement.remove',
      subject: id,
      detail: { text: gone.text },
    })
    await publishStreamEvent(trx, 'announcements', [id])
  })
}

/** @throws AppError notFound for what is not said at the moment */
export async function markAnnouncementRead(
  app: Pick<App, 'db' | 'clock'>,
  readerId: Id,
  id: Id,
): Promise<void> {
  await getCurrent(app, id)
  await dismissAnnouncement(app.db, readerId, id)
}

/**
 * @param typed an emoji, or the name of one of this server
 * @throws AppError notFound; invalid for what is no emoji here, and for the ninth kind
 */
export async function reactToAnnouncement(
  app: Pick<App, 'db' | 'clock' | 'storage' | 'publicUrl'>,
  readerId: Id,
  { id, typed }: { id: Id; typed: string },
): Promise<void> {
  await getCurrent(app, id)
  const emoji = await emojiHere(app, typed)
  if (!emoji) throw new AppError('invalid', 'Validation failed: Name is not a recognized emoji')
  const isAdded = await app.db
    .transaction()
    .execute((trx) => insertAnnouncementReaction(trx, { id, accountId: readerId, ...emoji, mostKinds }))
  if (!isAdded) throw new AppError('invalid', 'Validation failed: Limit of different reactions reached')
}

/** @throws AppError notFound */
export async function unreactToAnnouncement(
  app: Pick<App, 'db' | 'clock' | 'publicUrl'>,
  readerId: Id,
  { id, typed }: { id: Id; typed: string },
): Promise<void> {
  await getCurrent(app, id)
  await deleteAnnouncementReaction(app.db, { id, accountId: readerId, name: emojiNameOf(app, typed) })
}

async function getCurrent({ db, clock }: Pick<App, 'db' | 'clock'>, id: Id): Promise<void> {
  if (!(await findCurrentAnnouncement(db, id, clock.now()))) throw notFound()
}
