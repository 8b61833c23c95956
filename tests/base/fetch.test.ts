import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { guardedLookup } from '#src/base/connect.ts'
import { createGuardedFetch, createSafeFetch, type SafeFetchSettings } from '#src/base/fetch.ts'
import { FetchFailed, FetchRefused } from '#src/base/fetch-errors.ts'
import { peer, startPeer } from '#tests/support/peer.ts'

function fetcher(settings: Partial<SafeFetchSettings> = {}) {
  const safeFetch = createSafeFetch({ allowPrivateAddresses: true, userAgent: 'Pinxit/test', ...settings })
  onTestFinished(() => safeFetch.close())
  return safeFetch
}

const text = (body: Uint8Array) => new TextDecoder().decode(body)
const refusedFor = (reason: string) => expect.objectContaining({ name: 'FetchRefused', reason })

describe('an honest answer', () => {
  it('comes with status, address, headers and body', async () => {
    const { url, requests } = await peer((_, response) => response.setHeader('x-a', 'b').end('hello'))
    const answer = await fetcher()(`${url}/path?q=1#fragment`, { accept: 'text/plain' })
    expect(answer).toMatchObject({ status: 200, url: `${url}/path?q=1#fragment` })
    expect(answer.headers.get('x-a')).toBe('b')
    expect(text(answer.body)).toBe('hello')
    expect(requests[0]).toMatchObject({
      path: '/path?q=1',
      headers: { 'user-agent': 'Pinxit/test', accept: 'text/plain' },
    })
  })

  it('is handed on when it is an error of the other side', async () => {
    const { url } = await peer((_, response) => response.writeHead(410).end('gone'))
    expect(await fetcher()(url)).toMatchObject({ status: 410 })
  })

  it('to a POST carries the body there and does not follow redirects', async () => {
    let received = ''
    const { url, requests } = await peer((request, response) => {
      request.on('data', (chunk) => (received += chunk))
      request.on('end', () => response.writeHead(307, { location: '/elsewhere' }).end())
    })
    expect(await fetcher()(url, { method: 'POST', body: 'a body' })).toMatchObject({ status: 307 })
    expect(received).toBe('a body')
    expect(requests).toHaveLength(1)
  })

  it.each([
    ['gzip', gzipSync('hello')],
    ['br', brotliCompressSync('hello')],
    ['identity', Buffer.from('hello')],
  ])('in %s is decoded', async (encoding, bytes) => {
    const { url } = await peer((_, response) => response.setHeader('content-encoding', encoding).end(bytes))
    const answer = await fetcher()(url)
    expect(text(answer.body)).toBe('hello')
    expect(answer.headers.has('content-encoding')).toBe(false)
  })
})

describe('private addresses', () => {
  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://[::ffff:7f00:1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/',
    'https://db.internal/',
    'https://a.onion/',
  ])('are refused by their spelling: %s', async (url) => {
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    await expect(fetcher({ allowPrivateAddresses: false, resolve })(url)).rejects.toEqual(
      refusedFor('address'),
    )
  })

  it.each(['127.0.0.1', '10.0.0.1', '::1', '::ffff:127.0.0.1', 'fd00::1', '64:ff9b::a00:1'])(
    'are refused when a name leads to them: %s',
    async (address) => {
      const resolve = async () => [{ address, family: address.includes(':') ? 6 : 4 }]
      await expect(fetcher({ allowPrivateAddresses: false, resolve })('https://public.org/')).rejects.toEqual(
        refusedFor('address'),
      )
    },
  )

  it('are passed over when they stand beside a public one', async () => {
    const lookup = guardedLookup({ allowPrivateAddresses: false }, async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '1.1.1.1', family: 4 },
      { address: '::1', family: 6 },
    ])
    const all = await new Promise((resolve) =>
      lookup('mixed.org', { all: true }, (_, addresses) => resolve(addresses)),
    )
    expect(all).toEqual([{ address: '1.1.1.1', family: 4 }])
  })

  it('are looked up anew for every connection, so that an answer that changes is judged again', async () => {
    let asked = 0
    const resolve = async () => {
      asked += 1
      return [{ address: '127.0.0.1', family: 4 }]
    }
    const safeFetch = fetcher({ allowPrivateAddresses: false, resolve })
    await expect(safeFetch('https://public.org/')).rejects.toThrow(FetchRefused)
    await expect(safeFetch('https://public.org/')).rejects.toThrow(FetchRefused)
    expect(asked).toBe(2)
  })

  it('are reached by name where they are allowed', async () => {
    const { port } = await peer((_, response) => response.end('here'))
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    const answer = await fetcher({ resolve })(`http://friend.example:${port}/`)
    expect(text(answer.body)).toBe('here')
  })

  it('are refused to whoever uses the connections directly', async () => {
    const { url } = await peer((_, response) => response.end())
    const { dispatcher } = fetcher({ allowPrivateAddresses: false })
    await expect(dispatcher.request({ origin: url, path: '/', method: 'GET' })).rejects.toEqual(
      refusedFor('address'),
    )
  })
})

