import type { Federation } from '@fedify/fedify'
import type { Person } from '@fedify/vocab'
import type { App } from '#src/app.ts'
import { withHonestMemory } from './delivery/kv.ts'
import type { FederationQueue } from './delivery/queue.ts'
import { loadFedifyPackage, loadVocabulary } from './fedify-packages.ts'
import type { DocumentLoaders } from './remote/document-loader.ts'
import { findInboxOwner } from './serving/actors.ts'
import type { Keyring } from './signatures/keys.ts'

/** Fedify as this server uses it, made when something unusual first needs it. */
export type LoadFedify = () => Promise<Federation<App>>

type Parts = {
  app: App
  keyring: Keyring
  loaders: DocumentLoaders
  queue: FederationQueue
  /** Hears that a host refused for good. */
  onPermanentFailure(refusal: { statusCode: number }): void
}

export function createFedifyLoader(parts: Parts): LoadFedify {
  let made: Promise<Federation<App>> | undefined
  return () => {
    made ??= createFedify(parts).catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

// As Mastodon has it: what a server refuses with these it will refuse again. 401 may be a key it could not fetch.
const hopelessStatuses = [400, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 417, 422, 451, 501]

async function createFedify(parts: Parts): Promise<Federation<App>> {
  const { app, keyring, loaders, queue, onPermanentFailure } = parts
  const { createExponentialBackoffPolicy, createFederation } = await loadFedifyPackage()
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
    outboxRetryPolicy: createExponentialBackoffPolicy(queue.retries),
    // Ours goes by the clock that tests can move, and bounds what a host may hold up: host-health.ts.
    circuitBreaker: false,
    permanentFailureStatusCodes: hopelessStatuses,
  })
  federation
    .setActorDispatcher('/ap/users/{identifier}', (ctx, identifier) => dispatchActor(ctx.data, identifier))
    .setKeyPairsDispatcher((_ctx, identifier) => dispatchKeyPairs(keyring, identifier))
  federation.setInboxListeners('/ap/users/{identifier}/inbox', '/ap/inbox')
  federation.setOutboxPermanentFailureHandler((_ctx, refusal) => onPermanentFailure(refusal))
  return federation
}

/**
 * What Fedify asks for: whether the owner of an inbox exists. Served is our own document, which knows more than
 * Fedify's classes.
 */
async function dispatchActor(app: App, identifier: string): Promise<Person | null> {
  const account = await findInboxOwner(app, identifier)
  if (!account) return null
  const { Endpoints, Person } = await loadVocabulary()
  const { uris } = app
  return new Person({
    id: new URL(account.uri),
    preferredUsername: account.username,
    inbox: new URL(uris.inbox(account.id)),
    endpoints: new Endpoints({ sharedInbox: new URL(uris.sharedInbox) }),
    publicKey: new URL(uris.rsaKey(account.id)),
    assertionMethod: new URL(uris.ed25519Key(account.id)),
  })
}

/** The keys that Fedify signs with. */
async function dispatchKeyPairs(keyring: Keyring, identifier: string) {
  const pairs = await keyring.pairs(identifier)
  return pairs.map(({ publicKey, privateKey }) => ({ publicKey, privateKey }))
}
