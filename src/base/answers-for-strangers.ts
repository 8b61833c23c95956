import type { Context, MiddlewareHandler } from 'hono'
import { etagOf, isKnown } from './etag.ts'
import { createShortMemory } from './short-memory.ts'

type Answer = { bytes: Uint8Array<ArrayBuffer>; etag: string; headers: Record<string, string> }

const maxBytes = 8 * 1024 * 1024
const longestKey = 500
/** Of what is answered; all others are of one request, such as how often somebody may still ask. */
const keptHeaders = ['content-type', 'cache-control', 'vary', 'link']

/**
 * Makes what strangers get once for all of them, with an ETag.
 * @param keyOf all that the answer depends on; undefined for who is no stranger
 */
export function answersForStrangers<Env extends object>(
  ground: Parameters<typeof createShortMemory>[0],
  keyOf: (c: Context<Env>) => string | undefined,
): MiddlewareHandler<Env> {
  const remembered = createShortMemory<Answer | undefined>(ground, {
    most: maxBytes,
    sizeOf: (answer) => answer?.bytes.byteLength ?? 0,
  })
  return async (c, next) => {
    const key = keyOf(c)
    if (key === undefined || key.length > longestKey) return next()
    const answer = await remembered.get(key, async () => {
      await next()
      return c.res.status === 200 ? toAnswer(c.res.clone()) : undefined
    })
    if (!answer) return c.finalized ? undefined : next()
    // Else the headers of the one who asked first would be put on top.
    c.res = undefined
    c.res = respond(c, answer)
  }
}

async function toAnswer(response: Response): Promise<Answer> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const kept = keptHeaders.map((name) => [name, response.headers.get(name)])
  return {
    bytes,
    etag: etagOf(bytes),
    headers: Object.fromEntries(kept.filter(([, value]) => value !== null)),
  }
}

function respond(c: Context, { bytes, etag, headers }: Answer): Response {
  const isOld = isKnown(c.req.header('if-none-match'), etag)
  return isOld ? c.body(null, 304, { ...headers, etag }) : c.body(bytes, 200, { ...headers, etag })
}