describe('redirects', () => {
  /** /3 leads to /2 and so on; /0 is the end. */
  const staircase: RequestListener = (request, response) => {
    const step = Number(request.url?.slice(1))
    if (step === 0) response.end('arrived')
    else response.writeHead(302, { location: `/${step - 1}` }).end('x'.repeat(1000))
  }

  it('are followed five times and not six', async () => {
    const { url } = await peer(staircase)
    const answer = await fetcher()(`${url}/5`)
    expect(answer.url).toBe(`${url}/0`)
    expect(text(answer.body)).toBe('arrived')
    await expect(fetcher()(`${url}/6`)).rejects.toEqual(refusedFor('redirects'))
  })

  it('are counted as told, or handed on', async () => {
    const { url } = await peer(staircase)
    await expect(fetcher()(`${url}/2`, { redirects: 1 })).rejects.toEqual(refusedFor('redirects'))
    expect(await fetcher()(`${url}/2`, { redirects: 'manual' })).toMatchObject({
      status: 302,
      url: `${url}/2`,
    })
  })

  it('in a circle are noticed at once', async () => {
    const { url, requests } = await peer((_, response) => response.writeHead(302, { location: '/' }).end())
    await expect(fetcher()(`${url}/`)).rejects.toEqual(refusedFor('redirects'))
    expect(requests).toHaveLength(1)
  })

  it.each([
    ['file:///etc/passwd', 'scheme'],
    ['http://user:password@127.0.0.1/', 'credentials'],
    ['http://127.0.0.1:25/', 'port'],
    ['http://[', 'url'],
  ])('to %s are refused', async (location, reason) => {
    const { url } = await peer((_, response) => response.writeHead(302, { location }).end())
    await expect(fetcher()(url)).rejects.toEqual(refusedFor(reason))
  })

  it('to another origin take no credentials along', async () => {
    const other = await peer((_, response) => response.end())
    const first = await peer((_, response) => response.writeHead(302, { location: other.url }).end())
    const headers = { Authorization: 'Bearer a', Cookie: 'b', Signature: 'c', 'X-Plain': 'd' }
    await fetcher()(first.url, { headers })
    expect(first.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer a',
      cookie: 'b',
      signature: 'c',
    })
    expect(other.requests[0]?.headers).toMatchObject({ 'x-plain': 'd' })
    for (const name of ['authorization', 'cookie', 'signature'])
      expect(other.requests[0]?.headers[name]).toBeUndefined()
  })
})

describe('size', () => {
  it('is allowed up to the cap', async () => {
    const { url } = await peer((_, response) => response.end('x'.repeat(1000)))
    expect((await fetcher()(url, { maxBytes: 1000 })).body).toHaveLength(1000)
  })

  it('that is announced over the cap is refused', async () => {
    const { url } = await peer((_, response) => response.end('x'.repeat(1001)))
    await expect(fetcher()(url, { maxBytes: 1000 })).rejects.toEqual(refusedFor('size'))
  })

  it('without end is refused at the cap', async () => {
    const { url } = await peer((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(50_000)), 1)
      response.on('close', () => clearInterval(timer))
    })
    await expect(fetcher()(url)).rejects.toEqual(refusedFor('size'))
  })

  it.each([
    ['gzip', gzipSync(Buffer.alloc(200_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(20_000_000))],
  ])('counts decoded bytes, so a %s bomb is refused', async (encoding, bomb) => {
    expect(bomb.length).toBeLessThan(1024 * 1024)
    const { url } = await peer((_, response) => response.setHeader('content-encoding', encoding).end(bomb))
    await expect(fetcher()(url)).rejects.toEqual(refusedFor('size'))
  })

  it('behind several or unknown encodings is not even counted', async () => {
    const { url } = await peer((request, response) =>
      response.setHeader('content-encoding', request.url === '/zstd' ? 'zstd' : 'gzip, gzip').end('x'),
    )
    await expect(fetcher()(`${url}/zstd`)).rejects.toEqual(refusedFor('encoding'))
    await expect(fetcher()(`${url}/twice`)).rejects.toEqual(refusedFor('encoding'))
  })
})

