import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Peer, startPeer } from '#tests/support/peer.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
let slow: Peer
let answerSlow: () => void = () => undefined
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  slow = await startPeer((_request, response) => {
    answerSlow = () => response.writeHead(404).end()
  })
})
afterAll(async () => {
  await slow.close()
})

it('stops after it has answered, and ends the streams that would never end', async () => {
  const generation = await server.fetch('/api/pinxit/v1/generations', {
    as: alice,
    json: { prompt: 'a lamp', aspect: '1024x1024', count: 4 },
  })
  const { id } = await generation.json()
  const stream = await server.fetch(`/api/pinxit/v1/generations/${id}/events`, { as: alice })
  expect(stream.status).toBe(200)

  // Its mention has to be looked up on a server that takes its time.
  const status = `Hello @someone@${new URL(slow.url).host}`
  const posting = server.fetch('/api/v1/statuses', { as: alice, json: { status } })
  await expect.poll(() => slow.requests.length).toBeGreaterThan(0)

  const closing = server.close()
  await stream.text()
  const isRefused = () =>
    fetch(`${server.url}/livez`).then(
      () => false,
      () => true,
    )
  await expect.poll(isRefused).toBe(true)
  answerSlow()
  expect((await posting).status).toBe(200)
  await closing
})
