import { generateKeyPairSync } from 'node:crypto'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import { judgeSignature, type SignatureScheme, signatureHeaders, type Verdict } from './http-signatures.ts'

export type JsonObject = Record<string, unknown>

/** What came to an inbox of the foreign server. */
export type Received = Verdict & {
  path: string
  headers: IncomingHttpHeaders
  text: string
  activity: JsonObject
  /** What was answered. */
  status: number
}

export type Answer = {
  status: number
  headers?: OutgoingHttpHeaders
  body?: string
  /** Takes the delivery and never answers. */
  isSilent?: boolean
}

export type ForeignActor = {
  name: string
  uri: string
  inbox: string
  sharedInbox: string
  keyId: string
  /** What is served as the actor; change it to show another profile. */
  document: JsonObject
  /** Posts an activity, signed. */
  post(inbox: string, activity: object, how?: SendOptions): Promise<Response>
  /** Gets a document, signed. */
  get(url: string, how?: SendOptions): Promise<Response>
}

export type SendOptions = {
  scheme?: SignatureScheme
  /** Replaces or removes (undefined) headers after signing. */
  headers?: Record<string, string | undefined>
  /** Sent in place of the body that was signed. */
  body?: string
  date?: Date
}

export type ForeignServer = {
  url: string
  host: string
  /** Of all its actors, for what a test signs by hand. */
  privateKeyPem: string
  /** Everything that came to an inbox, refused or not, in order. */
  received: Received[]
  /** What was asked for besides. */
  requests: { method: string; path: string; headers: IncomingHttpHeaders }[]
  /** Served as `application/activity+json` by path; a number is a status without a document, a URL a redirect. */
  documents: Map<string, JsonObject | number | URL>
  addActor(name: string, options?: { type?: string; sharedInbox?: boolean; uri?: string }): ForeignActor
  /** Decides the answers of the inboxes from now on; undefined means 202. */
  answerInboxes(answer: ((received: Omit<Received, 'status'>) => Answer | undefined) | undefined): void
  /** The accepted activities of a type. */
  activities(type: string): JsonObject[]
  close(): Promise<void>
}

const activityJson = 'application/activity+json'
const accept = `${activityJson}, application/ld+json; profile="https://www.w3.org/ns/activitystreams"`

/**
 * A small ActivityPub server that is not ours: nothing in it is Pinxit's or Fedify's code. Its actors share one key
 * pair, since making one takes a tenth of a second.
 * @param port to come back at an address; any free one unless told
 */
