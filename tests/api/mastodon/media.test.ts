import { afterAll, beforeAll, expect, it } from 'vitest'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson
let png: Buffer

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  png = await softPicture(800, 600).png().toBuffer()
})
afterAll(() => server.close())

it('takes a picture with its alt text and focus, ready at once', async () => {
  const media = await client.upload(alice, png, { description: ' Hills ', focus: '0.5,-2' })
  expect(media).toMatchObject({
    type: 'image',
    description: 'Hills',
    remote_url: null,
    blurhash: expect.any(String),
    meta: {
      original: { width: 800, height: 600, size: '800x600' },
      small: { width: 640, height: 480 },
      focus: { x: 0.5, y: -1 },
    },
    pinxit: null,
  })
  for (const address of [media.url, media.preview_url]) {
    expect((await fetch(String(address))).headers.get('content-type')).toMatch(/^image\//)
  }
  expect(await client.get(`/api/v1/media/${media.id}`, alice)).toEqual(media)
})

it('takes it at the first version of the path too', async () => {
  const body = new FormData()
  body.set('file', new Blob([new Uint8Array(png)]), 'a')
  const response = await server.fetch('/api/v1/media', { as: alice, method: 'POST', body })
  expect(await response.json()).toMatchObject({ type: 'image', description: null })
})

it('lets its owner change what is said of it, and nobody else', async () => {
  const { id } = await client.upload(alice, png)
  const path = `/api/v1/media/${id}`
  const json = { description: 'A meadow', focus: '0,0.25' }
  expect(await client.status(path, { as: bob, json, method: 'PUT' })).toBe(404)
  expect(await client.status(path, { as: bob })).toBe(404)
  const changed = await (await client.call(path, { as: alice, json, method: 'PUT' })).json()
  expect(changed).toMatchObject({ description: 'A meadow', meta: { focus: { x: 0, y: 0.25 } } })
  const emptied = await (
    await client.call(path, { as: alice, json: { description: '' }, method: 'PUT' })
  ).json()
  expect(emptied).toMatchObject({ description: null, meta: { focus: { x: 0, y: 0.25 } } })
  expect((await client.call(path, { as: alice, json: {}, method: 'PUT' })).status).toBe(200)
})

it('refuses what is no picture, too long a text, and nothing at all', async () => {
  const send = async (file: Uint8Array | undefined, description = '') => {
    const body = new FormData()
    if (file !== undefined) body.set('file', new Blob([new Uint8Array(file)]), 'x.png')
    body.set('description', description)
    const response = await server.fetch('/api/v2/media', { as: alice, method: 'POST', body })
    return `${response.status} ${await response.text()}`
  }
  const refused = [
    await send(undefined),
    await send(new Uint8Array()),
    await send(Buffer.from('<html><script>alert(1)</script>')),
    await send(png.subarray(0, 200)),
    await send(png, 'x'.repeat(1501)),
  ]
  for (const answer of refused) expect(answer).toMatch(/^422 {"error":"Validation failed: /)
  expect(await send(png, 'x'.repeat(1500))).toMatch(/^200/)
})

it('refuses more than it said it takes', async () => {
  const body = new FormData()
  body.set('file', new Blob([new Uint8Array(18 * 1024 * 1024)]), 'large.png')
  const response = await server.fetch('/api/v2/media', { as: alice, method: 'POST', body })
  expect(response.status).toBe(413)
})
