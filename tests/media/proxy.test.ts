import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSafeFetch } from '#src/base/fetch.ts'
import { insertDomainBlocks } from '#src/db/domain-blocks.ts'
import { proxyRoutes } from '#src/media/proxy.ts'
import { trimRemoteFiles } from '#src/media/prune.ts'
import { createRemoteFiles } from '#src/media/remote-files.ts'
import type { RemoteVariant } from '#src/media/remote-url.ts'
import { createBareApp } from '#tests/support/bare-app.ts'
import { peer } from '#tests/support/peer.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'
import { gifOfFrames, pngOfClaimedSize, softPicture } from './pictures.ts'

let server: TestServer
let jpeg: Buffer

beforeAll(async () => {
  server = await startTestServer()
  jpeg = await softPicture(1200, 900)
    .jpeg()
    .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 30/1 0/1' } })
    .toBuffer()
})
afterAll(() => server.close())

const sends =
  (bytes: Uint8Array | string, type = 'image/jpeg', status = 200): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': type }).end(bytes)

const show = (address: string, variant: RemoteVariant, init: RequestInit = {}, on = server) =>
  on.fetch(on.app.remoteFiles.urlOf(address, variant), init)

const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())

describe('a picture of another server', () => {
  it('is shown under our own address, re-encoded, without its metadata, and for ever', async () => {
    const { url, requests } = await peer(sends(jpeg))
    const address = `${url}/picture.jpg?width=original`
    const answer = await show(address, 'original')
    expect(answer.status).toBe(200)
    expect(answer.url.startsWith(`${server.url}/proxy/original/`)).toBe(true)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'public, max-age=31536000, immutable',
    })
    const shown = await bytesOf(answer)
    const { width, height, exif } = await sharp(shown).metadata()
    expect([width, height, exif]).toEqual([1200, 900, undefined])
    expect((await sharp(jpeg).metadata()).exif).toBeDefined()

    const small = await sharp(await bytesOf(await show(address, 'small'))).metadata()
    expect([small.format, small.width, small.height]).toEqual(['webp', 640, 480])
    const again = await show(address, 'original', {
      headers: { 'if-none-match': answer.headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(304)
    // Neither a cookie nor the reader's address goes there.
    expect(requests).toHaveLength(1)
    expect(requests[0]?.headers['user-agent']).toMatch(/^Pinxit\//)
    expect(requests[0]?.headers).not.toHaveProperty('x-forwarded-for')
  })

  it.each([
    ['avatar', 400],
    ['emoji', 128],
  ] as const)('is no larger as an %s than it needs to be', async (variant, side) => {
    const { url } = await peer(sends(jpeg))
    const shown = await sharp(await bytesOf(await show(`${url}/me.jpg`, variant))).metadata()
    expect(Math.max(shown.width, shown.height)).toBe(side)
  })

  it('is fetched once, however many ask at once', async () => {
    const { url, requests } = await peer((request, response) => {
      setTimeout(() => sends(jpeg)(request, response), 100)
    })
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => show(`${url}/rush.jpg`, index % 2 ? 'small' : 'original')),
    )
    expect(answers.map((answer) => answer.status)).toEqual(Array(40).fill(200))
    expect(requests).toHaveLength(1)
  })

  it('is fetched once by two processes over one database', async () => {
    const { url, requests } = await peer((request, response) => {
      setTimeout(() => sends(jpeg)(request, response), 200)
    })
    const settings = { ...server.app, mediaUrl: undefined, isBlocked: async () => false }
    const two = [createRemoteFiles(settings), createRemoteFiles(settings)]
    const files = await Promise.all(two.map((one) => one.copy(`${url}/shared.jpg`, 'small')))
    expect(files.map((file) => file?.state)).toEqual(['stored', 'stored'])
    expect(requests).toHaveLength(1)
  })

  it('is fetched again when its file is lost, or made room for others', async () => {
    const { url, requests } = await peer(sends(jpeg))
    const address = `${url}/lost.jpg`
    expect((await show(address, 'small')).status).toBe(200)
    const { app } = server
    const row = await app.db
      .selectFrom('remote_files')
      .select('file_key')
      .where('url', '=', address)
      .where('variant', '=', 'small')
      .executeTakeFirstOrThrow()
    await app.storage.delete(row.file_key ?? '')
    expect((await show(address, 'small')).status).toBe(200)
    await trimRemoteFiles(app, { maxBytes: 0, deletesFiles: true })
    expect((await show(address, 'original')).status).toBe(200)
    expect(requests).toHaveLength(3)
  })

  it('is answered with "not yet" when its server is slow, and is there when it came', async () => {
    let finish: () => void = () => undefined
    const { url } = await peer((request, response) => {
      finish = () => sends(jpeg)(request, response)
    })
    const answer = await show(`${url}/slow.jpg`, 'small')
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('cache-control')]).toEqual([
      503,
      '5',
      'no-store',
    ])
    finish()
    await expect.poll(async () => (await show(`${url}/slow.jpg`, 'small')).status).toBe(200)
  })
})

