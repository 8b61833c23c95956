import type { Transaction } from 'kysely'
import { countNotes, uncountNotesOf } from '#src/db/accounts.ts'
import { enterConversations, leaveConversations } from '#src/db/conversations.ts'
import { deleteHomeEntriesOfNote, writeHomeEntries } from '#src/db/home-entries.ts'
import { deleteListEntriesOfNote } from '#src/db/list-entries.ts'
import {
  attachMedia,
  detachMedia,
  insertAttachments,
  reviseAttachments,
  updateOwnMedia,
} from '#src/db/media.ts'
import { insertMentions, type NewMention, replaceMentions } from '#src/db/mentions.ts'
import { eraseVersions } from '#src/db/note-versions.ts'
import {
  addToNoteCounter,
  adoptOrphans,
  findNoteRow,
  insertNotes,
  markBoostsDeleted,
  markNoteDeleted,
  type NewNote,
  type Note,
  updateNote,
} from '#src/db/notes.ts'
import {
  deleteNotificationsOfNote,
  insertNews,
  insertNotifications,
  type News,
  notifySubscribers,
} from '#src/db/notifications.ts'
import type { Database, Id, NotificationKind } from '#src/db/tables.ts'
import { insertTags, replaceTags, type Tagging } from '#src/db/tags.ts'
import { notifyRemixed } from '#src/remixes/parent.ts'
import type { NoteDraft } from './draft.ts'
import { revisePoll, storePoll } from './poll.ts'
import { countedQuoteOf, notifyQuoted, notifyQuoters, quoteColumns } from './quote.ts'
import { prepareShowing } from './showing.ts'
import { changeWords } from './versions.ts'

type Occasion = {
  now: Date
  /** False for notes from before, that somebody looked for: they come into no feed and tell no one. */
  isNews?: boolean
}

/** As `storeNotes`, of one. Undefined when its uri is stored already, and then nothing follows. */
export async function storeNote(
  trx: Transaction<Database>,
  draft: NoteDraft,
  occasion: Occasion,
): Promise<Note | undefined> {
  const [stored] = await storeNotes(trx, [draft], occasion)
  return stored?.note
}

export type StoredNote = { note: Note; draft: NoteDraft }

/**
 * Stores notes with everything that follows from them here: mentions, tags, media, counters, home feeds and
 * notifications, each in a constant number of statements. Answers those whose uri was not stored already; from the
 * others nothing follows.
 */
export async function storeNotes(
  trx: Transaction<Database>,
  drafts: readonly NoteDraft[],
  { now, isNews = true }: Occasion,
): Promise<StoredNote[]> {
  if (drafts.length === 0) return []
  const rows = await insertNotes(trx, drafts.map(columnsOf))
  const draftOf = new Map(drafts.map((draft) => [draft.id, draft]))
  const stored = rows.flatMap((note) => {
    const draft = draftOf.get(note.id)
    return draft ? [{ note, draft }] : []
  })
  if (stored.length === 0) return []
  await insertMentions(trx, mentionsIn(stored))
  await insertTags(trx, taggingsIn(stored))
  await storeMedia(trx, stored)
  await storePolls(trx, stored)
  const foreign = stored.filter(({ draft }) => !draft.isLocal).map(({ note }) => note)
  if (foreign.length > 0) await adoptOrphans(trx, foreign)
  if (isNews) await spreadNotes(trx, stored.map(toSpread))
  await countWritten(
    trx,
    stored.map(({ note }) => note),
  )
  if (isNews) for (const { note, draft } of stored) await prepareShowing(trx, note, { draft, now })
  return stored
}

const mentionsIn = (stored: readonly StoredNote[]): NewMention[] =>
  stored.flatMap(({ note, draft }) => draft.mentionedIds.map((accountId) => ({ noteId: note.id, accountId })))

const taggingsIn = (stored: readonly StoredNote[]): Tagging[] =>
  stored.flatMap(({ note, draft }) => draft.tagNames.map((name) => ({ noteId: note.id, name })))

const toSpread = ({ note, draft }: StoredNote): Spread => ({ note, mentionedIds: draft.mentionedIds })

function columnsOf(draft: NoteDraft): NewNote {
  return {
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
    emojis: draft.emojis,
  }
}

type Spread = { note: Note; mentionedIds: readonly Id[] }

