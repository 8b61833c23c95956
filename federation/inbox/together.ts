import type { App } from '#src/app.ts'
import { createLog } from '#src/base/log.ts'
import type { Account } from '#src/db/accounts.ts'
import { listLivingAccountsByUris } from '#src/db/remote-notes.ts'
import { enqueueMany } from '#src/jobs/queue.ts'
import type { Together } from '#src/jobs/run-job.ts'
import { areHostsBlocked } from '#src/policies/domain-blocks.ts'
import { isBridgeBot } from '#src/relationships/bluesky.ts'
import { objectTypeOf } from '../convert/object-types.ts'
import { voteFrom } from '../convert/poll.ts'
import { isFresh } from '../remote/accounts.ts'
import { as, hasType, type Node } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { storeRemoteNotes } from '../remote/store-notes.ts'
import { completeObject, isBy } from './create.ts'
import type { Outcome } from './outcome.ts'
import type { Received } from './received.ts'

/** What is no new note is handled alone, so many at a time: each takes a connection to the database. */
const atOnce = 4

/** Thrown where another server would have to be asked. */
class AsksElsewhere extends Error {}

/** Both ways to receive, and how to tell what became of something. */
export type Receiving = {
  /** Undefined for what no server may say, and for who is blocked; each in its place. */
  read(messages: readonly unknown[]): Promise<(Received | undefined)[]>
  /** Handles one activity, whatever it is, and tells what became of it. */
  receive(remote: Remote, received: Received | undefined): Promise<void>
  tell(node: Node, outcome: Outcome): void
}

/**
 * Handles activities that came in at about the same time. New notes by people who are known here are stored in one
 * transaction, everything else one by one. What makes us ask another server becomes a job of its own, so that it holds
 * nobody else's up.
 */
export function receiveTogether(remote: Remote, receiving: Receiving): Together<'fedifyInbox'> {
  const offline = withoutAsking(remote)
  return async (jobs) => {
    const received = await receiving.read(jobs.map(({ payload }) => payload.message))
    const stored = await storeNotesIn(remote, receiving, received)
    const asking: number[] = []
    const settled = await settleEach(jobs.length, async (place) => {
      if (stored.has(place)) return
      try {
        await receiving.receive(offline, received[place])
      } catch (error) {
        if (!(error instanceof AsksElsewhere)) throw error
        asking.push(place)
      }
    })
    const payloads = asking.flatMap((place) => jobs[place]?.payload ?? [])
    if (payloads.length > 0) {
      const entries = payloads.map((payload) => ({ payload }))
      await remote.app.db.transaction().execute((trx) => enqueueMany(trx, 'receiveAsking', entries))
    }
    return settled
  }
}

function withoutAsking(remote: Remote): Remote {
  const refuse = async (uri: string) => {
    throw new AsksElsewhere(uri)
  }
  return { ...remote, fetch: refuse, fetchRaw: refuse }
}

async function settleEach(
  count: number,
  work: (place: number) => Promise<void>,
): Promise<PromiseSettledResult<void>[]> {
  const settled: PromiseSettledResult<void>[] = []
  let next = 0
  const workThrough = async () => {
    while (next < count) {
      const place = next++
      const [result] = await Promise.allSettled([work(place)])
      settled[place] = result
    }
  }
  await Promise.all(Array.from({ length: atOnce }, workThrough))
  return settled
}

type NewNote = { place: number; activity: Node; node: Node; author: Account }

/** Stores what can be stored together, and answers their places: none where that fails, and then each is tried alone. */
async function storeNotesIn(
  remote: Remote,
  receiving: Receiving,
  received: readonly (Received | undefined)[],
): Promise<Set<number>> {
  const notes = await listNewNotes(remote, received)
  if (notes.length === 0) return new Set()
  try {
    const ids = await storeRemoteNotes(remote.app, notes, { isAsked: false })
    for (const [index, { activity }] of notes.entries())
      receiving.tell(activity, ids[index] === undefined ? 'not for us' : 'done')
    return new Set(notes.map(({ place }) => place))
  } catch (error) {
    createLog('inbox').warn('Notes could not be stored together: {error}', { error })
    return new Set()
  }
}

/** Creates whose object is embedded, by those who sent it, as far as these are known here and were read lately. */
async function listNewNotes(
  { app }: Remote,
  received: readonly (Received | undefined)[],
): Promise<NewNote[]> {
  const notes = received.flatMap((each, place) => {
    const node = each && noteIn(each)
    return node && !app.uris.isLocal(each.objectUri ?? '') ? [{ place, activity: each.node, node, each }] : []
  })
  const authors = await listLivingAccountsByUris(
    app.db,
    notes.map(({ each }) => each.actorUri),
  )
  const isNameBlocked = await namesBlocked(app, authors)
  const authorOf = new Map<string, Account>()
  for (const author of authors)
    if (!isNameBlocked(author) && (await mayWrite(app, author))) authorOf.set(author.uri, author)
  return notes.flatMap(({ each, ...note }) => {
    const author = authorOf.get(each.actorUri)
    return author ? [{ ...note, author }] : []
  })
}

function noteIn(received: Received): Node | undefined {
  const object = hasType(received.node, as('Create')) ? completeObject(received) : undefined
  if (!object || !isBy(object, received.actorUri) || voteFrom(object)) return undefined
  return objectTypeOf(object) ? object : undefined
}

/** Whether nothing more need be asked about an author. Letters of the bridge to Bluesky are no notes of its own. */
async function mayWrite(app: App, author: Account): Promise<boolean> {
  return author.domain !== null && isFresh(author, app) && !(await isBridgeBot(app.db, author))
}

/** Which of these are named after a blocked server. That they lie on none is known. */
async function namesBlocked(
  { db }: Pick<App, 'db'>,
  authors: readonly Account[],
): Promise<(author: Account) => boolean> {
  const names = authors.flatMap(({ uri, domain }) =>
    domain === null || URL.parse(uri)?.host === domain ? [] : [domain],
  )
  const blocked = names.length === 0 ? new Map<string, boolean>() : await areHostsBlocked(db, names)
  return ({ domain }) => domain !== null && blocked.get(domain) === true
}
