import type { Transaction } from 'kysely'
import { refuseMoved } from '#src/accounts/moved.ts'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { type Account, getAccount } from '#src/db/accounts.ts'
import { hasNoteInbox } from '#src/db/audiences.ts'
import { claimIdempotencyKey } from '#src/db/idempotency.ts'
import { getVisibleNote, lockLivingNote, newId } from '#src/db/notes.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { draftFromForm, type NoteForm } from './compose.ts'
import type { NoteDraft } from './draft.ts'
import { authorizeQuote } from './quote.ts'
import { reviseNote, storeNote } from './store.ts'
import { loadNoteView, type NoteView } from './view.ts'

/** How a form comes along. */
export type NoteRequest = { idempotencyKey?: string | undefined; applicationId?: Id | null }

/**
 * Posts a note. A repeated request with the same key answers with the first one's note.
 * @throws AppError invalid, notFound; forbidden for someone who moved away
 */
export async function createNote(
  app: App,
  author: Account,
  form: NoteForm,
  request: NoteRequest = {},
): Promise<NoteView> {
  refuseMoved(author)
  const publishedAt = app.clock.now()
  const id = await newId(app.db, publishedAt)
  const applicationId = request.applicationId ?? null
  const draft = await draftFromForm(app, author, form, { id, publishedAt, editedAt: null, applicationId })
  const storedId = await app.db.transaction().execute(async (trx) => {
    if (request.idempotencyKey) {
      const claim = {
        accountId: author.id,
        purpose: 'note' as const,
        key: request.idempotencyKey,
        recordId: id,
      }
      const claimed = await claimIdempotencyKey(trx, claim)
      if (claimed !== id) return claimed
    }
    await publishNote(trx, app, draft)
    return id
  })
  return loadNoteView(app.db, storedId, author.id)
}

/** Stores a note of this server, and has it sent to whoever elsewhere gets it. */
export async function publishNote(trx: Transaction<Database>, app: App, draft: NoteDraft): Promise<void> {
  const note = await storeNote(trx, draft, { now: draft.publishedAt })
  if (!note) return
  await authorizeQuote(trx, app, note)
  if (!(await hasNoteInbox(trx, note))) return
  await enqueue(trx, 'deliverNote', { noteId: note.id, activity: 'Create' }, { orderingKey: draft.uri })
}

/**
 * Changes an own note; its audience and parent stay as they were.
 * @throws AppError invalid; notFound, for somebody else's too
 */
export async function editNote(app: App, authorId: Id, noteId: Id, form: NoteForm): Promise<NoteView> {
  const note = await getVisibleNote(app.db, noteId, authorId)
  if (note.account_id !== authorId || note.boost_of_id !== null) throw notFound()
  const author = await getAccount(app.db, authorId)
  const now = app.clock.now()
  const draft = await draftFromForm(
    app,
    author,
    {
      ...form,
      visibility: note.visibility,
      inReplyToId: note.in_reply_to_id,
      quoteOfId: null,
      remixOfId: note.remix_of_id,
    },
    {
      id: note.id,
      publishedAt: note.published_at,
      editedAt: now,
      applicationId: note.application_id,
    },
  )
  await app.db.transaction().execute(async (trx) => {
    // It may have been deleted meanwhile, and what is deleted stays without words.
    if (!(await lockLivingNote(trx, noteId))) throw notFound()
    await reviseNote(trx, note, { draft, now })
    await enqueue(trx, 'deliverNote', { noteId, activity: 'Update' }, { orderingKey: note.uri })
  })
  return loadNoteView(app.db, noteId, authorId)
}
