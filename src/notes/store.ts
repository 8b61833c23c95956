import type { Transaction } from 'kysely'
import { countNoteOf, uncountNotesOf } from '#src/db/accounts.ts'
import { deleteHomeEntriesOfNote, writeHomeEntries } from '#src/db/home-entries.ts'
import {
  attachMedia,
  detachMedia,
  insertAttachments,
  reviseAttachments,
  updateOwnMedia,
} from '#src/db/media.ts'
import { insertMentions, replaceMentions } from '#src/db/mentions.ts'
import { eraseVersions } from '#src/db/note-versions.ts'
import {
  addToNoteCounter,
  adoptOrphans,
  findNoteRow,
  insertNote,
  markBoostsDeleted,
  markNoteDeleted,
  type Note,
  updateNote,
} from '#src/db/notes.ts'
import { deleteNotificationsOfNote, insertNotifications, notifySubscribers } from '#src/db/notifications.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { insertTags, replaceTags } from '#src/db/tags.ts'
import { notifyRemixed } from '#src/remixes/parent.ts'
import type { NoteDraft } from './draft.ts'
import { revisePoll, storePoll } from './poll.ts'
import { countedQuoteOf, notifyQuoted, notifyQuoters, quoteColumns } from './quote.ts'
import { prepareShowing } from './showing.ts'
import { changeWords } from './versions.ts'

/**
 * Stores a note with everything that follows from it here: mentions, tags, media, counters, home feeds and
 * notifications. Undefined when its uri is stored already, and then nothing follows.
 * @param options.isNews false for one from before, that somebody looked for: it comes into no feed and tells no one
 */
export async function storeNote(
  trx: Transaction<Database>,
  draft: NoteDraft,
  { now, isNews = true }: { now: Date; isNews?: boolean },
): Promise<Note | undefined> {
  const note = await insertNote(trx, {
    id: draft.id,
    uri: draft.uri,
    url: draft.url,
    account_id: draft.accountId,
    is_local: draft.isLocal,
    in_reply_to_uri: draft.inReplyTo?.uri ?? null,
    in_reply_to_id: draft.inReplyTo?.id ?? null,
    in_reply_to_account_id: draft.inReplyTo?.accountId ?? null,
    conversation_uri: draft.conversationUri,
    application_id: draft.applicationId,
    remix_of_id: draft.remixOf?.id ?? null,
    remix_of_uri: draft.remixOf?.uri ?? null,
    ...quoteColumns(draft.quoteOf),
    published_at: draft.publishedAt,
    edited_at: draft.editedAt,
    ...wordsOf(draft),
  })
  if (!note) return undefined
  await insertMentions(trx, note.id, draft.mentionedIds)
  await insertTags(trx, note.id, draft.tagNames)
  await storeMedia(trx, note, draft)
  if (draft.poll) await storePoll(trx, note, draft.poll)
  await countNote(trx, note)
  if (!draft.isLocal) await adoptOrphans(trx, note)
  if (isNews) await spreadNote(trx, note, draft.mentionedIds)
  if (isNews) await prepareShowing(trx, note, { draft, now })
  return note
}

/** Puts a note before those who follow its author, and tells those it mentions. Twice is as good as once. */
export async function spreadNote(trx: Transaction<Database>, note: Note, mentionedIds: Id[]): Promise<void> {
  await writeHomeEntries(trx, note)
  // Who hears of a remix has been told that it mentions them.
  const remixedId = await notifyRemixed(trx, note)
  const others = mentionedIds.filter((id) => id !== remixedId)
  await insertNotifications(trx, others, {
    kind: 'mention',
    fromAccountId: note.account_id,
    noteId: note.id,
  })
  await notifyQuoted(trx, note)
  if (note.visibility !== 'direct' && note.in_reply_to_uri === null)
    await notifySubscribers(trx, note.account_id, note.id)
}

