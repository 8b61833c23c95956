import type { App } from '#src/app.ts'
import { type Account, findAccount, findAccountByHandle } from '#src/db/accounts.ts'
import type { Id } from '#src/db/tables.ts'
import { type Server, toActor } from '../convert/account.ts'
import { type JsonObject, plainContext } from '../convert/vocabulary.ts'
import type { Keyring } from '../signatures/keys.ts'
import { type DocumentCache, documentResponse, notFoundResponse, tombstoneResponse } from './documents.ts'

/** What answering for this server takes. */
export type Serving = { app: App; keyring: Keyring; documents: DocumentCache; server: Server }

/** GET of an actor: the document, 410 once deleted, 404 otherwise. People, services and the server itself alike. */
export async function actorResponse(serving: Serving, request: Request, id: Id): Promise<Response> {
  const account = await findAccount(serving.app.db, id)
  return answer(serving, request, account)
}

/** GET of a profile page by a client that asks for the document. */
export async function actorByNameResponse(
  serving: Serving,
  request: Request,
  username: string,
): Promise<Response> {
  return answer(serving, request, await findAccountByHandle(serving.app.db, username, null))
}

async function answer(serving: Serving, request: Request, account: Account | undefined): Promise<Response> {
  if (!account || account.domain !== null || account.suspended_at) return notFoundResponse()
  if (account.deleted_at) return tombstoneResponse(request, toTombstone(account))
  const { rsaPem } = await serving.keyring.publicKeys(account.id)
  const key = `actor ${account.id} ${account.updated_at.getTime()} ${rsaPem}`
  const document = await serving.documents.get(key, () => buildActor(serving, account))
  return documentResponse(request, document)
}

export async function buildActor(
  { keyring, server }: Pick<Serving, 'keyring' | 'server'>,
  account: Account,
): Promise<JsonObject> {
  return toActor(account, await keyring.publicKeys(account.id), server)
}

function toTombstone({ uri, kind }: Account): JsonObject {
  return { '@context': plainContext, id: uri, type: 'Tombstone', formerType: kind }
}

/** The local account with an inbox of this id: people, services and the server itself, unless deleted or suspended. */
export async function findInboxOwner(app: Pick<App, 'db'>, id: string): Promise<Account | undefined> {
  if (!/^\d{1,19}$/.test(id)) return undefined
  const account = await findAccount(app.db, id)
  const isHere = account && account.domain === null && !account.deleted_at && !account.suspended_at
  return isHere ? account : undefined
}
