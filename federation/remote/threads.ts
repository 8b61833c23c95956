import { FetchFailed } from '#src/base/fetch-errors.ts'
import { insertMentions } from '#src/db/mentions.ts'
import { findNoteRow, findNoteRowByUri, type Note, updateNote } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { mayHaveMore } from '#src/notes/want-replies.ts'
import { audienceFrom, visibilityFrom } from '../convert/audience.ts'
import { isSameOrigin } from '../trust.ts'
import { loadAccount } from './accounts.ts'
import { withBudget } from './budget.ts'
import { readCollection } from './collection.ts'
import { as, idOf, idsOf, type Node } from './linked-data.ts'
import { loadAuthor } from './notes.ts'
import type { Remote } from './remote.ts'
import { storeRemoteNote } from './store-notes.ts'

/** For one look at a thread. An author new here costs one fetch more, and a look at their WebFinger. */
const budget = { maxFetches: 60, deadlineMs: 60_000 }
const perCollection = { maxItems: 100, maxRequests: 5, fresh: true }
const maxNotes = 40
const maxDepth = 5
const maxMentioned = 10

/** What a look at a thread has found so far. */
type Walk = {
  remote: Remote
  /** What belongs to the thread. */
  thread: Set<string>
  /** What belongs to it, and is not here: what its notes answer. */
  missing: Set<string>
  seen: Set<string>
  stored: number
}

/**
 * Reads what other servers hold of the thread around a note: its answers and theirs (`replies`), what its conversation
 * lists (FEP-7888), and what it answers. Only what answers something in the thread becomes part of it, each read from
 * its own server; nobody is told of it.
 */
export async function fetchReplies(remote: Remote, noteId: Id): Promise<void> {
  const { app } = remote
  const note = await findNoteRow(app.db, noteId)
  if (!note || !mayHaveMore(note, app.clock.now())) return
  const walk: Walk = {
    remote: withBudget(remote, budget),
    thread: new Set(),
    missing: new Set(),
    seen: new Set(),
    stored: 0,
  }
  join(walk, note)
  await readAnswers(walk, note)
  await readConversation(walk, note)
  await wantParent(remote, noteId)
}

/** Level by level, so that the nearest answers come first when the budget ends. */
async function readAnswers(walk: Walk, root: Note): Promise<void> {
  let level = [root]
  for (let depth = 0; depth < maxDepth && level.length > 0; depth += 1) {
    const next: Note[] = []
    for (const note of level) next.push(...(await readAnswersOf(walk, note)))
    level = next
  }
}

async function readAnswersOf(walk: Walk, note: Note): Promise<Note[]> {
  const { app } = walk.remote
  const collection = note.replies_uri
  if (!mayHaveMore(note, app.clock.now()) || walk.stored >= maxNotes) return []
  const answers: Note[] = []
  if (collection !== null && isSameOrigin(collection, note.uri))
    for (const item of await itemsOf(walk, collection)) {
      const answer = await take(walk, item, collection)
      if (answer) answers.push(answer)
    }
  await app.db
    .transaction()
    .execute((trx) => updateNote(trx, note.id, { replies_fetched_at: app.clock.now() }))
  return answers
}

/** An answer may stand before what it answers: what does not fit yet is tried again while others do. */
async function readConversation(walk: Walk, { context_uri }: Note): Promise<void> {
  if (context_uri === null || walk.remote.app.uris.isLocal(context_uri)) return
  const nodes: Node[] = []
  for (const item of await itemsOf(walk, context_uri)) {
    const node = await nodeOf(walk, item, context_uri)
    if (node) nodes.push(node)
  }
  for (let waiting = nodes, before = -1; waiting.length !== before; ) {
    before = waiting.length
    const left: Node[] = []
    for (const node of waiting) if (!(await store(walk, node))) left.push(node)
    waiting = left
  }
}

function itemsOf({ remote }: Walk, collection: string): Promise<Node[]> {
  return orSkipped(readCollection(remote, collection, perCollection)).then((read) => read?.items ?? [])
}

