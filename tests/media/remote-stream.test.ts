import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sniffedMediaType } from '#src/media/sniff.ts'
import { peer } from '#tests/support/peer.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const film = Buffer.concat([Buffer.from('\0\0\0\x20ftypisom', 'latin1'), Buffer.alloc(200_000, 7)])

/** A server of files as they usually are: it knows ranges. */
const serves =
  (bytes: Buffer, type = 'video/mp4'): RequestListener =>
  (request, response) => {
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const [first, last] = [
      Number(from),
      to === '' ? bytes.length - 1 : Math.min(Number(to), bytes.length - 1),
    ]
    if (first >= bytes.length) {
      return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    }
    const headers = { 'content-type': type, 'content-length': last + 1 - first, 'accept-ranges': 'bytes' }
    if (!request.headers.range) return void response.writeHead(200, headers).end(bytes)
    response
      .writeHead(206, { ...headers, 'content-range': `bytes ${first}-${last}/${bytes.length}` })
      .end(bytes.subarray(first, last + 1))
  }

const play = (address: string, init: RequestInit = {}) =>
  server.fetch(server.app.remoteFiles.urlOf(address, 'stream'), init)

describe('a film of another server', () => {
  it('is passed through whole, as what it is, and can run nothing', async () => {
    const { url } = await peer(serves(film, 'text/html'))
    const answer = await play(`${url}/film.mp4`)
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': String(film.length),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    })
    expect(Buffer.from(await answer.arrayBuffer()).equals(film)).toBe(true)
  })

  it('is passed through in pieces, from where the reader wants it', async () => {
    const { url } = await peer(serves(film))
    const piece = await play(`${url}/film.mp4`, { headers: { range: 'bytes=1000-1999' } })
    expect([piece.status, piece.headers.get('content-range')]).toEqual([
      206,
      `bytes 1000-1999/${film.length}`,
    ])
    expect(Buffer.from(await piece.arrayBuffer()).equals(film.subarray(1000, 2000))).toBe(true)
    const beyond = await play(`${url}/film.mp4`, { headers: { range: 'bytes=9999999-' } })
    expect(beyond.status).toBe(416)
    const many = await play(`${url}/film.mp4`, { headers: { range: `bytes=${'0-1,'.repeat(500)}0-1` } })
    expect([many.status, (await many.arrayBuffer()).byteLength]).toEqual([200, film.length])
  })

  it('is let go of when the reader leaves', async () => {
    let isGone = false
    const { url } = await peer((request, response) => {
      if (request.headers.range) return serves(film)(request, response)
      response.on('close', () => {
        isGone = true
      })
      response.writeHead(200, { 'content-type': 'video/mp4' }).write(film)
    })
    const leaving = new AbortController()
    const answer = await play(`${url}/film.mp4`, { signal: leaving.signal })
    expect(answer.status).toBe(200)
    leaving.abort()
    await expect.poll(() => isGone).toBe(true)
  })

  it('is not kept', async () => {
    const { url } = await peer(serves(film))
    await (await play(`${url}/film.mp4`)).arrayBuffer()
    const rows = await server.app.db
      .selectFrom('remote_files')
      .select('id')
      .where('url', 'like', `${url}%`)
      .execute()
    expect(rows).toEqual([])
  })
})

describe('refused as a film', () => {
  it.each([
    ['a page', serves(Buffer.from('<!doctype html><script>alert(1)</script>'))],
    ['a picture', serves(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))],
    ['nothing', (_request, response) => response.writeHead(200, { 'content-type': 'video/mp4' }).end()],
    [
      'what is too large',
      (request, response) => {
        if (request.headers.range) return serves(film)(request, response)
        response
          .writeHead(200, { 'content-type': 'video/mp4', 'content-length': 200 * 1024 * 1024 })
          .write(film)
      },
    ],
    ['what is not there', (_request, response) => response.writeHead(404).end()],
  ] satisfies [string, RequestListener][])('is %s', async (_name, answer) => {
    const { url } = await peer(answer)
    const refused = await play(`${url}/film.mp4`)
    expect([refused.status, refused.headers.get('content-type')]).not.toContain('video/mp4')
    expect(refused.status).toBe(404)
  })

  it('only for now, what its server cannot send at the moment', async () => {
    const { url } = await peer((_request, response) => response.writeHead(503).end())
    expect((await play(`${url}/film.mp4`)).status).toBe(502)
  })

  it('ends where it grows beyond the cap, whatever was said before', async () => {
    let sent = 0
    const { url } = await peer((request, response) => {
      if (request.headers.range) return serves(film)(request, response)
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1_000_000, 7))) sent += 1_000_000
      }
      response.on('drain', more)
      more()
    })
    const answer = await play(`${url}/endless.mp4`)
    let received = 0
    const read = async () => {
      for await (const chunk of answer.body ?? []) received += chunk.byteLength
    }
    await expect(read()).rejects.toThrow()
    expect(received).toBeLessThanOrEqual(100 * 1024 * 1024)
    expect(sent).toBeLessThan(120_000_000)
  })
})

it.each([
  ['video/mp4', '\0\0\0\x18ftypmp42', 'video/mp4'],
  ['audio/mp4', '\0\0\0\x18ftypM4A ', 'audio/x-m4a'],
  ['audio/mp4', '\0\0\0\x18ftypisom', 'audio/mp4'],
  ['video/webm', '\x1a\x45\xdf\xa3', ''],
  ['audio/ogg', 'OggS', 'audio/ogg'],
  ['audio/flac', 'fLaC', ''],
  ['audio/wav', 'RIFF\0\0\0\0WAVE', ''],
  ['audio/mpeg', 'ID3\x04', ''],
  ['audio/mpeg', '\xff\xfb\x90', ''],
  [undefined, 'RIFF\0\0\0\0WEBP', 'video/mp4'],
  [undefined, '\xff\xd8\xff\xe0', 'audio/mpeg'],
  [undefined, '#EXTM3U', 'video/mp4'],
  [undefined, '', 'video/mp4'],
])('%s is known by its first bytes', (expected, bytes, declared) => {
  expect(sniffedMediaType(Buffer.from(bytes, 'latin1'), declared)).toBe(expected)
})