describe('slow and broken servers', () => {
  const failedFor = (reason: string) => expect.objectContaining({ name: 'FetchFailed', reason })

  it('that never answer run into the deadline', async () => {
    const { url } = await peer(() => {})
    await expect(fetcher()(url, { deadlineMs: 100 })).rejects.toEqual(failedFor('timeout'))
  })

  it.each(['', 'gzip'])('that drip their body run into the same deadline (%j)', async (encoding) => {
    const { url } = await peer((_, response) => {
      if (encoding) response.setHeader('content-encoding', encoding)
      // At this rate it lasts far longer than a test may, and is never silent.
      const bytes = gzipSync(randomBytes(100_000))
      let sent = 0
      const timer = setInterval(() => response.write(bytes.subarray(sent, ++sent)), 10)
      response.on('close', () => clearInterval(timer))
    })
    await expect(fetcher()(url, { deadlineMs: 150 })).rejects.toEqual(failedFor('timeout'))
  })

  it.each<[string, RequestListener]>([
    ['reset', (request) => request.socket.destroy()],
    [
      'break off',
      (_, response) =>
        response.writeHead(200, { 'content-length': '10' }).write('x', () => response.destroy()),
    ],
    [
      'send garbage for gzip',
      (_, response) => response.setHeader('content-encoding', 'gzip').end('not gzip'),
    ],
    ['send endless headers', (_, response) => response.setHeader('x', 'x'.repeat(100_000)).end()],
  ])('that %s have failed for now', async (_, answer) => {
    const { url } = await peer(answer)
    await expect(fetcher()(url)).rejects.toEqual(failedFor('network'))
  })

  it('that are not there, or have no name, have failed for now', async () => {
    const gone = await startPeer(() => {})
    await gone.close()
    await expect(fetcher()(gone.url)).rejects.toEqual(failedFor('network'))
    const resolve = async () =>
      Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
    await expect(fetcher({ resolve })('https://nowhere.org/')).rejects.toEqual(failedFor('network'))
  })

  it('can be left by the caller, whose reason is thrown', async () => {
    const { url } = await peer(() => {})
    const controller = new AbortController()
    const asked = fetcher()(url, { signal: controller.signal })
    controller.abort(new Error('changed my mind'))
    await expect(asked).rejects.toThrow('changed my mind')
  })

  it('and refusals say nothing of addresses or content', async () => {
    const { url } = await peer((_, response) => response.end('x'.repeat(2000)))
    for (const error of [
      await fetcher()(url, { maxBytes: 1 }).catch((caught: unknown) => caught),
      await fetcher({ allowPrivateAddresses: false })(url).catch((caught: unknown) => caught),
    ]) {
      expect(error).toBeInstanceOf(FetchRefused)
      expect(String(error)).not.toMatch(/127|xx/)
    }
    expect(String(new FetchFailed('network', new Error('connect 10.0.0.1')))).not.toContain('10.0.0.1')
  })
})

describe('the WHATWG shape', () => {
  it('answers like fetch, guards included', async () => {
    const { url } = await peer((request, response) => {
      if (request.url === '/moved') response.writeHead(301, { location: '/end' }).end()
      else if (request.url === '/nothing') response.writeHead(204).end()
      else request.pipe(response)
    })
    const guardedFetch = createGuardedFetch(fetcher())
    const echoed = await guardedFetch(`${url}/echo`, { method: 'POST', body: '{"a":1}' })
    expect(await echoed.json()).toEqual({ a: 1 })
    expect((await guardedFetch(`${url}/moved`)).url).toBe(`${url}/end`)
    expect((await guardedFetch(`${url}/moved`, { redirect: 'manual' })).status).toBe(301)
    expect((await guardedFetch(`${url}/nothing`)).status).toBe(204)
    const closed = createGuardedFetch(fetcher({ allowPrivateAddresses: false }))
    await expect(closed(url)).rejects.toThrow(FetchRefused)
  })
})
