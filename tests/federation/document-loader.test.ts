import type { RequestListener } from 'node:http'
import { verifyRequest } from '@fedify/fedify/sig'
import { Create, CryptographicKey } from '@fedify/vocab'
import { preloadedContexts } from '@fedify/vocab-runtime'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isDocumentType, parseDocument } from '#federation/remote/document.ts'
import { createDocumentLoaders } from '#federation/remote/document-loader.ts'
import { createSafeFetch } from '#src/base/fetch.ts'
import { type Peer, peer } from '#tests/support/peer.ts'

function loaders({ allowPrivateAddresses = true } = {}) {
  const safeFetch = createSafeFetch({ allowPrivateAddresses, userAgent: 'Pinxit/test' })
  onTestFinished(() => safeFetch.close())
  return createDocumentLoaders(safeFetch)
}

const activityJson = 'application/activity+json; charset=utf-8'
const note = { '@context': 'https://www.w3.org/ns/activitystreams', type: 'Note', id: 'https://a.org/1' }
const refused = (reason: string) => expect.objectContaining({ name: 'FetchRefused', reason })

/** Answers every request with this body and type. */
const answering =
  (body: unknown, type = activityJson): RequestListener =>
  (_, response) =>
    response.setHeader('content-type', type).end(typeof body === 'string' ? body : JSON.stringify(body))

