import { parseNodeInfo } from '@fedify/fedify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findInstanceActor } from '#src/db/instance-actor.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ REGISTRATIONS: 'open' })
  await post(server, await server.person('alice'))
})
afterAll(() => server.close())

const get = async (path: string) => {
  const response = await fetch(`${server.url}${path}`)
  return { type: response.headers.get('content-type'), json: JSON.parse(await response.text()) }
}

test('the discovery document names both versions and the server’s own actor', async () => {
  const { json } = await get('/.well-known/nodeinfo')
  const actor = await findInstanceActor(server.app.db)
  expect(json).toEqual({
    links: [
      ...['2.0', '2.1'].map((version) => ({
        rel: `http://nodeinfo.diaspora.software/ns/schema/${version}`,
        href: `${server.url}/nodeinfo/${version}`,
      })),
      { rel: 'https://www.w3.org/ns/activitystreams#Application', href: actor?.uri },
    ],
  })
  expect(actor?.kind).toBe('Application')
})

test.each(['2.0', '2.1'])('version %s tells the software and what it is used for', async (version) => {
  const { type, json } = await get(`/nodeinfo/${version}`)
  expect(type).toBe(`application/json; profile="http://nodeinfo.diaspora.software/ns/schema/${version}#"`)
  expect(json).toEqual({
    version,
    software: { name: 'pinxit', version: server.app.version },
    protocols: ['activitypub'],
    services: { inbound: [], outbound: [] },
    openRegistrations: true,
    usage: { users: { total: 1, activeMonth: 1, activeHalfyear: 1 }, localPosts: 1 },
    metadata: { nodeName: 'Pinxit', nodeDescription: expect.stringContaining('pictures') },
  })
})

test('an implementation of NodeInfo reads it, and there is no third version', async () => {
  const { json } = await get('/nodeinfo/2.1')
  expect(parseNodeInfo(json)).toMatchObject({ software: { name: 'pinxit' } })
  expect((await fetch(`${server.url}/nodeinfo/3.0`)).status).toBe(404)
})
