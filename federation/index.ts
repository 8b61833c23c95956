import { createFederation, type Federation, type Message } from '@fedify/fedify'
import type { App, Lookup } from '#src/app.ts'
import type { JobHandlers } from '#src/jobs/run-job.ts'
import { createDelivery, type FederationDelivery } from './delivery/delivery.ts'
import { withHonestMemory } from './delivery/kv.ts'
import { createFederationQueue, type FederationQueue } from './delivery/queue.ts'
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
import { createDocumentLoaders, type DocumentLoaders } from './remote/document-loader.ts'
import { exploreAccount } from './remote/explore.ts'
import { createRemote } from './remote/remote.ts'
import { createRouter, type Route } from './router.ts'
import { dispatchActor, dispatchKeyPairs, type Serving } from './serving/actors.ts'
import { createDocumentCache } from './serving/documents.ts'
import { createNodeInfo } from './serving/nodeinfo.ts'
import { createReaders } from './serving/readers.ts'
import { createKeyring, type Keyring } from './signatures/keys.ts'

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
  const federation = createFedify({ app, keyring, loaders, queue })
  const process = (message: Message) => federation.processQueuedTask(app, message)
  const delivery = createDelivery({ app, keyring, queue, process })
  federation.setOutboxPermanentFailureHandler((_ctx, refusal) => delivery.onPermanentFailure(refusal))
  const serving = createServing(app, keyring)
  const route = createRouter({
    ...serving,
    federation,
    readers: createReaders(app, federation),
    nodeInfo: createNodeInfo(app, { name: 'pinxit', version: app.version }),
    receive: createInboxGuard({
      remote,
      limits: createInboxLimits(app.clock),
      queue: queue.inbox,
    }),
  })
  return {
    fetch: route,
    jobHandlers: {
      ...queue.handlers(process),
      ...outgoingHandlers(serving, delivery),
      ...inboxJobHandlers(remote),
      exploreAccount: ({ accountId }) => exploreAccount(remote, accountId),
    },
    lookup: createLookup(remote),
  }
}

// As Mastodon has it: what a server refuses with these it will refuse again. 401 may be a key it could not fetch.
const hopelessStatuses = [400, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 417, 422, 451, 501]

type Parts = { app: App; keyring: Keyring; loaders: DocumentLoaders; queue: FederationQueue }

function createFedify({ app, keyring, loaders, queue }: Parts): Federation<App> {
  const { documentLoaderFactory, contextLoaderFactory, authenticatedDocumentLoaderFactory } = loaders
  const federation = createFederation<App>({
    kv: withHonestMemory(app.db, app.clock),
    queue: { inbox: queue.inbox, outbox: queue.outbox, fanout: queue.fanout },
    manuallyStartQueue: true,
    origin: { handleHost: app.handleHost, webOrigin: app.publicUrl },
    documentLoaderFactory,
    contextLoaderFactory,
    authenticatedDocumentLoaderFactory,
    // Bridgy Fed, and not only it, cannot verify RFC 9421; who can still takes this.
    firstKnock: 'draft-cavage-http-signatures-12',
    signatureTimeWindow: { hours: 12 },
    skipSignatureVerification: false,
    outboxRetryPolicy: queue.retryPolicy,
    // Ours goes by the clock that tests can move, and bounds what a host may hold up: host-health.ts.
    circuitBreaker: false,
    permanentFailureStatusCodes: hopelessStatuses,
  })
  federation
    .setActorDispatcher('/ap/users/{identifier}', (ctx, identifier) => dispatchActor(ctx.data, identifier))
    .setKeyPairsDispatcher((_ctx, identifier) => dispatchKeyPairs(keyring, identifier))
  federation.setInboxListeners('/ap/users/{identifier}/inbox', '/ap/inbox')
  return federation
}

function createServing(app: App, keyring: Keyring): Serving {
  const { uris, handleHost } = app
  const server = { uris, handleHost, urlOfMedia: (key: string) => app.storage.urlOf(key) }
  return { app, keyring, server, documents: createDocumentCache() }
}

function outgoingHandlers(serving: Serving, { deliver }: FederationDelivery): JobHandlers {
  return {
    deliver,
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
