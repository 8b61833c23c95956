import type { Kysely, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import type { Account } from '#src/db/accounts.ts'
import { findNoteRowByUri, findVisibleNote, listNoteRowsByUris, type Note, newIds } from '#src/db/notes.ts'
import { listOpenTo } from '#src/db/refusals.ts'
import { listBuried, listFollowedHere, lockUris } from '#src/db/remote-notes.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { storeNotes } from '#src/notes/store.ts'
import { findCreditableParent } from '#src/remixes/parent.ts'
import type { IncomingNote } from '../convert/note.ts'
import { draftFrom, listMentioned, readNote, type Surroundings } from './incoming-notes.ts'
import type { Node } from './linked-data.ts'
import { breakQuiet, followNews, keepQuiet } from './news.ts'
import { adoptQuotes, followQuote, resolveQuote } from './quotes.ts'

/** How far up a thread is followed from a reply. */
const maxThreadDepth = 10

export type Occasion = {
  /** Somebody here wants these very notes, whoever wrote them. */
  isAsked: boolean
  /** How many answers below it brought us here. */
  depth?: number
  /** False for what lay on someone's profile: nobody is told of it, and no thread is followed from it. */
  isNews?: boolean
}

/** As `storeRemoteNotes`, of one. */
export async function storeRemoteNote(
  app: App,
  node: Node,
  author: Account,
  occasion: Occasion,
): Promise<Id | undefined> {
  const [id] = await storeRemoteNotes(app, [{ node, author }], occasion)
  return id
}

/**
 * Stores notes that came from their authors' servers, all or none, in a number of statements that grows only with what
 * few notes have: a parent, a quote. Answers an id for each; undefined where nobody here has a reason to get it.
 */
export async function storeRemoteNotes(
  app: App,
  arrivals: readonly { node: Node; author: Account }[],
  occasion: Occasion,
): Promise<(Id | undefined)[]> {
  const read = arrivals.map(({ node, author }) => readNote(app, node, author))
  const mentionedIn = await listMentioned(app, read)
  const arrived = read.flatMap((incoming, place): Arrived[] => {
    const author = arrivals[place]?.author
    return incoming && author ? [{ place, incoming, author, mentioned: mentionedIn(incoming) }] : []
  })
  const wanted = occasion.isAsked ? arrived : await listWanted(app, arrived)
  const stored = wanted.length === 0 ? new Map<number, Id>() : await storeWanted(app, wanted, occasion)
  return arrivals.map((_, place) => stored.get(place))
}

type Arrived = {
  /** Among those that arrived together. */
  place: number
  incoming: IncomingNote
  author: Account
  mentioned: Account[]
}

/** Those whose author somebody here follows, that speak to someone here, or answer what someone here wrote or holds. */
async function listWanted({ db }: App, arrived: readonly Arrived[]): Promise<Arrived[]> {
  const authorIds = arrived.map(({ author }) => author.id)
  const followed = authorIds.length === 0 ? new Set() : await listFollowedHere(db, authorIds)
  const wanted = new Set<Arrived>()
  for (const each of arrived)
    if (followed.has(each.author.id) || (await concernsSomeone(db, each))) wanted.add(each)
  addAnswers(wanted, arrived)
  return arrived.filter((each) => wanted.has(each))
}

/** What answers a wanted note that came with it will find it here. */
function addAnswers(wanted: Set<Arrived>, arrived: readonly Arrived[]): void {
  const answersTo = Map.groupBy(arrived, ({ incoming }) => incoming.inReplyToUri)
  // A set is walked to its end, with what is added on the way.
  for (const { incoming } of wanted)
    for (const answer of answersTo.get(incoming.uri) ?? []) wanted.add(answer)
}

async function concernsSomeone(
  db: Kysely<Database>,
  { incoming, author, mentioned }: Arrived,
): Promise<boolean> {
  const here = mentioned.filter(({ domain }) => domain === null).map(({ id }) => id)
  if ((await listOpenTo(db, author.id, here)).length > 0) return true
  const parentUri = incoming.inReplyToUri
  const parent = parentUri === undefined ? undefined : await findNoteRowByUri(db, parentUri)
  return parent !== undefined && (await findVisibleNote(db, parent.id, author.id)) !== undefined
}

type Placed = Arrived & Surroundings & { isParentKnown: boolean }

/** Answers their ids by their place; those that were buried have none. */
async function storeWanted(
  app: App,
  wanted: readonly Arrived[],
  occasion: Occasion,
): Promise<Map<number, Id>> {
  const { isNews = true } = occasion
  const ids = await newIds(
    app.db,
    wanted.map(({ incoming }) => incoming.publishedAt),
  )
  return app.db.transaction().execute(async (trx) => {
    const now = app.clock.now()
    const living = await lockLiving(trx, wanted, now)
    const placed = await place(trx, app, { living, ids })
    const drafts = placed.map((each) => draftFrom(app, each.incoming, each))
    const stored = await storeNotes(trx, drafts, { now, isNews })
    const noteOf = new Map(stored.map(({ note }) => [note.id, note]))
    const found = new Map<number, Id>()
    for (const each of placed) {
      const note = noteOf.get(each.id)
      if (note) await followUp(trx, app, { ...each, note }, occasion)
      else if (!occasion.isAsked) await breakQuiet(trx, app, each.incoming.uri)
      const id = note?.id ?? (await findNoteRowByUri(trx, each.incoming.uri))?.id
      if (id !== undefined) found.set(each.place, id)
    }
    await adoptQuotes(trx, [...noteOf.values()])
    return found
  })
}

/** Those that were not deleted before they came, and nobody else touches what they are about before `trx` ends. */
async function lockLiving(
  trx: Transaction<Database>,
  wanted: readonly Arrived[],
  now: Date,
): Promise<Arrived[]> {
  const uris = wanted.flatMap(({ incoming: { uri, inReplyToUri, quote, remixOfUri } }) => [
    uri,
    inReplyToUri,
    quote?.uri,
    remixOfUri ?? undefined,
  ])
  await lockUris(
    trx,
    uris.filter((uri) => uri !== undefined),
  )
  const burials = wanted.map(({ incoming, author }) => ({ uri: incoming.uri, byUri: author.uri }))
  const buried = await listBuried(trx, burials, now)
  return wanted.filter((_, index) => !buried.has(index))
}

/** Notes among what they answer, quote and are made from, as far as their authors may see it. */
async function place(
  trx: Transaction<Database>,
  app: App,
  { living, ids }: { living: readonly Arrived[]; ids: readonly Id[] },
): Promise<Placed[]> {
  const parentUris = living.flatMap(({ incoming }) => incoming.inReplyToUri ?? [])
  const parents = parentUris.length === 0 ? [] : await listNoteRowsByUris(trx, parentUris)
  const rowOf = new Map(parents.map((row) => [row.uri, row]))
  const placed: Placed[] = []
  for (const [index, each] of living.entries()) {
    const { incoming, author } = each
    const row = rowOf.get(incoming.inReplyToUri ?? '')
    placed.push({
      ...each,
      id: ids[index] ?? '',
      // Whom an author cannot see, they cannot answer: such a reply stands alone.
      parent: row && (await findVisibleNote(trx, row.id, author.id)),
      isParentKnown: row !== undefined,
      remixed: incoming.remixOfUri
        ? await findCreditableParent(trx, incoming.remixOfUri, author.id)
        : undefined,
      quote: await resolveQuote(trx, app, incoming, author),
    })
  }
  return placed
}

/** What follows from a note that was stored now, beside what follows from any. */
async function followUp(
  trx: Transaction<Database>,
  app: App,
  { note, ...placed }: Placed & { note: Note },
  occasion: Occasion,
): Promise<void> {
  const { depth = 0, isNews = true } = occasion
  const { incoming, isParentKnown } = placed
  if (isNews) await followNews(trx, app, { note, ...placed })
  else await keepQuiet(trx, app, note)
  if (incoming.inReplyToUri)
    await followThread(trx, app, { parentUri: incoming.inReplyToUri, isKnown: isParentKnown, depth, isNews })
  // What was itself read for a quote leads no further.
  await followQuote(trx, app, note, { mayFetchNote: isNews && depth === 0 })
  const { remix_of_uri: remixedUri, remix_of_id: remixedId } = note
  if (remixedUri === null || remixedId !== null) return
  const isKnown = (await findNoteRowByUri(trx, remixedUri)) !== undefined
  await followThread(trx, app, { parentUri: remixedUri, isKnown, depth, isNews })
}

type Thread = { parentUri: string; isKnown: boolean; depth: number; isNews: boolean }

/** Has a job read what a note answers or was made from. */
async function followThread(
  trx: Transaction<Database>,
  app: App,
  { parentUri, isKnown, depth, isNews }: Thread,
): Promise<void> {
  if (!isNews || isKnown || app.uris.isLocal(parentUri) || depth >= maxThreadDepth) return
  await enqueue(trx, 'fetchParent', { uri: parentUri, depth: depth + 1 }, { dedupeKey: parentUri })
}
