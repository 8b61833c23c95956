import { createHash, createPrivateKey, sign } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { describe, expect, it } from 'vitest'
import { signatureHeaders } from '#tests/support/http-signatures.ts'
import { activityOf, useNeighbours } from './setup.ts'

const near = useNeighbours()
const inbox = () => `${near.server.url}/ap/inbox`
const signer = () => ({ keyId: near.bob.keyId, privateKeyPem: near.foreign.privateKeyPem })
const newBody = () => JSON.stringify(activityOf(near.bob, 'Like', `${near.server.url}/ap/notes/1`))
const digestOf = (body: string) => createHash('sha256').update(body).digest('base64')
const seconds = () => Math.floor(Date.now() / 1000)

type Sent = Record<string, string | string[]>

/** As it is, with headers that come twice: `fetch` would put them into one. */
function send(headers: Sent, body: string): Promise<number> {
  const { hostname, port, pathname } = new URL(inbox())
  const type = { 'content-type': 'application/activity+json' }
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path: pathname, method: 'POST', headers: { ...type, ...headers } }
    const request = httpRequest(options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on('error', reject)
    request.end(body)
  })
}

const covered = ['(request-target)', 'host', 'date', 'digest']
type Cavage = { names?: string[]; parameters?: string; changes?: Record<string, string> }

/** Signed by Bob's own key, whatever it says. */
function cavage(body: string, { names = covered, parameters = '', changes = {} }: Cavage = {}) {
  const headers: Record<string, string> = {
    host: new URL(inbox()).host,
    date: new Date().toUTCString(),
    digest: `SHA-256=${digestOf(body)}`,
    ...changes,
  }
  const lines = names
    .map((name) => name.toLowerCase())
    .map((name) => {
      return `${name}: ${name === '(request-target)' ? 'post /ap/inbox' : headers[name]}`
    })
  const key = createPrivateKey(near.foreign.privateKeyPem)
  const signature = sign('sha256', Buffer.from(lines.join('\n')), key).toString('base64')
  const list = `keyId="${near.bob.keyId}",${parameters}headers="${names.join(' ')}",signature="${signature}"`
  return { ...headers, signature: list }
}

async function refused(sent: Promise<number>): Promise<void> {
  expect([400, 401]).toContain(await sent)
}

describe('a draft-cavage signature', () => {
  it.each(['rsa-sha1', 'hs2019', 'ed25519', 'hmac-sha256'])(
    'is judged by its key, not by the algorithm it names: %s',
    async (algorithm) => {
      const body = newBody()
      const headers = cavage(body, { parameters: `algorithm="${algorithm}",` })
      const [, signature = ''] = /signature="([^"]+)"/.exec(headers.signature) ?? []
      const forged = headers.signature.replace(signature, Buffer.from(digestOf(body)).toString('base64'))
      await refused(send({ ...headers, signature: forged }, body))
      expect(await send(headers, body)).toBe(202)
    },
  )

  it('stands alone', async () => {
    const body = newBody()
    const headers = cavage(body)
    const other = `keyId="${near.bob.keyId}",headers="date",signature="eA=="`
    for (const signature of [
      [headers.signature, headers.signature],
      [headers.signature, other],
      [other, headers.signature],
    ])
      await refused(send({ ...headers, signature }, body))
  })

  it.each([
    'headers="date",',
    'keyId="https://evil.example/key",',
    'created=1,created=2,',
    'signature="eA==",',
  ])('says nothing twice: %s', (parameters) => {
    const body = newBody()
    return refused(send(cavage(body, { parameters }), body))
  })

  it('names headers in lower case', () => {
    const body = newBody()
    return refused(send(cavage(body, { names: ['(Request-Target)', 'Host', 'Date', 'Digest'] }), body))
  })

  it.each([
    () => `expires=${seconds() - 5},`,
    () => `created=${seconds() + 7_300},`,
    () => `created=${seconds() - 50_000},`,
    () => 'expires="never",',
    () => 'created=99999999999999999999,',
    () => 'expires=99999999999999999999,',
  ])('is of its time, case %#', (parameters) => {
    const body = newBody()
    return refused(send(cavage(body, { parameters: parameters() }), body))
  })

  it.each<(good: string) => Record<string, string>>([
    (good) => ({ digest: `SHA-256=${good},SHA-512=eA==` }),
    (good) => ({ digest: `SHA-256=eA==, SHA-256=${good}` }),
    () => ({ digest: 'MD5=eA==' }),
    () => ({ date: 'yesterday' }),
  ])('covers a digest and a date that can be read in one way, case %#', (changes) => {
    const body = newBody()
    return refused(send(cavage(body, { changes: changes(digestOf(body)) }), body))
  })
})

describe('a signature of RFC 9421', () => {
  it.each<(input: string) => string>([
    ...['ed25519', 'rsa-pss-sha512', 'ecdsa-p256-sha256', 'hmac-sha256'].map(
      (algorithm) => (input: string) => input.replace('rsa-v1_5-sha256', algorithm),
    ),
    (input) => `${input}, sig2=("date");created=1;keyid="${near.bob.keyId}"`,
    (input) => input.replace('sig1', '__proto__'),
    (input) => input.replace(/created=\d+/, 'created=99999999999999999999'),
    (input) => input.replace(/created=\d+/, 'created=0'),
    (input) => input.replace(/;created=\d+/, (created) => `${created};created=1`),
    (input) => `${input};expires=1`,
    (input) => `${input};created`,
  ])('is what was signed, case %#', async (change) => {
    const body = newBody()
    const headers = signatureHeaders('rfc9421', { method: 'POST', url: inbox(), body }, signer())
    const input = headers['signature-input'] ?? ''
    await refused(send({ ...headers, 'signature-input': change(input) }, body))
    expect(await send(headers, body)).toBe(202)
  })
})

describe('a GET', () => {
  const date = new Date().toUTCString()
  it.each<() => Record<string, string>>([
    () => ({ signature: 'x' }),
    () => ({
      signature: `keyId="${near.bob.keyId}",headers="(request-target) host date",signature="!!"`,
      date,
    }),
    () => ({ signature: `keyId="${near.bob.keyId}",headers="(request-target) host date",signature="eA=="` }),
    () => ({ signature: 'keyId="none",headers="(request-target) host date",signature="eA=="', date }),
    () => ({
      signature: 'keyId="http://127.0.0.1:1/",headers="(request-target) host date",signature="eA=="',
      date,
    }),
    () => ({
      'signature-input': `sig1=("@target-uri");created=99999999999999999;keyid="${near.bob.keyId}"`,
      signature: 'sig1=:eA==:',
    }),
    () => ({
      'signature-input': `sig1=("@target-uri" "@query-param");created=${seconds()};keyid="${near.bob.keyId}"`,
      signature: 'sig1=:eA==:',
    }),
  ])('with a signature that is none is of nobody, case %#', async (headers) => {
    for (const query of ['', '?page=1']) {
      const url = `${near.alice.account.uri}/followers_synchronization${query}`
      expect((await fetch(url, { headers: headers() })).status).toBe(401)
    }
  })
})
