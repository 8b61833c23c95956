import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { lockAccount } from '#src/db/accounts.ts'
import { getVisibleNote, type Note } from '#src/db/notes.ts'
import { countPins, deletePin, insertPin, listPinnedNoteIds } from '#src/db/pins.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { loadNoteView, loadNoteViews, type NoteView } from './view.ts'

/** Mastodon's, and what it shows of others'. */
export const maxPins = 5

/**
 * Shows an own note first on the profile. What is pinned already stays where it is.
 * @throws AppError notFound; invalid for others' notes, boosts, direct notes and the sixth
 */
export async function pinNote(app: App, viewerId: Id, noteId: Id): Promise<NoteView> {
  const note = await getVisibleNote(app.db, noteId, viewerId)
  checkPinnable(note, viewerId)
  await app.db.transaction().execute(async (trx) => {
    // Two at once must not both be the fifth.
    await lockAccount(trx, viewerId)
    const pin = await insertPin(trx, note)
    if (!pin) return
    if ((await countPins(trx, viewerId)) > maxPins) {
      throw new AppError('invalid', 'Validation failed: You have already pinned the maximum number of posts')
    }
    await announce(trx, note, { name: 'Add', changeId: pin.id })
  })
  return loadNoteView(app.db, noteId, viewerId)
}

/** @throws AppError notFound; invalid for others' notes */
export async function unpinNote(app: App, viewerId: Id, noteId: Id): Promise<NoteView> {
  const note = await getVisibleNote(app.db, noteId, viewerId)
  checkPinnable(note, viewerId)
  await app.db.transaction().execute(async (trx) => {
    const pin = await deletePin(trx, note)
    if (pin) await announce(trx, note, { name: 'Remove', changeId: pin.id })
  })
  return loadNoteView(app.db, noteId, viewerId)
}

/** What someone pinned, as far as the viewer may see it; the newest pin first. */
export async function readPinned(
  { db }: Pick<App, 'db'>,
  viewerId: Id | null,
  accountId: Id,
): Promise<NoteView[]> {
  return loadNoteViews(db, await listPinnedNoteIds(db, accountId, viewerId), viewerId)
}

// The words are Mastodon's: apps show them as they come.
function checkPinnable(note: Note, viewerId: Id): void {
  if (note.boost_of_id !== null) throw new AppError('invalid', 'Validation failed: A boost cannot be pinned')
  if (note.account_id !== viewerId)
    throw new AppError('invalid', "Validation failed: Someone else's post cannot be pinned")
  if (note.visibility === 'direct') {
    const message = 'Validation failed: Posts that are only visible to mentioned users cannot be pinned'
    throw new AppError('invalid', message)
  }
}

/** Other servers hear of what everyone may see. */
async function announce(
  trx: Transaction<Database>,
  note: Note,
  { name, changeId }: { name: 'Add' | 'Remove'; changeId: Id },
): Promise<void> {
  if (note.visibility !== 'public' && note.visibility !== 'unlisted') return
  const object = { kind: 'note' as const, uri: note.uri }
  const payload = { accountId: note.account_id, activity: name, changeId, object }
  await enqueue(trx, 'deliverFeatured', payload, { orderingKey: `featured ${note.account_id}` })
}
