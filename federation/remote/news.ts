import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import type { Account } from '#src/db/accounts.ts'
import { deleteValue, getValue, setValue } from '#src/db/key-value.ts'
import { listMentions } from '#src/db/mentions.ts'
import { findNoteRow, findNoteRowByUri, findVisibleNote, type Note } from '#src/db/notes.ts'
import { insertNotifications } from '#src/db/notifications.ts'
import type { Database } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { spreadNotes } from '#src/notes/store.ts'
import type { IncomingNote } from '../convert/note.ts'

/** As long as a delivery may take. */
const quietForMs = 7 * 24 * 60 * 60_000
const maxUnknown = 10

type Stored = { note: Note; parent: Note | undefined; incoming: IncomingNote; mentioned: Account[] }

/** What follows from a new remote note, beside what follows from any note. */
export async function followNews(trx: Transaction<Database>, app: App, stored: Stored): Promise<void> {
  const { note, parent, incoming, mentioned } = stored
  await tellAnswered(trx, note, parent)
  const known = new Set(mentioned.map(({ uri }) => uri))
  const unknown = incoming.mentionUris.filter((uri) => !known.has(uri) && !app.uris.isLocal(uri))
  if (unknown.length === 0) return
  const payload = { noteId: note.id, uris: unknown.slice(0, maxUnknown) }
  await enqueue(trx, 'fetchMentioned', payload, { dedupeKey: note.id })
}

/** Lemmy, GoToSocial and others answer without naming whom: they are told as if they were mentioned. */
async function tellAnswered(trx: Transaction<Database>, note: Note, parent: Note | undefined): Promise<void> {
  if (!parent?.is_local || !(await findVisibleNote(trx, note.id, parent.account_id))) return
  await insertNotifications(trx, [parent.account_id], {
    kind: 'mention',
    fromAccountId: note.account_id,
    noteId: note.id,
  })
}

/** Remembers that a note was found before it was delivered, if it ever is. */
export function keepQuiet(trx: Transaction<Database>, { clock }: App, { uri }: Note): Promise<void> {
  return setValue(trx, keyOf(uri), true, new Date(clock.now().getTime() + quietForMs))
}

/** A note that somebody's look at a thread found first is delivered now: it is news after all, once. */
export async function breakQuiet(trx: Transaction<Database>, { clock }: App, uri: string): Promise<void> {
  if (!(await getValue(trx, keyOf(uri), clock.now()))) return
  await deleteValue(trx, keyOf(uri))
  const note = await findNoteRowByUri(trx, uri)
  if (!note || note.deleted_at) return
  const mentions = await listMentions(trx, [note.id])
  await spreadNotes(trx, [{ note, mentionedIds: mentions.map(({ id }) => id) }])
  const parent = note.in_reply_to_id === null ? undefined : await findNoteRow(trx, note.in_reply_to_id)
  await tellAnswered(trx, note, parent)
}

const keyOf = (uri: string) => ['quiet', uri]