describe('a document', () => {
  it('comes with the address it was found at', async () => {
    const { url, requests } = await peer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/1' }).end()
      else answering(note)(request, response)
    })
    const load = loaders().documentLoaderFactory()
    expect(await load(`${url}/moved#key`)).toEqual({
      contextUrl: null,
      document: note,
      documentUrl: `${url}/1`,
    })
    expect(requests[0]?.headers.accept).toContain('application/activity+json')
  })

  it('is fetched once by many, and once more when it was forgotten', async () => {
    const { url, requests } = await peer(answering(note))
    const all = loaders()
    const load = all.documentLoaderFactory()
    const found = await Promise.all(Array.from({ length: 20 }, () => load(`${url}/1#main-key`)))
    expect(requests).toHaveLength(1)
    expect(found[0]?.document).not.toBe(found[1]?.document)
    await load(`${url}/1`)
    expect(requests).toHaveLength(1)
    all.forget(`${url}/1#other-key`)
    await load(`${url}/1`)
    expect(requests).toHaveLength(2)
  })

  it('that failed is asked for again', async () => {
    let status = 503
    const { url } = await peer((request, response) => {
      response.statusCode = status
      answering(note)(request, response)
    })
    const load = loaders().documentLoaderFactory()
    await expect(load(url)).rejects.toMatchObject({ name: 'FetchError', response: { status: 503 } })
    status = 200
    expect((await load(url)).document).toEqual(note)
  })

  it.each([401, 403, 404, 410, 429, 500])(
    'that is answered by %i carries the status in its error',
    async (status) => {
      const { url } = await peer((_, response) =>
        response.writeHead(status, { 'retry-after': '7' }).end('private words'),
      )
      const error: unknown = await loaders()
        .documentLoaderFactory()(url)
        .catch((caught: unknown) => caught)
      expect(error).toMatchObject({ name: 'FetchError', response: { status } })
      expect(String(error)).not.toContain('private words')
    },
  )

  it.each([
    ['application/json', note],
    ['application/ld+json', note],
    ['application/ld+json; profile="https://example.com/other"', note],
    ['text/plain', note],
    ['image/png', note],
    ['text/html', '<p>no link</p>'],
    [activityJson, '"x"'],
    [activityJson, '[]'],
    [activityJson, 'null'],
    [activityJson, '{"a":'],
    [activityJson, `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    [activityJson, `{"a":[${'1,'.repeat(100_000)}1]}`],
    [activityJson, '{"__proto__":{"x":1}}'],
  ])('of %s may not be %.40j', async (type, body) => {
    const { url } = await peer(answering(body, type))
    await expect(loaders().documentLoaderFactory()(url)).rejects.toEqual(refused('document'))
  })

  it('over 1 MiB or at a private address is refused', async () => {
    const { url } = await peer(answering({ ...note, content: 'x'.repeat(1024 * 1024) }))
    await expect(loaders().documentLoaderFactory()(url)).rejects.toEqual(refused('size'))
    const closed = loaders({ allowPrivateAddresses: false })
    const anyone = { keyId: new URL(url), privateKey: keys.privateKey }
    const https = url.replace('http:', 'https:')
    await expect(closed.documentLoaderFactory()(https)).rejects.toEqual(refused('address'))
    await expect(closed.contextLoaderFactory()(https)).rejects.toEqual(refused('address'))
    await expect(closed.authenticatedDocumentLoaderFactory(anyone)(https)).rejects.toEqual(refused('address'))
  })

  it.each([
    'application/activity+json',
    'Application/Activity+JSON;charset=utf-8',
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    'application/ld+json;profile=https://www.w3.org/ns/activitystreams',
  ])('may come as %s', (type) => expect(isDocumentType(type)).toBe(true))

  it('of ordinary depth is taken', () => {
    expect(parseDocument(`${'{"a":'.repeat(30)}1${'}'.repeat(30)}`)).toHaveProperty('a')
  })
})

describe('a web page', () => {
  const pages: [string, RequestListener][] = [
    [
      'by its head',
      answering(
        '<link rel="stylesheet" href="/x"><link rel=alternate href="/1?a=1&amp;b=2" type=\'application/activity+json\'>',
        'text/html; charset=utf-8',
      ),
    ],
    [
      'by its Link header',
      (_, response) =>
        response
          .setHeader('link', '</css>; rel=preload, </1>; rel="alternate"; type="application/activity+json"')
          .setHeader('content-type', 'text/html')
          .end('<p>'),
    ],
  ]
  it.each(pages)('leads to its document %s', async (_, page) => {
    const { url } = await peer((request, response) =>
      request.url?.startsWith('/1') ? answering(note)(request, response) : page(request, response),
    )
    const found = await loaders().documentLoaderFactory()(`${url}/page`)
    expect(found.document).toEqual(note)
    expect(found.documentUrl).toContain(`${url}/1`)
  })

  it('leads on only once, and nowhere private', async () => {
    const link = (href: string) => `<link rel="alternate" type="application/activity+json" href="${href}">`
    const { url, requests } = await peer((request, response) =>
      answering(link(request.url === '/file' ? 'file:///etc/passwd' : `${request.url}x`), 'text/html')(
        request,
        response,
      ),
    )
    const load = loaders().documentLoaderFactory()
    await expect(load(`${url}/a`)).rejects.toEqual(refused('document'))
    expect(requests).toHaveLength(2)
    await expect(load(`${url}/file`)).rejects.toEqual(refused('scheme'))
  })
})

describe('a context', () => {
  it.each([
    'https://www.w3.org/ns/activitystreams',
    'http://www.w3.org/ns/activitystreams',
    'https://w3id.org/security/v1',
    'https://purl.archive.org/socialweb/webfinger',
    'https://purl.archive.org/miscellany',
    'https://join-lemmy.org/context.json',
    'https://gotosocial.org/ns',
    'https://schema.org',
    'https://akkoma.example/schemas/litepub-0.1.jsonld',
  ])('that is well known needs no network: %s', async (context) => {
    const { document } = await loaders({ allowPrivateAddresses: false }).contextLoaderFactory()(context)
    expect(document).toHaveProperty('@context')
  })

  it('of a Pleroma server makes its activities readable', async () => {
    const contextLoader = loaders({ allowPrivateAddresses: false }).contextLoaderFactory()
    const activity = {
      '@context': ['https://pleroma.example/schemas/litepub-0.1.jsonld', { '@language': 'und' }],
      type: 'Create',
      id: 'https://pleroma.example/1',
      actor: 'https://pleroma.example/users/bob',
      object: { type: 'Note', id: 'https://pleroma.example/2', sensitive: true, content: 'hi' },
    }
    const create = await Create.fromJsonLd(activity, { contextLoader, documentLoader: contextLoader })
    expect(create.actorId?.href).toBe('https://pleroma.example/users/bob')
    expect((await create.getObject({ contextLoader }))?.sensitive).toBe(true)
  })

  it('that is unknown is fetched once and cannot be spoiled by its reader', async () => {
    const context = { '@context': { x: 'https://a.org/ns#x' } }
    const { url, requests } = await peer(answering(context, 'application/ld+json'))
    const load = loaders().contextLoaderFactory()
    const { document } = await load(`${url}/ns`)
    Object.assign(document ?? {}, { '@context': 'spoiled' })
    expect((await load(`${url}/ns#`)).document).toEqual(context)
    expect(requests).toHaveLength(1)
  })

  it('that failed is not asked for again at once', async () => {
    const { url, requests } = await peer((_, response) => response.writeHead(500).end())
    const load = loaders().contextLoaderFactory()
    await expect(load(url)).rejects.toMatchObject({ name: 'FetchError' })
    await expect(load(url)).rejects.toMatchObject({ name: 'FetchError' })
    expect(requests).toHaveLength(1)
  })

  it.each([
    ['size', { '@context': { x: 'x'.repeat(200_000) } }, 'application/ld+json'],
    ['document', { '@context': {} }, 'text/html'],
    ['document', '[]', 'application/ld+json'],
  ])('is refused for its %s', async (reason, body, type) => {
    const { url } = await peer(answering(body, type))
    await expect(loaders().contextLoaderFactory()(url)).rejects.toEqual(refused(reason))
  })
})

