import { afterAll, beforeAll, expect, test } from 'vitest'
import { withDispatcher } from '#federation/delivery/scoped-dispatcher.ts'
import { createSafeFetch, type SafeFetch } from '#src/base/fetch.ts'
import { FetchRefused } from '#src/base/fetch-errors.ts'
import { type Peer, startPeer } from '#tests/support/peer.ts'

let peer: Peer
let open: SafeFetch
let guarded: SafeFetch
beforeAll(async () => {
  peer = await startPeer((_request, response) => void response.end('here'))
  open = createSafeFetch({ allowPrivateAddresses: true, userAgent: 'Test' })
  guarded = createSafeFetch({
    allowPrivateAddresses: false,
    userAgent: 'Test',
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  })
})
afterAll(() => Promise.all([peer.close(), open.close(), guarded.close()]))

const read = async (url: string) => (await fetch(new Request(url, { method: 'POST', body: '{}' }))).text()

test('what is posted within goes through the guard, by a name too', async () => {
  for (const host of ['127.0.0.1', 'inbox.pinxit-peer.org']) {
    const refused = await withDispatcher(guarded.dispatcher, () =>
      read(`http://${host}:${peer.port}/`),
    ).catch((error: unknown) => error)
    expect(refused).toMatchObject({ cause: expect.any(FetchRefused) })
  }
  expect(peer.requests).toHaveLength(0)
})

test('two servers in one process have each their own, and the rest of the process none', async () => {
  const url = `${peer.url}/`
  const answers = await Promise.allSettled([
    withDispatcher(open.dispatcher, () => read(url)),
    withDispatcher(guarded.dispatcher, () => read(url)),
    read(url),
  ])
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})
