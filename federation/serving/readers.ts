import type { App } from '#src/app.ts'
import { createShortMemory } from '#src/base/short-memory.ts'
import { findAccountByUri } from '#src/db/accounts.ts'
import { findInstanceActor } from '#src/db/instance-actor.ts'
import { readSetting } from '#src/policies/settings.ts'
import type { LoadFedify } from '../fedify.ts'
import { localAccountId } from '../signatures/keys.ts'
import { findSigner } from '../trust.ts'
import { blockedResponse, commonHeaders } from './documents.ts'

/** Who may read documents at all; what in them is for whom is another question. */
export type Readers = {
  /** Answers a document to who may read here, and a refusal to everyone else. */
  admit(request: Request, answer: () => Promise<Response>): Promise<Response>
}

/**
 * Where the operator demands signatures, nobody gets anything who does not sign, and no cache may hand on what was
 * shown: only this server's own actor is open to all, lest two such servers ask each other for their keys without end.
 */
export function createReaders(app: App, loadFedify: LoadFedify): Readers {
  const demandsSignature = createDemand(app)
  return {
    admit: async (request, answer) => {
      const demand = await demandsSignature()
      if (!demand || isOpenActor(app, request, demand.openActorId)) return answer()
      const signer = await findSigner(loadFedify, app, request)
      if (signer === null) return unsignedResponse()
      const account = await findAccountByUri(app.db, signer)
      if (account?.suspended_at || account?.deleted_at) return blockedResponse()
      return asPrivate(await answer())
    },
  }
}

type Demand = { openActorId: string | undefined }

function createDemand(app: App): () => Promise<Demand | undefined> {
  const remembered = createShortMemory<Demand | undefined>(app, { most: 1 })
  const read = async () =>
    (await readSetting(app.db, 'authorized_fetch'))
      ? { openActorId: (await findInstanceActor(app.db))?.id }
      : undefined
  return () => remembered.get('demand', read)
}

function isOpenActor(app: App, request: Request, openActorId: string | undefined): boolean {
  const { pathname } = new URL(request.url)
  const id = localAccountId(app, `${app.publicUrl}${pathname}`)
  return id !== undefined && id === openActorId && app.uris.actor(id) === `${app.publicUrl}${pathname}`
}

function unsignedResponse(): Response {
  const headers = { ...commonHeaders, 'cache-control': 'private, no-store' }
  return new Response('To be asked for with a signature', { status: 401, headers })
}

function asPrivate(response: Response): Response {
  const headers = new Headers(response.headers)
  headers.set('cache-control', 'private, no-store')
  headers.delete('access-control-allow-origin')
  return new Response(response.body, { status: response.status, headers })
}
