import type { App } from '#src/app.ts'
import type { Account } from '#src/db/accounts.ts'
import { findNoteRow, findNoteRowByUri, lockLivingNote, type Note, updateNote } from '#src/db/notes.ts'
import { lockUris } from '#src/db/remote-notes.ts'
import type { Id } from '#src/db/tables.ts'
import { reviseNote } from '#src/notes/store.ts'
import type { IncomingNote } from '../convert/note.ts'
import { objectTypeOf } from '../convert/object-types.ts'
import type { Outcome } from '../inbox/outcome.ts'
import { isSameOrigin } from '../trust.ts'
import { loadAccount } from './accounts.ts'
import { draftFrom, editedAtOf, listMentioned, readNote } from './incoming-notes.ts'
import { as, idOf, idsOf, type Node } from './linked-data.ts'
import { recountRemotePoll } from './polls.ts'
import { resolveQuote, reviseQuote } from './quotes.ts'
import type { Remote } from './remote.ts'
import { type Occasion, storeRemoteNote } from './store-notes.ts'

/**
 * The note of this id, read from its own server unless it is here. Undefined when it is gone, refused or no note.
 * @throws FetchFailed when its server does not answer now
 */
export async function loadNote(
  remote: Remote,
  uri: string,
  occasion: Omit<Occasion, 'isAsked'> = {},
): Promise<Id | undefined> {
  const { app } = remote
  const known = await findNoteRowByUri(app.db, uri)
  if (known) return known.deleted_at ? undefined : known.id
  const fetched = await remote.fetch(uri)
  if (fetched.outcome !== 'found') return undefined
  const author = await loadAuthor(remote, fetched.node)
  return author && storeRemoteNote(app, fetched.node, author, { isAsked: true, ...occasion })
}

/** Whom an object is attributed to: someone of its own server, and of no other. */
export async function loadAuthor(remote: Remote, node: Node): Promise<Account | undefined> {
  const uri = idOf(node)
  const author = idsOf(node, as('attributedTo'))[0]
  if (!uri || !author || !objectTypeOf(node) || !isSameOrigin(uri, author)) return undefined
  return loadAccount(remote, author)
}

/** Changes a note as its author's server says, unless what came is older than what is here. */
export async function reviseRemoteNote(app: App, node: Node, author: Account, known: Note): Promise<Outcome> {
  const incoming = readNote(app, node, author)
  // Mastodon sends Updates without `updated` when only a poll's counts moved, or a quote was allowed.
  if (!incoming || incoming.uri !== known.uri) return 'unknown object'
  if (!incoming.updatedAt) {
    const outcome = await reviseQuietly(app, incoming, author, known)
    return incoming.poll ? recountRemotePoll(app, known, incoming.poll) : outcome
  }
  const mentionedIn = await listMentioned(app, [incoming])
  const editedAt = editedAtOf(app, incoming.updatedAt)
  return app.db.transaction().execute(async (trx) => {
    await lockUris(trx, [incoming.uri])
    const note = await findNoteRow(trx, known.id)
    // An equal time is no older one: many servers count in whole seconds, and people correct themselves at once.
    if (!note || note.deleted_at) return 'gone'
    if (editedAt < (note.edited_at ?? note.published_at)) return 'stale'
    const draft = draftFrom(app, incoming, {
      id: note.id,
      author,
      mentioned: mentionedIn(incoming),
      parent: undefined,
      remixed: undefined,
      quote: null,
    })
    await reviseQuote(trx, app, note, await resolveQuote(trx, app, incoming, author))
    const revised = { ...draft, editedAt, visibility: note.visibility }
    await reviseNote(trx, note, { draft: revised, now: app.clock.now() })
    return 'done'
  })
}

/** What may change without an edit: whether a quote is allowed, and who may quote. */
function reviseQuietly(app: App, incoming: IncomingNote, author: Account, known: Note): Promise<Outcome> {
  return app.db.transaction().execute(async (trx) => {
    await lockUris(trx, [incoming.uri])
    const note = await lockLivingNote(trx, known.id)
    if (!note) return 'gone'
    const quote = await resolveQuote(trx, app, incoming, author)
    const isRevised = await reviseQuote(trx, app, note, quote)
    const { quotePolicy } = incoming
    if (note.quote_policy === quotePolicy) return isRevised ? 'done' : 'known already'
    await updateNote(trx, note.id, { quote_policy: quotePolicy })
    return 'done'
  })
}
