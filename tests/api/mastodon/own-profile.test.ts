import { afterAll, beforeAll, expect, it } from 'vitest'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  alice = await server.person('alice')
})
afterAll(() => server.close())

const path = '/api/v1/profile'

it('a profile is told as its owner typed it, and without pictures that nobody chose', async () => {
  await client.post('/api/v1/featured_tags', alice, { name: 'Painting' })
  const changed = await client.call(path, {
    as: alice,
    method: 'PATCH',
    json: {
      display_name: 'Alice',
      note: 'I paint <ships>',
      fields_attributes: [{ name: 'Home', value: 'https://alice.example/' }],
      locked: true,
    },
  })
  expect(changed.status).toBe(200)
  const profile = await changed.json()
  expect(profile).toMatchObject({
    id: alice.accountId,
    display_name: 'Alice',
    note: 'I paint <ships>',
    fields: [{ name: 'Home', value: 'https://alice.example/', verified_at: null }],
    avatar: null,
    header_static: null,
    locked: true,
    bot: false,
    featured_tags: [{ name: 'painting' }],
  })
  expect(await client.get(path, alice)).toEqual(profile)
  const refused = await client.call(path, { as: alice, method: 'PATCH', json: { note: 'x'.repeat(501) } })
  expect(refused.status).toBe(422)
  expect(await client.get(path, alice)).toEqual(profile)
})

it('pictures are put on it and taken away again, and their files go', async () => {
  const body = new FormData()
  for (const name of ['avatar', 'header'])
    body.set(name, new Blob([new Uint8Array(await softPicture(300, 300).png().toBuffer())]), 'me.png')
  const response = await server.fetch(path, { as: alice, method: 'PATCH', body })
  const { avatar, header } = await response.json()
  expect((await fetch(avatar)).status).toBe(200)
  const without = await client.call(`${path}/avatar`, { as: alice, method: 'DELETE' })
  const credentials = await without.json()
  expect(credentials).toMatchObject({ id: alice.accountId, header, source: { note: 'I paint <ships>' } })
  expect(credentials.avatar).toContain('missing.png')
  expect(await client.get(path, alice)).toMatchObject({ avatar: null, avatar_static: null, header })
  await server.settle()
  expect((await fetch(avatar)).status).toBe(404)
  expect((await fetch(header)).status).toBe(200)
  await client.call(`${path}/header`, { as: alice, method: 'DELETE' })
  // Once more is no fault.
  expect(await client.status(`${path}/header`, { as: alice, method: 'DELETE' })).toBe(200)
  expect(await client.get(path, alice)).toMatchObject({ header: null })
})
