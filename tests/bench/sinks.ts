import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Authority } from './certificates.ts'

/** How a server is reached: over TLS or not, with connections that stay open or with a new one each time. */
export type Road = { isSecure: boolean; isKept: boolean }

export const roads: Record<string, Road> = {
  'kept alive': { isSecure: false, isKept: true },
  'TLS, kept alive': { isSecure: true, isKept: true },
  'new connections': { isSecure: false, isKept: false },
  'TLS, new connections': { isSecure: true, isKept: false },
}

export type Sink = { url: string; host: string; received(): number; close(): Promise<void> }

/** Inboxes that take everything, on an address and port of their own. */
export async function startSink(road: Road, authority: Authority, index = 0): Promise<Sink> {
  let received = 0
  const take: RequestListener = (request, response) => {
    request.resume().on('end', () => {
      received += 1
      response.writeHead(202, road.isKept ? {} : { connection: 'close' }).end()
    })
  }
  // Of its own, because TLS sessions are remembered by address, whatever the port.
  const ip = `127.0.${1 + Math.floor(index / 200)}.${1 + (index % 200)}`
  const server = road.isSecure ? createSecureServer(await authority.issueFor(ip), take) : createServer(take)
  server.listen(0, ip)
  await once(server, 'listening')
  const address = server.address()
  const host = `${ip}:${typeof address === 'object' && address ? address.port : 0}`
  return {
    url: `${road.isSecure ? 'https' : 'http'}://${host}`,
    host,
    received: () => received,
    close: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

export async function startSinks(road: Road, authority: Authority, count: number): Promise<Sink[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => startSink(road, authority, index)))
}
