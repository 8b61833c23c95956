import { Agent } from 'undici'
import { ProviderFault } from './provider-fault.ts'

// One base64 line of a stream can carry a picture of 45 MB; nobody needs more.
const maxAnswerBytes = 64 * 1024 * 1024
const maxErrorBytes = 64 * 1024

/**
 * The `fetch` given to the provider's client: reads at most `maxBytes` of an answer, follows no redirect (the
 * key would travel with it), and is not cut off after five minutes as Node's own is, since callers set deadlines.
 */
export function createCappedFetch(maxBytes = maxAnswerBytes): typeof fetch {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } })
  return async (input, init) => {
    // The DOM's types know no dispatcher, so it goes in by a variable.
    const options = { ...init, redirect: 'manual' as const, dispatcher }
    const response = await fetch(input, options)
    if (!response.ok) return normaliseError(response)
    return new Response(response.body?.pipeThrough(byteLimit(maxBytes)) ?? null, {
      status: response.status,
      headers: response.headers,
    })
  }
}

function byteLimit(maxBytes: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let total = 0
  return new TransformStream({
    transform(chunk, controller) {
      total += chunk.byteLength
      if (total > maxBytes) throw new ProviderFault('unavailable', 'The provider’s answer is too large.')
      controller.enqueue(chunk)
    },
  })
}

/** The client understands `{ error }` only; FastAPI servers answer `{ detail }`, others text or HTML. */
async function normaliseError(response: Response): Promise<Response> {
  const text = await readStart(response, maxErrorBytes)
  const body = parseJson(text)
  const isKnown = typeof body === 'object' && body !== null && 'error' in body && body.error
  const error = isKnown ? body : { error: { message: text.slice(0, 2000) || response.statusText } }
  return new Response(JSON.stringify(error), { status: statusOf(response), headers: response.headers })
}

// A redirect becomes an error that nobody retries: asked again, the provider would redirect again.
function statusOf(response: Response): number {
  return response.status >= 400 ? response.status : 421
}

async function readStart(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    total += chunk.byteLength
    if (total >= maxBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