describe('an address', () => {
  it('that is not of our making is not fetched', async () => {
    const { url, requests } = await peer(sends(jpeg))
    const made = server.app.remoteFiles.urlOf(`${url}/a.jpg`, 'small')
    const encoded = Buffer.from(`${url}/b.jpg`).toString('base64url')
    for (const wrong of [
      made.replace('/small/', '/original/'),
      made.replace(/[^/]+$/, encoded),
      made.replace(/(?<=small\/)[^/]+/, 'A'.repeat(22)),
      `${server.url}/proxy/small//${encoded}`,
      `${server.url}/proxy/other/${'A'.repeat(22)}/${encoded}`,
      `${server.url}/proxy?url=${url}/b.jpg`,
    ]) {
      expect((await server.fetch(wrong)).status).toBe(404)
    }
    expect(requests).toEqual([])
    expect((await server.fetch(made)).status).toBe(200)
  })

  it('of our own is not passed through the proxy', () => {
    const own = `${server.url}/media/ab/cd/${'1'.repeat(32)}.webp`
    expect(server.app.remoteFiles.urlOf(own, 'emoji')).toBe(own)
  })

  it('of a blocked server is refused, also when another one leads there', async () => {
    const { url, requests } = await peer(sends(jpeg))
    const host = new URL(url).host
    const { url: elsewhere } = await peer((_, response) =>
      response.writeHead(302, { location: `${url}/x` }).end(),
    )
    expect((await show(`${url}/before.jpg`, 'small')).status).toBe(200)
    await server.app.db
      .transaction()
      .execute((trx) => insertDomainBlocks(trx, [{ domain: host, reason: '' }]))
    expect((await show(`${url}/before.jpg`, 'small')).status).toBe(404)
    expect((await show(`${url}/after.jpg`, 'small')).status).toBe(404)
    expect((await show(`${url}/film.mp4`, 'stream')).status).toBe(404)
    expect(requests).toHaveLength(1)
    expect((await show(`${elsewhere}/x`, 'small')).status).toBe(404)
  })
})

describe('private addresses', () => {
  it('are refused, and so are redirects to them', async () => {
    const bare = await createBareApp()
    // The first hop is a public server as far as these rules go; then the rules are the usual ones.
    const rules = { allowPrivateAddresses: true, userAgent: 'Pinxit test' }
    const hidden = await peer(sends(jpeg))
    const open = await peer((request, response) => {
      rules.allowPrivateAddresses = false
      const location = request.url === '/fine' ? undefined : decodeURIComponent(request.url?.slice(1) ?? '')
      if (location) response.writeHead(302, { location }).end()
      else sends(jpeg)(request, response)
    })
    const safeFetch = createSafeFetch(rules)
    const app = { ...bare.app, safeFetch }
    const remoteFiles = createRemoteFiles({ ...app, mediaUrl: undefined, isBlocked: async () => false })
    const routes = proxyRoutes({ ...app, remoteFiles })
    const ask = (address: string, variant: RemoteVariant) => {
      rules.allowPrivateAddresses = address.startsWith(open.url)
      return routes.request(new URL(remoteFiles.urlOf(address, variant)).pathname.slice('/proxy'.length))
    }
    const spellings = [
      `${hidden.url}/`,
      `http://localhost:${hidden.port}/`,
      `http://2130706433:${hidden.port}/`,
      `http://[::ffff:127.0.0.1]:${hidden.port}/`,
      'http://169.254.169.254/latest/meta-data/',
      'http://10.0.0.1/',
      'https://db.internal/',
      'file:///etc/passwd',
    ]
    for (const variant of ['small', 'avatar', 'emoji', 'stream'] as const) {
      for (const address of spellings) {
        expect((await ask(`${address}${variant}`, variant)).status).toBe(404)
        expect((await ask(`${open.url}/${encodeURIComponent(`${address}${variant}`)}`, variant)).status).toBe(
          404,
        )
      }
    }
    expect(hidden.requests).toEqual([])
    expect((await ask(`${open.url}/fine`, 'small')).status).toBe(200)
    await remoteFiles.close()
    await safeFetch.close()
    await bare.close()
  })
})

