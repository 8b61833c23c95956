import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { beforeEach, describe, expect, it } from 'vitest'
import { startForeignServer } from '#tests/support/foreign-server.ts'
import { signatureHeaders } from '#tests/support/http-signatures.ts'
import { activityOf, activityStreams, useNeighbours } from './setup.ts'

const near = useNeighbours()
const inbox = () => `${near.server.url}/ap/inbox`
const like = () => activityOf(near.bob, 'Like', `${near.server.url}/ap/notes/1`)

/** What an accepted activity leaves before its job runs. */
const waiting = async () =>
  (await near.server.app.db.selectFrom('jobs').select('id').where('name', '=', 'fedifyInbox').execute())
    .length

beforeEach(async () => {
  await near.server.settle()
})

async function refused(status: number, sent: Promise<Response>): Promise<void> {
  expect((await sent).status).toBe(status)
  expect(await waiting()).toBe(0)
}

describe('a signature', () => {
  it.each(['draft-cavage', 'rfc9421'] as const)('of %s is taken', async (scheme) => {
    const response = await near.bob.post(inbox(), activityOf(near.bob, 'Follow', near.alice.account.uri), {
      scheme,
    })
    expect(response.status).toBe(202)
  })

  it('is taken on the personal inbox too', async () => {
    const follow = activityOf(near.bob, 'Follow', near.alice.account.uri)
    expect((await near.bob.post(`${near.alice.account.uri}/inbox`, follow)).status).toBe(202)
  })

  it('must be there', () =>
    refused(401, near.bob.post(inbox(), like(), { headers: { signature: undefined } })))

  it('must be the body’s', () =>
    refused(401, near.bob.post(inbox(), like(), { body: JSON.stringify(like()) })))

  it.each(['draft-cavage', 'rfc9421'] as const)('of %s with a changed digest is refused', (scheme) => {
    const body = JSON.stringify(like())
    const digest = createHash('sha256').update(body).digest('base64')
    return refused(
      401,
      near.bob.post(inbox(), like(), {
        scheme,
        body,
        headers: { digest: `SHA-256=${digest}`, 'content-digest': `sha-256=:${digest}:` },
      }),
    )
  })

  it.each(['date', 'host', 'digest', '(request-target)'])('of draft-cavage without %s is refused', (left) => {
    const body = JSON.stringify(like())
    return refused(401, post(body, coveringAllBut(left, body)))
  })

  it.each(['"content-digest"', '"@method"', '"@target-uri"'])('of rfc9421 without %s is refused', (left) => {
    const body = JSON.stringify(like())
    const headers = signatureHeaders('rfc9421', { method: 'POST', url: inbox(), body }, bobsKey())
    const input = headers['signature-input']?.replace(left, '"content-type"') ?? ''
    return refused(401, post(body, { ...headers, 'signature-input': input }))
  })

  it.each([-13 * 3600_000, 2 * 3600_000])('off by %i ms is refused', (offset) =>
    refused(401, near.bob.post(inbox(), like(), { date: new Date(Date.now() + offset) })),
  )

  it('off by eleven hours is taken', async () => {
    const date = new Date(Date.now() - 11 * 3600_000)
    expect((await near.bob.post(inbox(), like(), { date })).status).toBe(202)
  })

  it('made for another host is refused', () =>
    refused(401, near.bob.post(inbox().replace('localhost', '127.0.0.1'), like())))

  it('of somebody else is refused', async () => {
    const mallory = near.foreign.addActor('mallory')
    await refused(401, mallory.post(inbox(), like()))
  })

  it('by a key that another server wrote in the actor’s name is refused', async () => {
    const evil = await startForeignServer()
    const mallory = evil.addActor('mallory')
    const publicKey = { ...Object(mallory.document.publicKey), owner: near.bob.uri }
    mallory.document.publicKey = publicKey
    evil.documents.set('/users/mallory', {
      '@context': ['https://w3id.org/security/v1'],
      type: 'Key',
      ...publicKey,
    })
    await refused(401, mallory.post(inbox(), like()))
    await evil.close()
  })

  it('by a key that was changed is taken after a second look', async () => {
    const carol = near.foreign.addActor('carol')
    const follow = () => activityOf(carol, 'Follow', near.alice.account.uri)
    expect((await carol.post(inbox(), follow())).status).toBe(202)
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    carol.document.publicKey = { id: carol.keyId, owner: carol.uri, publicKeyPem: publicKey }
    const again = () => {
      const body = JSON.stringify(follow())
      const signer = { keyId: carol.keyId, privateKeyPem: privateKey }
      return post(body, signatureHeaders('draft-cavage', { method: 'POST', url: inbox(), body }, signer))
    }
    await again()
    expect((await again()).status).toBe(202)
  })

  it('accepted once does nothing when it is sent again', async () => {
    const follow = activityOf(near.bob, 'Follow', near.alice.account.uri)
    const body = JSON.stringify(follow)
    const headers = bobSigns(body)
    expect((await post(body, headers)).status).toBe(202)
    await near.server.settle()
    const account = await near.account(near.bob)
    const follows = () =>
      near.server.app.db
        .selectFrom('follows')
        .selectAll()
        .where('follower_id', '=', account?.id ?? '0')
        .execute()
    expect(await follows()).toHaveLength(1)
    await near.send(near.bob, activityOf(near.bob, 'Undo', follow))
    expect(await follows()).toHaveLength(0)
    expect((await post(body, headers)).status).toBe(202)
    const respelled = { ...headers, signature: `${headers.signature?.replaceAll(',', ' , ')}` }
    expect((await post(body, respelled)).status).toBe(202)
    await near.server.settle()
    expect(await follows()).toHaveLength(0)
  })
})

