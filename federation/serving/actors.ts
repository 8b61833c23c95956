import type { App } from '#src/app.ts'
import { type Account, findAccount, findAccountByHandle } from '#src/db/accounts.ts'
import type { Id } from '#src/db/tables.ts'
import { type Server, toActor } from '../convert/account.ts'
import { type JsonObject, plainContext } from '../convert/vocabulary.ts'
import type { Keyring } from '../signatures/keys.ts'
import type { Asking } from '../trust.ts'
import { type Shown, type ShownDocuments, shownResponse, toDocument } from './documents.ts'

/** What answering for this server takes. */
export type Serving = Asking & { keyring: Keyring; documents: ShownDocuments; server: Server }

/** GET of an actor: the document, 410 once deleted, 404 otherwise. People, services and the server itself alike. */
export async function actorResponse(serving: Serving, request: Request, id: Id): Promise<Response> {
  const read = async () => showActor(serving, await findAccount(serving.app.db, id))
  return shownResponse(request, await serving.documents.get(`actor ${id}`, read))
}

/** GET of a profile page by a client that asks for the document. */
export async function actorByNameResponse(
  serving: Serving,
  request: Request,
  username: string,
): Promise<Response> {
  const read = async () => showActor(serving, await findAccountByHandle(serving.app.db, username, null))
  return shownResponse(request, await serving.documents.get(`actor @${username}`, read))
}

async function showActor(serving: Serving, account: Account | undefined): Promise<Shown> {
  if (!account || account.domain !== null || account.suspended_at) return { state: 'nowhere' }
  if (account.deleted_at) return { state: 'gone', document: toDocument(toTombstone(account)) }
  return { state: 'open', document: toDocument(await buildActor(serving, account)), authorId: account.id }
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
