import type { Server as HttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

// Hosts that fail below what an answer could say.

export type FaultyHost = { url: string; connections(): number; close(): Promise<void> }

/** Takes a connection and does with it as it likes. */
export async function startRawHost(onConnection: (socket: Socket) => void): Promise<FaultyHost> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  return listen(server, 'http')
}

/** Speaks TLS with a certificate that nobody vouches for. */
export function startUntrustedHost(): Promise<FaultyHost> {
  const server = createHttpsServer(
    { key: untrusted.key, cert: untrusted.certificate },
    (_request, response) => response.writeHead(202).end(),
  )
  return listen(server, 'https')
}

async function listen(server: Server | HttpServer, scheme: string): Promise<FaultyHost> {
  const sockets = new Set<Socket>()
  let count = 0
  server.on('connection', (socket: Socket) => {
    count += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (!isAddress(address)) throw new Error('A host has a port')
  return {
    url: `${scheme}://127.0.0.1:${address.port}`,
    connections: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

/** Made for this file, for 127.0.0.1, valid for a hundred years. */
const untrusted = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg10/qC6xYri3TNfFA
QD4iSyaVLvZqa87GwbDqONWzBN6hRANCAARxSOkkPQ9JR8Y6l1LhJEpjNQILyElh
BX+EOt/powxvSsWvrtJurBeu/jYNcuvnZ1GkzQfDN+h1Ld+GIns2V+4S
-----END PRIVATE KEY-----`,
  certificate: `-----BEGIN CERTIFICATE-----
MIIBjzCCATagAwIBAgIUMRDaWEH+4kh9xbvdExbjGNX+fHEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMjAzMzM0MFoYDzIxMjYxMDI5
MDMzMzQwWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARxSOkkPQ9JR8Y6l1LhJEpjNQILyElhBX+EOt/powxvSsWvrtJurBeu
/jYNcuvnZ1GkzQfDN+h1Ld+GIns2V+4So2QwYjAdBgNVHQ4EFgQUZOBCd+mI/v9D
Sg/dq5W9t765aYAwHwYDVR0jBBgwFoAUZOBCd+mI/v9DSg/dq5W9t765aYAwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0cAMEQC
ICEhYFmY3yCOPsa9ARZIxx3XHjTvGi0gYuxtYaCdik54AiBktxJSj6XBP5D13ieT
0QCQgLnaEED8BwO1ABUmnwz87A==
-----END CERTIFICATE-----`,
}