describe('what is not what it claims', () => {
  const html = '<!doctype html><script>alert(1)</script>'
  it.each([
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'image/svg+xml'],
    ['an SVG called a PNG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/png'],
    ['HTML called a JPEG', html, 'image/jpeg'],
    ['ActivityPub called a picture', '{"type":"Note"}', 'image/webp'],
    ['nothing', '', 'image/png'],
    ['a GIF that is a page', `GIF89a/*${html}*/`, 'image/gif'],
    ['a bomb', pngOfClaimedSize(50_000, 50_000), 'image/png'],
    ['half a picture', () => jpeg.subarray(0, jpeg.length / 2), 'image/jpeg'],
  ])('%s is refused, remembered, and asked for again after a week', async (_name, content, type) => {
    const { url, requests } = await peer((request, response) =>
      sends(typeof content === 'function' ? content() : content, type)(request, response),
    )
    for (let time = 0; time < 3; time++) expect((await show(`${url}/lie`, 'original')).status).toBe(404)
    expect(requests).toHaveLength(1)
    server.clock.advance(8 * 24 * 3_600_000)
    expect((await show(`${url}/lie`, 'original')).status).toBe(404)
    expect(requests).toHaveLength(2)
  })

  it('ten thousand frames cost what one does', async () => {
    const { url } = await peer(sends(gifOfFrames(10_000), 'image/gif'))
    const answer = await show(`${url}/many.gif`, 'emoji')
    expect([answer.status, (await sharp(await bytesOf(answer)).metadata()).pages]).toEqual([200, undefined])
  })

  it('a polyglot loses what was hidden in it', async () => {
    const polyglot = Buffer.concat([jpeg, Buffer.from(html)])
    const { url } = await peer(sends(polyglot))
    const shown = await bytesOf(await show(`${url}/both.jpg`, 'original'))
    expect(shown.includes('<script>')).toBe(false)
  })
})

it('a store without room is a reason to ask again, and no fault of the picture', async () => {
  const bare = await createBareApp()
  const { url } = await peer(sends(jpeg))
  let isFull = true
  const put: typeof bare.app.storage.put = (key, bytes) =>
    isFull ? Promise.reject(new Error('ENOSPC')) : bare.app.storage.put(key, bytes)
  const app = { ...bare.app, storage: { ...bare.app.storage, put } }
  const remoteFiles = createRemoteFiles({ ...app, mediaUrl: undefined, isBlocked: async () => false })
  const routes = proxyRoutes({ ...app, remoteFiles })
  const path = new URL(remoteFiles.urlOf(`${url}/a.jpg`, 'small')).pathname.slice('/proxy'.length)
  expect((await routes.request(path)).status).toBe(503)
  isFull = false
  expect((await routes.request(path)).status).toBe(200)
  await remoteFiles.close()
  await bare.close()
})

const bomb = gzipSync(Buffer.alloc(200_000_000))

describe('a server in trouble', () => {
  it.each([
    ['a failure', (_request, response) => response.writeHead(500).end()],
    ['a rate limit', (_request, response) => response.writeHead(429).end()],
    ['a reset', (request) => request.socket.destroy()],
  ] satisfies [string, RequestListener][])('by %s is asked again after an hour', async (_name, fails) => {
    let isWell = false
    const { url, requests } = await peer((request, response) =>
      (isWell ? sends(jpeg) : fails)(request, response),
    )
    expect((await show(`${url}/later.jpg`, 'small')).status).toBe(404)
    isWell = true
    expect((await show(`${url}/later.jpg`, 'small')).status).toBe(404)
    expect(requests).toHaveLength(1)
    server.clock.advance(61 * 60_000)
    expect((await show(`${url}/later.jpg`, 'small')).status).toBe(200)
  })

  it.each([
    ['a loop', (_request, response) => response.writeHead(302, { location: '/loop' }).end()],
    [
      'a chain of twenty',
      (request, response) =>
        response.writeHead(302, { location: `/${Number(request.url?.slice(1) || 0) + 1}` }).end(),
    ],
    [
      'gigabytes',
      (_request, response) => response.writeHead(200, { 'content-length': '4000000000' }).write('x'),
    ],
    [
      'an endless body',
      (_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(1_000_000)));
        }
        response.writeHead(200, { 'content-type': 'image/png' }).on('drain', more)
        more()
      },
    ],
    [
      'a compression bomb',
      (_request, response) =>
        response.writeHead(200, { 'content-type': 'image/png', 'content-encoding': 'gzip' }).end(bomb),
    ],
    ['401', (_request, response) => response.writeHead(401).end()],
    ['410', (_request, response) => response.writeHead(410).end()],
  ] satisfies [string, RequestListener][])('by %s is refused', async (_name, answer) => {
    const { url, requests } = await peer(answer)
    expect((await show(`${url}/0`, 'small')).status).toBe(404)
    expect(requests.length).toBeLessThanOrEqual(6)
  })
})
