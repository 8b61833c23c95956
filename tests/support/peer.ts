import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

export type Peer = {
  url: string
  port: number
  requests: { method: string; path: string; headers: IncomingMessage['headers'] }[]
  close(): Promise<void>
}

/** A foreign web server on loopback that answers as told and remembers what it was asked. */
export async function startPeer(answer: RequestListener): Promise<Peer> {
  const requests: Peer['requests'] = []
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers })
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A peer for the length of the test that asks for it. */
export async function peer(answer: RequestListener): Promise<Peer> {
  const started = await startPeer(answer)
  onTestFinished(() => started.close())
  return started
}
