import type { IncomingMessage } from 'node:http'

/**
 * The body of a request, counted while it is read: Content-Length may lie. Undefined for what is too large, or was cut
 * off. Read from Node's own request where there is one: to make a body of the web's from it costs ten times as much.
 */
export function readBody(
  request: Request,
  { incoming, maxBytes }: { incoming: IncomingMessage | undefined; maxBytes: number },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(request.headers.get('content-length')) > maxBytes) return Promise.resolve(undefined)
  return incoming ? readIncoming(incoming, maxBytes) : readWeb(request, maxBytes)
}

function readIncoming(
  incoming: IncomingMessage,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const end = (isWhole: boolean) => {
      incoming.off('data', take).off('end', whole).off('error', cut).off('close', cut)
      resolve(isWhole ? Buffer.concat(chunks) : undefined)
    }
    const take = (chunk: Buffer) => {
      size += chunk.byteLength
      chunks.push(chunk)
      if (size <= maxBytes) return
      incoming.pause()
      end(false)
    }
    const whole = () => end(true)
    const cut = () => end(false)
    if (incoming.destroyed) return cut()
    incoming.on('data', take).once('end', whole).once('error', cut).once('close', cut)
  })
}

async function readWeb(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