/** Replaces what a note says; who wrote it, when, in answer to what and for whom stays. */
export async function reviseNote(
  trx: Transaction<Database>,
  note: Note,
  { draft, now }: { draft: NoteDraft; now: Date },
): Promise<void> {
  await replaceMentions(trx, note.id, draft.mentionedIds)
  await replaceTags(trx, note.id, draft.tagNames)
  await changeWords(trx, note, () => replaceWords(trx, note, draft))
  await insertNotifications(trx, draft.mentionedIds, {
    kind: 'mention',
    fromAccountId: note.account_id,
    noteId: note.id,
  })
  await notifyQuoters(trx, note)
  await prepareShowing(trx, note, { draft, now })
}

async function replaceWords(trx: Transaction<Database>, note: Note, draft: NoteDraft): Promise<void> {
  await updateNote(trx, note.id, { ...wordsOf(draft), edited_at: draft.editedAt })
  await revisePoll(trx, note, draft.poll)
  if (draft.media.kind === 'remote') return reviseAttachments(trx, note, draft.media.attachments)
  await detachMedia(trx, note.id, draft.media.ids)
  await storeMedia(trx, note, draft)
  for (const { id, changes } of draft.media.changes ?? [])
    await updateOwnMedia(trx, id, draft.accountId, changes)
}

/**
 * Leaves a tombstone where a note, or a boost, was. False when it was one already.
 * The mentions and likes stay: they say who else must hear of the deletion.
 */
export async function removeNote(trx: Transaction<Database>, note: Note): Promise<boolean> {
  if (!(await markNoteDeleted(trx, note.id))) return false
  await eraseVersions(trx, note.id)
  await deleteHomeEntriesOfNote(trx, note.id)
  await deleteNotificationsOfNote(trx, note.id)
  const boosterIds = note.boost_of_id === null ? await markBoostsDeleted(trx, note.id) : []
  // As it is now: a quote may have been accepted or revoked since the note was read.
  await countWithOthers(trx, (await findNoteRow(trx, note.id)) ?? note, -1)
  await uncountNotesOf(trx, [note.account_id, ...boosterIds])
  return true
}

function wordsOf(draft: NoteDraft) {
  return {
    visibility: draft.visibility,
    text: draft.text,
    content_html: draft.contentHtml,
    summary: draft.summary,
    is_sensitive: draft.isSensitive,
    language: draft.language,
    object_type: draft.objectType,
    emojis: JSON.stringify(draft.emojis),
    prompt_visibility: draft.promptVisibility,
    remix_policy: draft.remixPolicy,
    replies_uri: draft.repliesUri,
    context_uri: draft.contextUri,
    quote_policy: draft.quotePolicy,
  }
}

async function storeMedia(trx: Transaction<Database>, note: Note, draft: NoteDraft): Promise<void> {
  if (draft.media.kind === 'uploads') await attachMedia(trx, note, draft.media.ids)
  else await insertAttachments(trx, note, draft.media.attachments)
}

/** Counts a new note, or boost, with what it points at and with its author. */
export async function countNote(trx: Transaction<Database>, note: Note): Promise<void> {
  await countWithOthers(trx, note, 1)
  await countNoteOf(trx, note.account_id, note.published_at)
}

async function countWithOthers(trx: Transaction<Database>, note: Note, amount: 1 | -1): Promise<void> {
  const steps = [
    { id: note.boost_of_id, counter: 'boosts_count' as const },
    { id: note.in_reply_to_id, counter: 'replies_count' as const },
    { id: note.remix_of_id, counter: 'remixes_count' as const },
    { id: countedQuoteOf(note), counter: 'quotes_count' as const },
  ]
  // The newest first, as with a reply and its parent: two notes that point at the same ones must not wait in a circle.
  for (const { id, counter } of steps.sort((a, b) => (BigInt(a.id ?? 0) < BigInt(b.id ?? 0) ? 1 : -1)))
    if (id !== null) await addToNoteCounter(trx, id, counter, amount)
}