let keys: CryptoKeyPair
beforeAll(async () => {
  keys = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  )
})

describe('a signed look', () => {
  const keyId = new URL('https://me.example/actor#main-key')
  const identity = () => ({ keyId, privateKey: keys.privateKey })

  /** Lets in whoever Fedify's own verifier lets in, if the signature is of the kind this peer knows. */
  function lockedPeer(knows: (headers: Headers) => boolean): Promise<Peer> {
    return peer(async (request, response) => {
      const headers = new Headers()
      for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value))
      const asked = new Request(`http://${request.headers.host}${request.url}`, { headers })
      const key = new CryptographicKey({
        id: keyId,
        owner: new URL('https://me.example/actor'),
        publicKey: keys.publicKey,
      })
      const keyCache = { get: async () => key, set: async () => {} }
      const { contextLoaderFactory } = loaders()
      const load = contextLoaderFactory()
      const verified = await verifyRequest(asked, { keyCache, documentLoader: load, contextLoader: load })
      if (!verified || !knows(headers)) response.writeHead(401).end()
      else if (request.url === '/moved') response.writeHead(302, { location: '/1' }).end()
      else answering(note)(request, response)
    })
  }
  const isCavage = (headers: Headers) => headers.has('signature') && !headers.has('signature-input')
  const isRfc9421 = (headers: Headers) => headers.has('signature-input')

  it('is let in where an unsigned one is not, redirects included', async () => {
    const { url, requests } = await lockedPeer(isCavage)
    await expect(loaders().documentLoaderFactory()(`${url}/1`)).rejects.toMatchObject({
      response: { status: 401 },
    })
    requests.splice(0)
    const found = await loaders().authenticatedDocumentLoaderFactory(identity())(`${url}/moved`)
    expect(found).toMatchObject({ document: note, documentUrl: `${url}/1` })
    expect(requests).toHaveLength(2)
  })

  it('knocks a second time by RFC 9421, and first next time', async () => {
    const { url, requests } = await lockedPeer(isRfc9421)
    const load = loaders().authenticatedDocumentLoaderFactory(identity())
    expect((await load(`${url}/1`)).document).toEqual(note)
    expect(requests).toHaveLength(2)
    await load(`${url}/2`)
    expect(requests).toHaveLength(3)
  })

  it.each([404, 410, 429, 500])('takes %i for an answer', async (status) => {
    const { url, requests } = await peer((_, response) => response.writeHead(status).end())
    const load = loaders().authenticatedDocumentLoaderFactory(identity())
    await expect(load(url)).rejects.toMatchObject({ response: { status } })
    expect(requests).toHaveLength(1)
  })

  it('does not go round in circles', async () => {
    let step = 0
    const { url, requests } = await peer((_, response) =>
      response.writeHead(302, { location: `/${++step}` }).end(),
    )
    const load = loaders().authenticatedDocumentLoaderFactory(identity())
    await expect(load(url)).rejects.toEqual(refused('redirects'))
    expect(requests).toHaveLength(6)
  })

  it('is not shown to those who look unsigned', async () => {
    const { url } = await lockedPeer(isCavage)
    const all = loaders()
    await all.authenticatedDocumentLoaderFactory(identity())(`${url}/1`)
    await expect(all.documentLoaderFactory()(`${url}/1`)).rejects.toMatchObject({ response: { status: 401 } })
  })
})

it('ships the contexts that peers name most', () => {
  // If an upgrade of Fedify drops one, we would begin to ask the network for it.
  for (const url of ['https://www.w3.org/ns/activitystreams', 'https://join-lemmy.org/context.json']) {
    expect(preloadedContexts).toHaveProperty([url])
  }
})