export async function startForeignServer(port = 0): Promise<ForeignServer> {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const received: Received[] = []
  const requests: ForeignServer['requests'] = []
  const documents: ForeignServer['documents'] = new Map()
  const handles = new Map<string, string>()
  const publicKeyPem = createKeyFetcher()
  let answerOf: Parameters<ForeignServer['answerInboxes']>[0]

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'POST') return takeDelivery(request, response)
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers })
    if (pathname === '/.well-known/webfinger') return webFinger(searchParams.get('resource') ?? '', response)
    const document = documents.get(pathname)
    if (document instanceof URL) return void response.writeHead(302, { location: document.href }).end()
    if (typeof document !== 'object') return void response.writeHead(document ?? 404).end()
    response.writeHead(200, { 'content-type': activityJson }).end(JSON.stringify(document))
  }

  async function takeDelivery(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const path = request.url ?? ''
    const message = { method: 'POST', url: `${url}${path}`, headers: request.headers, body }
    const verdict = await judgeSignature(message, publicKeyPem)
    const text = body.toString()
    const delivery = { ...verdict, path, headers: request.headers, text, activity: JSON.parse(text) }
    const { status, headers, body: reply, isSilent } = answerOf?.(delivery) ?? { status: 202 }
    received.push({ ...delivery, status })
    if (!isSilent) response.writeHead(status, headers).end(reply)
  }

  function webFinger(resource: string, response: ServerResponse): void {
    const name = handles.get(resource)
    if (name === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/jrd+json' }).end(
      JSON.stringify({
        subject: `acct:${name}@${host}`,
        links: [{ rel: 'self', type: activityJson, href: `${url}/users/${name}` }],
      }),
    )
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const url = `http://${host}`

  function addActor(
    name: string,
    options: { type?: string; sharedInbox?: boolean; uri?: string } = {},
  ): ForeignActor {
    const actor = createActor({ name, url, keys, ...options })
    documents.set(new URL(actor.uri).pathname, actor.document)
    for (const resource of [`acct:${name}@${host}`, actor.uri]) handles.set(resource, name)
    return actor
  }

  return {
    url,
    host,
    privateKeyPem: keys.privateKey,
    received,
    requests,
    documents,
    addActor,
    answerInboxes: (answer) => {
      answerOf = answer
    },
    activities: (type) =>
      received.filter((one) => one.status < 300 && one.activity.type === type).map((one) => one.activity),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type NewActor = {
  name: string
  url: string
  keys: { publicKey: string; privateKey: string }
  type?: string
  sharedInbox?: boolean
  uri?: string
}

function createActor({
  name,
  url,
  keys,
  type = 'Person',
  sharedInbox = true,
  ...given
}: NewActor): ForeignActor {
  const uri = given.uri ?? `${url}/users/${name}`
  const signer = { keyId: `${uri}#main-key`, privateKeyPem: keys.privateKey }
  const send = (method: string, target: string, body: string | undefined, how: SendOptions = {}) => {
    const { scheme = 'draft-cavage', date } = how
    const signed = signatureHeaders(
      scheme,
      { method, url: target, ...(body !== undefined && { body }), ...(date && { date }) },
      signer,
    )
    const headers: Record<string, string> = {
      accept,
      ...(body !== undefined && { 'content-type': activityJson }),
    }
    for (const [header, value] of Object.entries({ ...signed, ...how.headers })) {
      if (value === undefined) delete headers[header]
      else headers[header] = value
    }
    return fetch(target, {
      method,
      headers,
      redirect: 'manual',
      ...(body !== undefined && { body: how.body ?? body }),
    })
  }
  return {
    name,
    uri,
    inbox: `${uri}/inbox`,
    sharedInbox: `${url}/inbox`,
    keyId: signer.keyId,
    document: {
      '@context': ['https://www.w3.org/ns/activitystreams', 'https://w3id.org/security/v1'],
      id: uri,
      type,
      preferredUsername: name,
      name: `${name} of elsewhere`,
      summary: '',
      url: `${url}/@${name}`,
      inbox: `${uri}/inbox`,
      outbox: `${uri}/outbox`,
      followers: `${uri}/followers`,
      following: `${uri}/following`,
      ...(sharedInbox && { endpoints: { sharedInbox: `${url}/inbox` } }),
      publicKey: { id: signer.keyId, owner: uri, publicKeyPem: keys.publicKey },
    },
    post: (inbox, activity, how) => send('POST', inbox, JSON.stringify(activity), how),
    get: (target, how) => send('GET', target, undefined, how),
  }
}

/** Fetches the actor behind a keyId once, as a peer would. */
function createKeyFetcher(): (keyId: string) => Promise<string> {
  const known = new Map<string, Promise<string>>()
  async function fetchKey(keyId: string): Promise<string> {
    const response = await fetch(keyId, { headers: { accept } })
    if (!response.ok) throw new Error(`HTTP ${response.status} for the key ${keyId}`)
    const { publicKey }: { publicKey?: { id: string; publicKeyPem: string } } = JSON.parse(
      await response.text(),
    )
    if (publicKey?.id !== keyId) throw new Error(`${keyId} is not the key of its actor`)
    return publicKey.publicKeyPem
  }
  return (keyId) => {
    const key = known.get(keyId) ?? fetchKey(keyId)
    known.set(keyId, key)
    return key
  }
}
