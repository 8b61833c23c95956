import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { findAccount } from '#src/db/accounts.ts'
import { getVisibleOriginal, type Note, newId } from '#src/db/notes.ts'
import { deleteNotification, insertNotifications } from '#src/db/notifications.ts'
import {
  countReactionsBy,
  deleteReaction,
  findReactionNamed,
  insertReaction,
  maxReactionsEach,
  type Reaction,
} from '#src/db/reactions.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { type Emoji, emojiHere, emojiNameOf } from '#src/media/emojis.ts'
import { refuseBlocked } from '#src/relationships/block.ts'
import { loadNoteView, type NoteView } from './view.ts'

/**
 * Gives a note one more reaction of the viewer's.
 * @param typed an emoji, or a custom one's name with or without colons
 * @throws AppError notFound; forbidden for those whom the viewer blocks; invalid for what is no emoji here, and for the twenty-first
 */
export async function reactToNote(app: App, viewerId: Id, noteId: Id, typed: string): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  await refuseBlocked(app, viewerId, note.account_id)
  const emoji = await findEmoji(app, note.id, typed)
  if (!emoji) throw new AppError('invalid', 'Validation failed: Name is not a recognized emoji')
  if ((await countReactionsBy(app.db, viewerId, note.id)) >= maxReactionsEach) {
    throw new AppError('invalid', 'Validation failed: Limit of different reactions reached')
  }
  await app.db.transaction().execute(async (trx) => {
    const id = await newId(trx)
    const uri = app.uris.reaction(viewerId, id)
    const reaction = await addReaction(trx, note, { id, accountId: viewerId, uri, ...emoji })
    if (reaction) await deliverReaction(trx, reaction, note, false)
  })
  return loadNoteView(app.db, note.id, viewerId)
}

/** Takes one reaction back. @throws AppError notFound */
export async function unreactToNote(app: App, viewerId: Id, noteId: Id, typed: string): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  await app.db.transaction().execute(async (trx) => {
    const reaction = await removeReaction(trx, note, { accountId: viewerId, name: emojiNameOf(app, typed) })
    if (reaction) await deliverReaction(trx, reaction, note, true)
  })
  return loadNoteView(app.db, note.id, viewerId)
}

/** Of other servers' emoji, only those that others reacted with to the same note. */
async function findEmoji(app: App, noteId: Id, typed: string): Promise<Emoji | undefined> {
  const here = await emojiHere(app, typed)
  if (here) return here
  const name = emojiNameOf(app, typed)
  const known = name.includes('@') ? await findReactionNamed(app.db, noteId, name) : undefined
  return known && { name, emojiUrl: known.emoji_url }
}

/** Undefined when it was there already or the note is gone. For local and remote people alike. */
export async function addReaction(
  trx: Transaction<Database>,
  note: Note,
  reaction: Emoji & { id?: Id; accountId: Id; uri: string },
): Promise<Reaction | undefined> {
  const stored = await insertReaction(trx, {
    ...(reaction.id && { id: reaction.id }),
    account_id: reaction.accountId,
    note_id: note.id,
    name: reaction.name,
    emoji_url: reaction.emojiUrl,
    uri: reaction.uri,
  })
  if (!stored) return undefined
  await insertNotifications(trx, [note.account_id], {
    kind: 'reaction',
    fromAccountId: reaction.accountId,
    noteId: note.id,
  })
  return stored
}

/** Undefined when there was nothing to take back. */
export async function removeReaction(
  trx: Transaction<Database>,
  note: Note,
  { accountId, name }: { accountId: Id; name: string },
): Promise<Reaction | undefined> {
  const reaction = await deleteReaction(trx, { accountId, noteId: note.id, name })
  if (!reaction) return undefined
  // One notification stands for all that one person gives one note.
  if ((await countReactionsBy(trx, accountId, note.id)) > 0) return reaction
  await deleteNotification(trx, {
    kind: 'reaction',
    recipientId: note.account_id,
    fromAccountId: accountId,
    noteId: note.id,
  })
  return reaction
}

async function deliverReaction(
  trx: Transaction<Database>,
  reaction: Reaction,
  note: Note,
  isUndo: boolean,
): Promise<void> {
  const author = await findAccount(trx, note.account_id)
  if (author?.domain == null) return
  const { account_id: accountId, uri, name, emoji_url: emojiUrl } = reaction
  const payload = { accountId, noteId: note.id, reactionUri: uri, name, emojiUrl, isUndo }
  await enqueue(trx, 'deliverReaction', payload, { orderingKey: uri })
}
