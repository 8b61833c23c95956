import type { Kysely, Transaction } from 'kysely'
import { AppError } from '#src/base/errors.ts'
import { findNoteRow, findNoteRowByUri, findVisibleNote, type Note } from '#src/db/notes.ts'
import { insertNotifications } from '#src/db/notifications.ts'
import { findRemixableNote, hasMadePicture, listRemixedByMedia } from '#src/db/remixes.ts'
import type { Database, Id } from '#src/db/tables.ts'

/**
 * The note from whose picture an account wants to paint, where its author lets them.
 * @throws AppError invalid with the code `remix_of`, alike for what is missing, hidden and not to be remixed
 */
export async function getRemixable(db: Kysely<Database>, accountId: Id, noteId: Id): Promise<Note> {
  const row = await findVisibleNote(db, noteId, accountId)
  const parent = row && (await findRemixableNote(db, row.boost_of_id ?? row.id, accountId))
  if (parent) return parent
  throw refusal('The picture to remix was not found, or its author does not allow it')
}

type Wanted = { authorId: Id; mediaIds: Id[]; remixOfId?: Id | null }

/**
 * What a new note is a remix of: the note that is named, or the one its pictures were painted from. The policy is
 * asked again, since it may have changed; a parent that is gone meanwhile keeps its credit.
 * @throws AppError invalid with the code `remix_of`
 */
export async function findRemixParent(
  db: Kysely<Database>,
  { authorId, mediaIds, remixOfId }: Wanted,
): Promise<Note | null> {
  const parentId = remixOfId ?? (await listRemixedByMedia(db, mediaIds, authorId))[0]
  if (!parentId) return null
  if (!(await hasMadePicture(db, mediaIds))) throw refusal('A remix needs a picture painted here')
  const row = remixOfId ? undefined : await findNoteRow(db, parentId)
  return row?.deleted_at ? row : getRemixable(db, authorId, parentId)
}

/**
 * What a note that is edited is a remix of, which stays as it was published.
 * @throws AppError invalid with the code `remix_of` for pictures painted from something else
 */
export async function keepRemixParent(
  db: Kysely<Database>,
  { authorId, mediaIds, remixOfId }: Wanted,
): Promise<Note | null> {
  const painted = await listRemixedByMedia(db, mediaIds, authorId)
  if (painted.some((id) => id !== remixOfId)) throw refusal('A remix is posted as a note of its own')
  return (remixOfId && (await findNoteRow(db, remixOfId))) || null
}

/**
 * The note that an incoming one may call its parent: it has to be seen by its author, and to allow them. Whether a
 * remote parent's followers include them is known to its own server alone, so there their word is taken.
 */
export async function findCreditableParent(
  db: Kysely<Database>,
  uri: string,
  authorId: Id,
): Promise<Note | undefined> {
  const row = await findNoteRowByUri(db, uri)
  const seen = row && (await findVisibleNote(db, row.id, authorId))
  if (!seen || seen.boost_of_id !== null) return undefined
  if (!seen.is_local && seen.remix_policy === 'followers') return seen
  return findRemixableNote(db, seen.id, authorId)
}

/** Tells the author of a picture that someone made another from it. Answers who it was. */
export async function notifyRemixed(trx: Transaction<Database>, note: Note): Promise<Id | undefined> {
  const parent = note.remix_of_id === null ? undefined : await findNoteRow(trx, note.remix_of_id)
  if (!parent || parent.deleted_at) return undefined
  await insertNotifications(trx, [parent.account_id], {
    kind: 'remix',
    fromAccountId: note.account_id,
    noteId: note.id,
  })
  return parent.account_id
}

function refusal(message: string): AppError {
  return new AppError('invalid', `Validation failed: ${message}`, { code: 'remix_of' })
}
