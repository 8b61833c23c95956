import type { Kysely, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import type { Account } from '#src/db/accounts.ts'
import {
  findNoteRow,
  findNoteRowByUri,
  findVisibleNote,
  lockLivingNote,
  type Note,
  newId,
  updateNote,
} from '#src/db/notes.ts'
import { listOpenTo } from '#src/db/refusals.ts'
import { hasLocalFollower, isBuried, listLivingAccountsByUris, lockUris } from '#src/db/remote-notes.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import type { NoteDraft, QuoteDraft } from '#src/notes/draft.ts'
import { reviseNote, storeNote } from '#src/notes/store.ts'
import { findCreditableParent } from '#src/remixes/parent.ts'
import { type IncomingNote, noteFrom } from '../convert/note.ts'
import { objectTypeOf } from '../convert/object-types.ts'
import type { Outcome } from '../inbox/outcome.ts'
import { isSameOrigin } from '../trust.ts'
import { loadAccount } from './accounts.ts'
import { as, idOf, idsOf, type Node } from './linked-data.ts'
import { breakQuiet, followNews, keepQuiet } from './news.ts'
import { recountRemotePoll } from './polls.ts'
import { adoptQuotes, followQuote, resolveQuote, reviseQuote } from './quotes.ts'
import type { Remote } from './remote.ts'

/** How far up a thread is followed from a reply. */
const maxThreadDepth = 10

const maxAheadMs = 60 * 60_000

type Occasion = {
  /** Somebody here wants this very note, whoever wrote it. */
  isAsked: boolean
  /** How many answers below it brought us here. */
  depth?: number
  /** False for what lay on someone's profile: nobody is told of it, and no thread is followed from it. */
  isNews?: boolean
}

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

/** Stores a note that came from its author's server. Answers its id; undefined when nobody here has a reason to get it. */
export async function storeRemoteNote(
  app: App,
  node: Node,
  author: Account,
  occasion: Occasion,
): Promise<Id | undefined> {
  const incoming = readNote(app, node, author)
  if (!incoming) return undefined
  const mentioned = await listMentioned(app, incoming)
  if (!occasion.isAsked && !(await isWanted(app, incoming, author, mentioned))) return undefined
  const id = await newId(app.db, incoming.publishedAt)
  return app.db.transaction().execute(async (trx) => {
    const parentUri = incoming.inReplyToUri
    await lockUris(
      trx,
      [incoming.uri, parentUri, incoming.quote?.uri, incoming.remixOfUri ?? undefined].filter(
        (uri) => uri !== undefined,
      ),
    )
    const now = app.clock.now()
    if (await isBuried(trx, { uri: incoming.uri, byUri: author.uri, now })) return undefined
    const parent = await findParent(trx, incoming, author)
    const remixed = await findRemixed(trx, incoming, author)
    const quote = await resolveQuote(trx, app, incoming, author)
    const draft = draftFrom(app, incoming, { id, author, mentioned, parent: parent.note, remixed, quote })
    const isNews = occasion.isNews ?? true
    const note = await storeNote(trx, draft, { now, isNews })
    if (note && isNews) await followNews(trx, app, { note, parent: parent.note, incoming, mentioned })
    else if (note) await keepQuiet(trx, app, note)
    else if (!occasion.isAsked) await breakQuiet(trx, app, incoming.uri)
    if (note && parentUri) await followThread(trx, app, { parentUri, isKnown: parent.isKnown, ...occasion })
    if (note) await connect(trx, app, note, occasion)
    return note?.id ?? (await findNoteRowByUri(trx, incoming.uri))?.id
  })
}

/** Has jobs read what a note quotes and what it was made from. What was itself read for a quote leads no further. */
async function connect(
  trx: Transaction<Database>,
  app: App,
  note: Note,
  { depth = 0, isNews = true }: Occasion,
): Promise<void> {
  await followQuote(trx, app, note, { mayFetchNote: isNews && depth === 0 })
  await adoptQuotes(trx, note)
  const { remix_of_uri: parentUri, remix_of_id: parentId } = note
  if (parentUri === null || parentId !== null) return
  const isKnown = (await findNoteRowByUri(trx, parentUri)) !== undefined
  await followThread(trx, app, { parentUri, isKnown, depth, isNews, isAsked: false })
}

/** What a note was made from, where its author may say so. */
async function findRemixed(
  trx: Transaction<Database>,
  { remixOfUri }: IncomingNote,
  author: Account,
): Promise<Note | undefined> {
  return remixOfUri === null ? undefined : findCreditableParent(trx, remixOfUri, author.id)
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
  const mentioned = await listMentioned(app, incoming)
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
      mentioned,
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

/**
 * Ahead of us as far as a server's clock may be (signatures allow as much): taken for now, its older edit would pass
 * for the newer when it comes again. A date further ahead must not freeze the note.
 */
function editedAtOf({ clock }: App, updatedAt: Date): Date {
  const now = clock.now()
  return updatedAt.getTime() > now.getTime() + maxAheadMs ? now : updatedAt
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

function readNote(app: App, node: Node, author: Account): IncomingNote | undefined {
  const incoming = noteFrom(node, author, app.clock.now())
  if (!incoming || !isSameOrigin(incoming.uri, author.uri)) return undefined
  return idsOf(node, as('attributedTo')).includes(author.uri) ? incoming : undefined
}

/** The people a note mentions or addresses, as far as they are known here, in one query. */
async function listMentioned(app: App, incoming: IncomingNote): Promise<Account[]> {
  const addressedHere = incoming.addressedUris.filter((uri) => app.uris.isLocal(uri))
  const uris = [...new Set([...incoming.mentionUris, ...addressedHere])]
  const accounts = await listLivingAccountsByUris(app.db, uris)
  return accounts.filter((account) => account.kind !== 'Application')
}

/** Whether somebody here follows the author, is spoken to, or wrote or holds what is answered. */
async function isWanted(
  app: App,
  incoming: IncomingNote,
  author: Account,
  mentioned: Account[],
): Promise<boolean> {
  const here = mentioned.filter(({ domain }) => domain === null).map(({ id }) => id)
  if ((await listOpenTo(app.db, author.id, here)).length > 0) return true
  if ((await findParent(app.db, incoming, author)).note) return true
  return hasLocalFollower(app.db, author.id)
}

/** Whom an author cannot see, they cannot answer: such a reply stands alone. */
async function findParent(
  db: Kysely<Database>,
  { inReplyToUri }: IncomingNote,
  author: Account,
): Promise<{ note: Note | undefined; isKnown: boolean }> {
  const row = inReplyToUri === undefined ? undefined : await findNoteRowByUri(db, inReplyToUri)
  return { note: row && (await findVisibleNote(db, row.id, author.id)), isKnown: row !== undefined }
}

async function followThread(
  trx: Transaction<Database>,
  app: App,
  { parentUri, isKnown, depth = 0, isNews = true }: Occasion & { parentUri: string; isKnown: boolean },
): Promise<void> {
  if (!isNews || isKnown || app.uris.isLocal(parentUri) || depth >= maxThreadDepth) return
  await enqueue(trx, 'fetchParent', { uri: parentUri, depth: depth + 1 }, { dedupeKey: parentUri })
}

type Surroundings = {
  id: Id
  author: Account
  mentioned: Account[]
  parent: Note | undefined
  remixed: Note | undefined
  quote: QuoteDraft | null
}

function draftFrom(
  app: App,
  incoming: IncomingNote,
  { id, author, mentioned, parent, remixed, quote }: Surroundings,
): NoteDraft {
  const { inReplyToUri, conversationUri, contextUri, remixOfUri, updatedAt } = incoming
  // Whoever names a conversation of ours without answering anything in it is not part of it.
  const claimed = conversationUri && !app.uris.isLocal(conversationUri) ? conversationUri : incoming.uri
  return {
    id,
    uri: incoming.uri,
    url: incoming.url,
    accountId: author.id,
    isLocal: false,
    visibility: incoming.visibility,
    text: null,
    contentHtml: incoming.contentHtml,
    summary: incoming.summary,
    isSensitive: incoming.isSensitive,
    language: incoming.language,
    emojis: incoming.emojis,
    inReplyTo:
      inReplyToUri === undefined
        ? null
        : { uri: inReplyToUri, id: parent?.id ?? null, accountId: parent?.account_id ?? null },
    conversationUri: parent?.conversation_uri ?? claimed.slice(0, 2_000),
    mentionedIds: mentioned.map((account) => account.id).filter((one) => one !== author.id),
    tagNames: incoming.tagNames,
    media: { kind: 'remote', attachments: incoming.attachments },
    promptVisibility: incoming.attachments.some(({ prompt }) => prompt) ? 'public' : 'hidden',
    remixPolicy: incoming.remixPolicy,
    remixOf: remixOfUri === null ? null : { uri: remixOfUri, id: remixed?.id ?? null },
    objectType: incoming.objectType,
    repliesUri: incoming.repliesUri ?? null,
    contextUri: contextUri && !app.uris.isLocal(contextUri) ? contextUri : (parent?.context_uri ?? null),
    poll: incoming.poll,
    quoteOf: quote,
    quotePolicy: incoming.quotePolicy,
    applicationId: null,
    publishedAt: incoming.publishedAt,
    editedAt: updatedAt && updatedAt > incoming.publishedAt ? editedAtOf(app, updatedAt) : null,
  }
}
