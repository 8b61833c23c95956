// The limit of a delivery: a client that posts as much, over the same kind of connection, and does nothing else.
import { Agent } from 'undici'
import { repeat } from './load.ts'

const dispatcher = new Agent({ connections: 8, keepAliveTimeout: 10_000 })
const headers = {
  'content-type': 'application/activity+json',
  // As long as what signs a delivery.
  'x-padding': 'a'.repeat(700),
}

async function post({ url, count, body }: { url: string; count: number; body: string }) {
  await repeat({ count, atMostMs: 30_000, concurrency: 8 }, async () => {
    const answer = await dispatcher.request({ origin: url, path: '/inbox', method: 'POST', headers, body })
    await answer.body.dump()
  })
  process.send?.({ done: count })
}

process.on('message', (order: Parameters<typeof post>[0]) => void post(order))
process.on('disconnect', () => process.exit(0))
process.send?.({ port: 0 })