/**
 * Puts notes before those who follow their authors and into conversations, and tells those they mention. Twice is as good
 * as once.
 */
export async function spreadNotes(trx: Transaction<Database>, notes: readonly Spread[]): Promise<void> {
  const ids = notes.map(({ note }) => note.id)
  await writeHomeEntries(trx, ids)
  await notifySubscribers(trx, ids)
  const directIds = notes.filter(({ note }) => note.visibility === 'direct').map(({ note }) => note.id)
  if (directIds.length > 0) await enterConversations(trx, directIds)
  const news: News[] = []
  for (const { note, mentionedIds } of notes) {
    // Who hears of a remix has been told that it mentions them.
    const remixedId = await notifyRemixed(trx, note)
    const others = mentionedIds.filter((id) => id !== remixedId)
    news.push(...others.map((id) => newsOf(note, 'mention', id)))
    await notifyQuoted(trx, note)
  }
  await insertNews(trx, news)
}

function newsOf(note: Note, kind: NotificationKind, recipientId: Id): News {
  return { recipientId, kind, fromAccountId: note.account_id, noteId: note.id }
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
  if (note.visibility === 'direct') await enterConversations(trx, [note.id])
  await notifyQuoters(trx, note)
  await prepareShowing(trx, note, { draft, now })
}

async function replaceWords(trx: Transaction<Database>, note: Note, draft: NoteDraft): Promise<void> {
  const emojis = JSON.stringify(draft.emojis)
  await updateNote(trx, note.id, { ...wordsOf(draft), emojis, edited_at: draft.editedAt })
  await revisePoll(trx, note, draft.poll)
  if (draft.media.kind === 'remote') return reviseAttachments(trx, note, draft.media.attachments)
  await detachMedia(trx, note.id, draft.media.ids)
  await storeMedia(trx, [{ note, draft }])
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
  await deleteListEntriesOfNote(trx, note.id)
  await deleteNotificationsOfNote(trx, note.id)
  if (note.visibility === 'direct') await leaveConversations(trx, note.id)
  const boosterIds = note.boost_of_id === null ? await markBoostsDeleted(trx, note.id) : []
  // As it is now: a quote may have been accepted or revoked since the note was read.
  await countWithOthers(trx, [(await findNoteRow(trx, note.id)) ?? note], -1)
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
    prompt_visibility: draft.promptVisibility,
    remix_policy: draft.remixPolicy,
    replies_uri: draft.repliesUri,
    context_uri: draft.contextUri,
    quote_policy: draft.quotePolicy,
  }
}

async function storeMedia(trx: Transaction<Database>, stored: readonly StoredNote[]): Promise<void> {
  const remote = stored.flatMap(({ note, draft: { media } }) =>
    media.kind === 'remote' ? [{ ...note, attachments: media.attachments }] : [],
  )
  await insertAttachments(trx, remote)
  for (const { note, draft } of stored)
    if (draft.media.kind === 'uploads') await attachMedia(trx, note, draft.media.ids)
}

async function storePolls(trx: Transaction<Database>, stored: readonly StoredNote[]): Promise<void> {
  for (const { note, draft } of stored) if (draft.poll) await storePoll(trx, note, draft.poll)
}

/** Counts new notes, or boosts, with what they point at and with their authors, who come last. */
export async function countWritten(trx: Transaction<Database>, notes: readonly Note[]): Promise<void> {
  await countWithOthers(trx, notes, 1)
  await countNotes(trx, notes)
}

async function countWithOthers(
  trx: Transaction<Database>,
  notes: readonly Note[],
  amount: 1 | -1,
): Promise<void> {
  const counted = notes.flatMap((note) => [
    { id: note.boost_of_id, counter: 'boosts_count' as const },
    { id: note.in_reply_to_id, counter: 'replies_count' as const },
    { id: note.remix_of_id, counter: 'remixes_count' as const },
    { id: countedQuoteOf(note), counter: 'quotes_count' as const },
  ])
  // The newest first, as with a reply and its parent: two notes that point at the same ones must not wait in a circle.
  const ordered = counted.sort((a, b) => (BigInt(a.id ?? 0) < BigInt(b.id ?? 0) ? 1 : -1))
  for (const { id, counter } of ordered) if (id !== null) await addToNoteCounter(trx, id, counter, amount)
}
