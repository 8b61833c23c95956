import type { DocumentLoader } from '@fedify/vocab-runtime'
import { ensureInstanceActor } from '#src/accounts/register.ts'
import type { App } from '#src/app.ts'
import { FetchFailed, FetchRefused } from '#src/base/fetch-errors.ts'
import type { JsonObject } from '../convert/vocabulary.ts'
import { withHonestMemory } from '../delivery/kv.ts'
import { createKeyLooking, type KeyLooking } from '../signatures/key-cache.ts'
import type { Keyring } from '../signatures/keys.ts'
import { fromOwnServer, isBlocked, isSameOrigin } from '../trust.ts'
import { isDocumentFault } from './document.ts'
import type { DocumentLoaders } from './document-loader.ts'
import { createExpansion } from './expansion/expansion.ts'
import { isFetchError } from './fetch-error.ts'
import { idOf, isNode, type Node } from './linked-data.ts'
import { withOwnIds } from './own-pages.ts'

/** What another server answered when asked for a thing: the thing, that it is gone, or nothing of use. */
export type Fetched =
  | { outcome: 'found'; node: Node; uri: string }
  | { outcome: 'gone'; isForGood: boolean }
  | { outcome: 'refused' }

/** Other servers, as this one sees them: everything read there is asked for by the instance actor. */
export type Remote = {
  app: App
  /**
   * The thing of this id, from the server the id belongs to.
   * @throws FetchFailed when that server does not answer now
   */
  fetch(uri: string, options?: { fresh?: boolean }): Promise<Fetched>
  /**
   * A document as it came, for collections, whose items are more together than can be expanded at once. Undefined
   * for what is not there or on another server than its address.
   * @throws FetchFailed when that server does not answer now
   */
  fetchRaw(uri: string, options?: { fresh?: boolean }): Promise<JsonObject | undefined>
  /** For the verification of one activity. */
  lookForKeys(): Promise<KeyLooking>
  /** @throws when the document cannot be expanded */
  expand(document: object): Promise<Node | undefined>
}

type RemoteParts = { app: App; loaders: DocumentLoaders; keyring: Keyring }

export function createRemote({ app, loaders, keyring }: RemoteParts): Remote {
  const contextLoader = loaders.contextLoaderFactory()
  const expandForeign = createExpansion({ contextLoader, isFast: app.config.fastPath.expansion })
  const expand = async (document: object) => {
    const node = await expandForeign(document)
    return node && withOwnIds(node, app.uris)
  }
  const signedLoader = createSignedLoader({ app, loaders, keyring })
  const looking = createKeyLooking(withHonestMemory(app.db, app.clock), loaders.forget)

  /** Whether we ask for it at all; if so and `fresh`, it is read anew. */
  async function isAskedFor(uri: string, fresh: boolean): Promise<boolean> {
    if (app.uris.isLocal(uri) || (await isBlocked(app, uri))) return false
    if (fresh) loaders.forget(uri)
    return true
  }

  async function fetchOnce(uri: string): Promise<Fetched & { foundAt?: string }> {
    try {
      const load = await signedLoader()
      const { document, documentUrl } = await load(uri)
      const node = typeof document === 'object' && document ? await expand(document) : undefined
      const id = node && idOf(node)
      return node && id ? { outcome: 'found', node, uri: id, foundAt: documentUrl } : { outcome: 'refused' }
    } catch (error) {
      return outcomeOf(error)
    }
  }

  async function fetchRaw(uri: string, { fresh = false } = {}): Promise<JsonObject | undefined> {
    if (!(await isAskedFor(uri, fresh))) return undefined
    try {
      const load = await signedLoader()
      const { document, documentUrl } = await load(uri)
      return isNode(document) && isSameOrigin(uri, documentUrl) ? document : undefined
    } catch (error) {
      outcomeOf(error)
      return undefined
    }
  }

  return {
    app,
    expand,
    fetchRaw,
    lookForKeys: async () => looking({ documentLoader: fromOwnServer(await signedLoader()), contextLoader }),
    fetch: async (uri, { fresh = false } = {}) => {
      if (!(await isAskedFor(uri, fresh))) return { outcome: 'refused' }
      const first = await fetchOnce(uri)
      if (first.outcome !== 'found') return first
      // Wherever a redirect led.
      if (await isBlocked(app, first.uri)) return { outcome: 'refused' }
      if (isAt(first.uri, first.foundAt)) return first
      // Found under another address than its id (a page, a redirect): the id has to confirm it, on its own server.
      const second = await fetchOnce(first.uri)
      if (second.outcome !== 'found') return second
      return isAt(second.uri, second.foundAt) && second.uri === first.uri ? second : { outcome: 'refused' }
    },
  }
}

function isAt(id: string, foundAt = ''): boolean {
  const bare = (url: string) => URL.parse(url)?.href.split('#', 1)[0]
  return isSameOrigin(id, foundAt) && bare(id) === bare(foundAt)
}

function createSignedLoader({ app, loaders, keyring }: RemoteParts): () => Promise<DocumentLoader> {
  let loader: Promise<DocumentLoader> | undefined
  async function make(): Promise<DocumentLoader> {
    const actor = await ensureInstanceActor(app)
    const [key] = await keyring.pairs(actor.id)
    if (!key) throw new Error('The instance actor has no key')
    return loaders.authenticatedDocumentLoaderFactory({
      keyId: new URL(key.keyUri),
      privateKey: key.privateKey,
    })
  }
  return () => {
    loader ??= make().catch((error: unknown) => {
      loader = undefined
      throw error
    })
    return loader
  }
}

/** A decided outcome for each way a fetch can fail; what may be better later is thrown, for the queue to retry. */
function outcomeOf(error: unknown): Fetched {
  if (error instanceof FetchFailed) throw error
  if (error instanceof FetchRefused) return { outcome: 'refused' }
  if (isFetchError(error)) {
    const status = error.response?.status ?? 0
    if (status === 404 || status === 410) return { outcome: 'gone', isForGood: status === 410 }
    if (status === 408 || status === 429 || status >= 500) throw new FetchFailed('network', error)
    return { outcome: 'refused' }
  }
  // The rest is a document that cannot be expanded: its fault, and for good.
  if (isDocumentFault(error)) return { outcome: 'refused' }
  throw error
}
