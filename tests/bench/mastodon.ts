import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { type SignatureScheme, signatureHeaders } from '../support/http-signatures.ts'

export type SignedPost = { headers: Record<string, string>; body: string }

/** A server like Mastodon's, as far as an inbox here asks it anything. It has an account by any name. */
export type MastodonLike = {
  host: string
  /** The id of the account of this name. */
  actorOf(username: string): string
  /** The Create of a new note, about 2.8 kB, by bob and with draft-cavage unless told, signed as of now. */
  createFor(inbox: string, index: number, by?: { username?: string; scheme?: SignatureScheme }): SignedPost
  close(): Promise<void>
}

type PemKeys = { publicKey: string; privateKey: string }

/** Of every account there is: making one for each would take longer than what is measured. */
export function makeKeys(): PemKeys {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

const activityJson = 'application/activity+json'

export async function startMastodonLike(keys = makeKeys()): Promise<MastodonLike> {
  const server = createServer((request, response) => {
    const [, username] = /^\/users\/(\w+)$/.exec(request.url ?? '') ?? []
    if (username === undefined) return void response.writeHead(404).end()
    const document = actorDocument(actorOf(username), username, keys.publicKey)
    response.writeHead(200, { 'content-type': activityJson }).end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const actorOf = (username: string) => `http://${host}/users/${username}`
  return {
    host,
    actorOf,
    createFor: (inbox, index, { username = 'bob', scheme = 'draft-cavage' } = {}) => {
      const actor = actorOf(username)
      const signer = { keyId: `${actor}#main-key`, privateKeyPem: keys.privateKey }
      const body = JSON.stringify(createActivity({ host, actor, username }, index))
      const signed = signatureHeaders(scheme, { method: 'POST', url: inbox, body }, signer)
      return { headers: { ...signed, 'content-type': activityJson }, body }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function actorDocument(actor: string, username: string, publicKeyPem: string): object {
  return {
    '@context': ['https://www.w3.org/ns/activitystreams', 'https://w3id.org/security/v1'],
    id: actor,
    type: 'Person',
    preferredUsername: username,
    name: username,
    summary: '<p>Boats, mostly.</p>',
    url: actor,
    inbox: `${actor}/inbox`,
    outbox: `${actor}/outbox`,
    followers: `${actor}/followers`,
    following: `${actor}/following`,
    publicKey: { id: `${actor}#main-key`, owner: actor, publicKeyPem },
  }
}

// The contexts and members that Mastodon 4 writes.
const context = [
  'https://www.w3.org/ns/activitystreams',
  {
    ostatus: 'http://ostatus.org#',
    atomUri: 'ostatus:atomUri',
    inReplyToAtomUri: 'ostatus:inReplyToAtomUri',
    conversation: 'ostatus:conversation',
    sensitive: 'as:sensitive',
    toot: 'http://joinmastodon.org/ns#',
    votersCount: 'toot:votersCount',
    Hashtag: 'as:Hashtag',
  },
]

type Author = { host: string; actor: string; username: string }

function createActivity({ host, actor, username }: Author, index: number): object {
  const note = `${actor}/statuses/${112_000_000_000_000_000n + BigInt(index)}`
  const published = new Date().toISOString().replace(/\.\d+Z/, 'Z')
  const audience = {
    to: ['https://www.w3.org/ns/activitystreams#Public'],
    cc: [`${actor}/followers`],
  }
  const content = contentOf(host, index)
  return {
    '@context': context,
    id: `${note}/activity`,
    type: 'Create',
    actor,
    published,
    ...audience,
    object: {
      id: note,
      type: 'Note',
      summary: null,
      inReplyTo: null,
      published,
      url: `http://${host}/@${username}/${index}`,
      attributedTo: actor,
      ...audience,
      sensitive: false,
      atomUri: note,
      inReplyToAtomUri: null,
      conversation: `tag:${host},${published.slice(0, 10)}:objectId=${index}:objectType=Conversation`,
      content,
      contentMap: { en: content },
      attachment: [],
      tag: ['boats', 'harbour'].map((name) => ({
        type: 'Hashtag',
        href: `http://${host}/tags/${name}`,
        name: `#${name}`,
      })),
      replies: repliesOf(note),
      likes: { id: `${note}/likes`, type: 'Collection', totalItems: 0 },
      shares: { id: `${note}/shares`, type: 'Collection', totalItems: 0 },
    },
  }
}

function contentOf(host: string, index: number): string {
  const tag = (name: string) =>
    `<a href="http://${host}/tags/${name}" class="mention hashtag" rel="tag">#<span>${name}</span></a>`
  return `<p>Number ${index} came in on the tide this morning, one sail patched with another boat&#39;s colours, and nobody on the quay could say whose she had been.</p><p>${tag('boats')} ${tag('harbour')}</p>`
}

function repliesOf(note: string): object {
  const id = `${note}/replies`
  const first = {
    type: 'CollectionPage',
    next: `${id}?only_other_accounts=true&page=true`,
    partOf: id,
    items: [],
  }
  return { id, type: 'Collection', first }
}