describe('a body', () => {
  it.each([
    '"x"',
    '[]',
    'null',
    '42',
    '{',
    '',
    '\u0000',
    `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
    '{"__proto__":{}}',
  ])('that is no modest object is 400: %j', (body) => refused(400, post(body, bobSigns(body))))

  it.each(['@graph', '@included', '@reverse'])('that is turned inside out by %s is 400', async (keyword) => {
    const body = JSON.stringify({ ...like(), [keyword]: [like()] })
    const renamed = JSON.stringify({
      ...like(),
      '@context': [activityStreams, { things: keyword }],
      things: [like()],
    })
    await refused(400, post(body, bobSigns(body)))
    await refused(400, post(renamed, bobSigns(renamed)))
  })

  it('with two actors, or with a renamed one, is not believed', async () => {
    const two = { ...like(), actor: [near.bob.uri, near.alice.account.uri] }
    const renamed = {
      ...like(),
      '@context': [
        activityStreams,
        { actor: 'https://elsewhere.example/#actor', doer: { '@id': 'as:actor', '@type': '@id' } },
      ],
      doer: near.alice.account.uri,
    }
    await refused(400, near.bob.post(inbox(), two))
    await refused(400, near.bob.post(inbox(), renamed))
  })

  it('with an id of another server is 400', () =>
    refused(400, near.bob.post(inbox(), { ...like(), id: 'https://elsewhere.example/likes/1' })))

  it('of one byte over 1 MiB is 413, and of just less is taken', async () => {
    const padded = (length: number) => {
      const bare = JSON.stringify({ ...like(), content: '' })
      return bare.replace('"content":""', `"content":"${'x'.repeat(length - bare.length)}"`)
    }
    const large = padded(1024 * 1024 + 1)
    await refused(413, post(large, bobSigns(large)))
    const fitting = padded(1024 * 1024)
    expect((await post(fitting, bobSigns(fitting))).status).toBe(202)
  })

  it('that is chunked without an end is cut off', async () => {
    expect(await postEndlessly()).toBe(413)
    expect(await waiting()).toBe(0)
  })

  it.each(['text/plain', 'text/html', 'multipart/form-data', ''])('of type %j is 415', (type) =>
    refused(415, near.bob.post(inbox(), like(), { headers: { 'content-type': type } })),
  )

  it.each(['application/json', 'application/ld+json'])('of type %s is taken', async (type) => {
    const response = await near.bob.post(inbox(), like(), { headers: { 'content-type': type } })
    expect(response.status).toBe(202)
  })

  it('that is compressed is 415', () =>
    refused(415, near.bob.post(inbox(), like(), { headers: { 'content-encoding': 'gzip' } })))

  it('of a kind nobody knows is 202 and ignored', async () => {
    const strange = activityOf(near.bob, 'Travel', near.alice.account.uri)
    expect(await near.send(near.bob, strange)).toBe(202)
    const dead = await near.server.app.db.selectFrom('dead_jobs').select('error').execute()
    expect(dead).toEqual([])
  })

  it.each([
    { id: 7 },
    { object: 7 },
    { object: { id: 'javascript:alert(1)', type: 'Note' } },
    { object: { id: 'relative', type: ['Note', 4, null] } },
    { object: [null, [], {}] },
    { published: 'yesterday' },
    { to: { a: 1 } },
    { '@context': 'https://localhost:1/none' },
    { '@context': { '@vocab': 'javascript:' } },
    { '@context': { as: '@id' } },
    { type: [] },
    { type: 'Create', object: { content: { a: '\u0000\ud800' } } },
    { signature: 'x' },
    { signature: { type: 'RsaSignature2017', creator: 'KEY', created: 'yesterday', signatureValue: 'x' } },
    {
      signature: {
        type: 'RsaSignature2017',
        creator: 'KEY',
        created: '2026-01-01T00:00:00Z',
        signatureValue: '',
      },
    },
    { proof: { type: 'DataIntegrityProof', verificationMethod: 'KEY', proofValue: 'x', created: 'x' } },
    { proof: [{ verificationMethod: 'KEY' }, 7] },
  ])('with nonsense in it is never our fault: %j', async (nonsense) => {
    const text = JSON.stringify({ ...like(), ...nonsense }).replaceAll(
      '"KEY"',
      JSON.stringify(near.bob.keyId),
    )
    const response = await near.bob.post(inbox(), JSON.parse(text))
    expect(response.status).toBeLessThan(500)
    await near.server.settle()
  })
})

describe('a context that cannot be had', () => {
  it('now is 503, and never is 400', async () => {
    const away = { ...like(), '@context': [activityStreams, 'http://127.0.0.1:9998/context'] }
    await refused(503, near.bob.post(inbox(), away))
    const none = { ...like(), '@context': [activityStreams, `${near.foreign.url}/context`] }
    await refused(400, near.bob.post(inbox(), none))
  })

  it('is not asked for without end', async () => {
    const many = Array.from({ length: 100 }, (_, n) => `${near.foreign.url}/contexts/${n}`)
    for (const context of many) near.foreign.documents.set(new URL(context).pathname, { '@context': {} })
    await refused(400, near.bob.post(inbox(), { ...like(), '@context': [activityStreams, ...many] }))
    expect(near.foreign.requests.filter(({ path }) => path.startsWith('/contexts/')).length).toBeLessThan(40)
  })
})

describe('a blocked domain', () => {
  it('is not heard, whatever its activity', async () => {
    await near.server.app.db.insertInto('domain_blocks').values({ domain: '127.0.0.1' }).execute()
    await refused(403, near.bob.post(inbox(), like()))
    await near.server.app.db.deleteFrom('domain_blocks').execute()
    expect((await near.bob.post(inbox(), like())).status).toBe(202)
  })
})

function bobSigns(body: string): Record<string, string> {
  const url = inbox()
  return signatureHeaders('draft-cavage', { method: 'POST', url, body }, bobsKey())
}

function post(body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(inbox(), {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/activity+json', ...headers },
  })
}

/** A valid signature that covers all but one of what it must. */
function coveringAllBut(left: string, body: string): Record<string, string> {
  const { host, pathname } = new URL(inbox())
  const headers: Record<string, string> = {
    host,
    date: new Date().toUTCString(),
    digest: `SHA-256=${createHash('sha256').update(body).digest('base64')}`,
  }
  const lines = new Map([['(request-target)', `post ${pathname}`], ...Object.entries(headers)])
  lines.delete(left)
  const text = [...lines].map(([name, value]) => `${name}: ${value}`).join('\n')
  const signature = sign('sha256', Buffer.from(text), near.foreign.privateKeyPem).toString('base64')
  const covered = [...lines.keys()].join(' ')
  return { ...headers, signature: `keyId="${near.bob.keyId}",headers="${covered}",signature="${signature}"` }
}

function bobsKey() {
  return { keyId: near.bob.keyId, privateKeyPem: near.foreign.privateKeyPem }
}

function postEndlessly(): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(inbox(), {
      method: 'POST',
      headers: { 'content-type': 'application/activity+json', 'transfer-encoding': 'chunked' },
    })
    const timer = setInterval(() => request.write('x'.repeat(64 * 1024)), 1)
    request.on('response', (response) => {
      clearInterval(timer)
      response.resume()
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    request.on('error', (error) => {
      clearInterval(timer)
      reject(error)
    })
  })
}
