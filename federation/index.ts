import type { Message } from '@fedify/fedify'
import type { App, Lookup } from '#src/app.ts'
import type { JobHandlers } from '#src/jobs/run-job.ts'
import { createDelivery } from './delivery/delivery.ts'
import { createHandover } from './delivery/handover.ts'
import { createFederationQueue } from './delivery/queue.ts'
import { createFedifyLoader } from './fedify.ts'
import { createInboxGuard } from './inbox/guard.ts'
import { inboxJobHandlers } from './inbox/index.ts'
import { createInboxLimits } from './inbox/limits.ts'
import { createLookup } from './lookup.ts'
import { deliverAccount, deliverMove } from './outgoing/accounts.ts'
import { deliverBlock } from './outgoing/blocks.ts'
import { deliverFeatured } from './outgoing/featured.ts'
import { answerFollow, deliverFollow } from './outgoing/follows.ts'
import { deliverLike } from './outgoing/likes.ts'
import { deliverNote } from './outgoing/notes.ts'
import { deliverPollCounts, deliverVote } from './outgoing/polls.ts'
import { answerQuote, deliverQuoteRevocation, requestQuote } from './outgoing/quotes.ts'
import { deliverReaction } from './outgoing/reactions.ts'
import { deliverFlag } from './outgoing/reports.ts'
import { createDocumentLoaders } from './remote/document-loader.ts'
import { exploreAccount } from './remote/explore.ts'
import { createRemote } from './remote/remote.ts'
import { createRouter, type Route } from './router.ts'
import type { Serving } from './serving/actors.ts'
import { createShownDocuments } from './serving/documents.ts'
import { createNodeInfo } from './serving/nodeinfo.ts'
import { createReaders } from './serving/readers.ts'
import { createKeyring, type Keyring } from './signatures/keys.ts'
import { createAsking } from './trust.ts'

export type AppFederation = {
  /** Undefined for what is not federation: then the pages and APIs answer. */
  fetch: Route
  jobHandlers: JobHandlers
  lookup: Lookup
}

/** Everything this server says to others and hears from them. */
export function createAppFederation(app: App): AppFederation {
  const keyring = createKeyring(app)
  const loaders = createDocumentLoaders(app.safeFetch)
  const remote = createRemote({ app, loaders, keyring })
  const { db, clock, databaseUrl: url } = app
  const queue = createFederationQueue({ db, clock, url, loadKeys: keyring.senderKeys })
  const loadFedify = createFedifyLoader({
    app,
    keyring,
    loaders,
    queue,
    onPermanentFailure: (refusal) => handover.onPermanentFailure(refusal),
  })
  const process = async (message: Message) => (await loadFedify()).processQueuedTask(app, message)
  const { dispatcher } = app.safeFetch
  const handover = createHandover({ queue, process, dispatcher })
  const deliver = createDelivery({ app, keyring, letterOf: queue.letterOf, handOver: handover.handOver })
  const serving = createServing(app, keyring)
  const route = createRouter({
    ...serving,
    loadFedify,
    readers: createReaders(app, loadFedify),
    nodeInfo: createNodeInfo(app, { name: 'pinxit', version: app.version }),
    receive: createInboxGuard({
      remote,
      limits: createInboxLimits(app.clock),
    }),
  })
  return {
    fetch: route,
    jobHandlers: {
      ...queue.handlers(process),
      deliver,
      ...outgoingHandlers(serving),
      ...inboxJobHandlers(remote),
      exploreAccount: ({ accountId }) => exploreAccount(remote, accountId),
    },
    lookup: createLookup(remote),
  }
}

function createServing(app: App, keyring: Keyring): Serving {
  const { uris, handleHost } = app
  const server = { uris, handleHost, urlOfMedia: (key: string) => app.storage.urlOf(key) }
  return { ...createAsking(app), keyring, server, documents: createShownDocuments(app) }
}

function outgoingHandlers(serving: Serving): JobHandlers {
  return {
    deliverNote: (payload, job) => deliverNote(serving, payload, job),
    deliverVote: (payload, job) => deliverVote(serving, payload, job),
    deliverPollCounts: (payload, job) => deliverPollCounts(serving, payload, job),
    requestQuote: (payload, job) => requestQuote(serving, payload, job),
    answerQuote: (payload, job) => answerQuote(serving, payload, job),
    deliverQuoteRevocation: (payload, job) => deliverQuoteRevocation(serving, payload, job),
    deliverLike: (payload, job) => deliverLike(serving, payload, job),
    deliverReaction: (payload, job) => deliverReaction(serving, payload, job),
    deliverFollow: (payload, job) => deliverFollow(serving, payload, job),
    answerFollow: (payload, job) => answerFollow(serving, payload, job),
    deliverBlock: (payload, job) => deliverBlock(serving, payload, job),
    deliverFlag: (payload, job) => deliverFlag(serving, payload, job),
    deliverAccount: (payload, job) => deliverAccount(serving, payload, job),
    deliverFeatured: (payload, job) => deliverFeatured(serving, payload, job),
    deliverMove: (payload, job) => deliverMove(serving, payload, job),
  }
}