/** The note an item is or names, if it belongs to the thread. */
async function take(walk: Walk, item: Node, collection: string): Promise<Note | undefined> {
  const node = await nodeOf(walk, item, collection)
  return node && store(walk, node)
}

/** An embedded note is believed where the collection is of its own server; what is here already need not be read. */
async function nodeOf({ remote, seen }: Walk, item: Node, collection: string): Promise<Node | undefined> {
  const { db, uris } = remote.app
  const uri = idOf(item)
  if (uri === undefined || uris.isLocal(uri) || seen.has(uri)) return undefined
  seen.add(uri)
  const isWhole = isSameOrigin(uri, collection) && item[as('attributedTo')] !== undefined
  return isWhole || (await findNoteRowByUri(db, uri)) ? item : readNode(remote, uri)
}

async function store(walk: Walk, node: Node): Promise<Note | undefined> {
  const { remote } = walk
  const { db } = remote.app
  const known = await findNoteRowByUri(db, idOf(node) ?? '')
  if (known) return join(walk, known)
  if (walk.stored >= maxNotes || !belongs(walk, node)) return undefined
  const author = await orSkipped(loadAuthor(remote, node))
  const id = author && (await storeRemoteNote(remote.app, node, author, { isAsked: true, isNews: false }))
  const note = id === undefined ? undefined : await findNoteRow(db, id)
  if (!note) return undefined
  walk.stored += 1
  return join(walk, note)
}

async function readNode(remote: Remote, uri: string): Promise<Node | undefined> {
  const fetched = await orSkipped(remote.fetch(uri))
  return fetched?.outcome === 'found' && fetched.uri === uri ? fetched.node : undefined
}

/** Whether everyone may see it, and it answers something in the thread or is what something there answers. */
function belongs({ thread, missing }: Walk, node: Node): boolean {
  if (!isForEveryone({ visibility: visibilityFrom(audienceFrom(node), null) })) return false
  const parentUri = idsOf(node, as('inReplyTo'))[0]
  return missing.has(idOf(node) ?? '') || (parentUri !== undefined && thread.has(parentUri))
}

/** Undefined for what is known here, but stands elsewhere. */
function join({ thread, missing }: Walk, note: Note): Note | undefined {
  const { uri, in_reply_to_uri, deleted_at } = note
  const isOfIt =
    thread.size === 0 || missing.has(uri) || (in_reply_to_uri !== null && thread.has(in_reply_to_uri))
  if (deleted_at || !isOfIt) return undefined
  thread.add(uri)
  if (in_reply_to_uri !== null) missing.add(in_reply_to_uri)
  return note
}

/** Who was asked and does not answer now is left for another time. */
async function orSkipped<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof FetchFailed) return undefined
    throw error
  }
}

async function wantParent({ app }: Remote, noteId: Id): Promise<void> {
  const note = await findNoteRow(app.db, noteId)
  const uri = note?.in_reply_to_uri
  if (!uri || note.in_reply_to_id !== null || app.uris.isLocal(uri)) return
  await app.db
    .transaction()
    .execute((trx) => enqueue(trx, 'fetchParent', { uri, depth: 1 }, { dedupeKey: uri }))
}

/** Adds people to what a note mentions whom nobody here knew, so that answers to it speak to them too. */
export async function fetchMentioned(
  remote: Remote,
  { noteId, uris }: { noteId: Id; uris: readonly string[] },
): Promise<void> {
  const { app } = remote
  const found: Id[] = []
  for (const uri of uris.slice(0, maxMentioned)) {
    const account = await orSkipped(loadAccount(remote, uri))
    if (account && account.domain !== null) found.push(account.id)
  }
  const note = await findNoteRow(app.db, noteId)
  if (!note || note.deleted_at) return
  const mentions = found.map((accountId) => ({ noteId, accountId }))
  await app.db.transaction().execute((trx) => insertMentions(trx, mentions))
}
