import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

export type S3StandIn = {
  endpoint: string
  settings: { bucket: string; region: string; accessKeyId: string; secretAccessKey: string }
  objects: Map<string, { bytes: Buffer; mediaType: string | undefined }>
  /** Statuses answered before anything else, oldest first. */
  faults: number[]
  refusedSignatures: number
  close(): Promise<void>
}

const settings = {
  bucket: 'pinxit',
  region: 'eu-test-1',
  accessKeyId: 'AKIATEST',
  secretAccessKey: 'not/a+secret',
}

/** An object store on loopback that computes Signature Version 4 itself and takes nothing unsigned. */
export async function startS3StandIn(): Promise<S3StandIn> {
  const server = createServer((request, response) => void answer(standIn, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const standIn: S3StandIn = {
    endpoint: `http://127.0.0.1:${port}`,
    settings,
    objects: new Map(),
    faults: [],
    refusedSignatures: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return standIn
}

async function answer(standIn: S3StandIn, request: IncomingMessage, response: ServerResponse) {
  const body = await buffer(request)
  const fault = standIn.faults.shift()
  if (fault) return response.writeHead(fault, { location: 'http://127.0.0.1:9/' }).end()
  if (!isSigned(request, body)) {
    standIn.refusedSignatures += 1
    return response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>')
  }
  const key = (request.url ?? '').slice(`/${settings.bucket}/`.length)
  if (request.method === 'PUT') {
    standIn.objects.set(key, { bytes: body, mediaType: request.headers['content-type'] })
    return response.writeHead(request.headers['content-length'] ? 200 : 411).end()
  }
  if (request.method === 'DELETE') {
    standIn.objects.delete(key)
    return response.writeHead(204).end()
  }
  const found = standIn.objects.get(key)
  if (!found) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
  return sendObject(request, response, found.bytes)
}

function sendObject(request: IncomingMessage, response: ServerResponse, bytes: Buffer) {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  if (!range) return response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
  const [first, last] = [Number(range[1]), Number(range[2])]
  const part = bytes.subarray(first, last + 1)
  const headers = { 'content-range': `bytes ${first}-${last}/${bytes.length}`, 'content-length': part.length }
  return response.writeHead(206, headers).end(part)
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
function isSigned(request: IncomingMessage, body: Buffer): boolean {
  const shape = /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, credential = '', signedHeaders = '', signature] =
    shape.exec(request.headers.authorization ?? '') ?? []
  const time = String(request.headers['x-amz-date'])
  const scope = `${time.slice(0, 8)}/${settings.region}/s3/aws4_request`
  const names = signedHeaders.split(';')
  const needed = ['host', 'x-amz-content-sha256', 'x-amz-date']
  if (credential !== `${settings.accessKeyId}/${scope}` || !needed.every((name) => names.includes(name))) {
    return false
  }
  const claimed = String(request.headers['x-amz-content-sha256'])
  if (request.method === 'PUT' && claimed !== sha256(body)) return false
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const headerLines = names.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`).join('')
  const canonical = [request.method, path, query, headerLines, signedHeaders, claimed].join('\n')
  const parts = [time.slice(0, 8), settings.region, 's3', 'aws4_request']
  const key = parts.reduce<string | Buffer>(hmac, `AWS4${settings.secretAccessKey}`)
  const expected = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex')
  return expected === signature
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
