import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { isAppError } from '#src/base/errors.ts'
import { forgetRemoteFile, type RemoteFile, touchRemoteFile } from '#src/db/remote-files.ts'
import { createRemoteStreams } from './remote-stream.ts'
import { mediaResponse } from './serve.ts'

/** Writing at each showing would cost more than knowing the hour is worth. */
const touchEveryMs = 3_600_000

/**
 * Other servers' media under our own address, so that readers tell those servers nothing and what is shown has been
 * looked at. Pictures come from our copies; who asks for one that is not here waits for it a few seconds.
 */
export function proxyRoutes(app: App) {
  const streams = createRemoteStreams({
    safeFetch: app.safeFetch,
    isBlocked: (address) => app.remoteFiles.isBlocked(address),
  })
  return new Hono().get('/:variant/:mac/:encoded', async (c) => {
    const shown = app.remoteFiles.read(c.req.param())
    if (!shown || (await app.remoteFiles.isBlocked(shown.address))) return refusal(404)
    const { address, variant } = shown
    if (variant === 'stream') return streams.respond(address, c.req.raw)
    try {
      const shownNow = await showCopy(app, await app.remoteFiles.copySoon(address, variant), c.req.raw)
      if (shownNow !== 'lost') return shownNow
      const again = await showCopy(app, await app.remoteFiles.copySoon(address, variant), c.req.raw)
      return again === 'lost' ? refusal(503) : again
    } catch (error) {
      if (!isAppError(error) || error.kind !== 'unavailable') throw error
      return refusal(503, error.retryAfterSeconds)
    }
  })
}

/** `lost`: its row was there and its file was not, as after a backup without files; then neither is now. */
async function showCopy(
  app: App,
  file: RemoteFile | undefined,
  request: Request,
): Promise<Response | 'lost'> {
  if (!file || file.state === 'new') return refusal(503)
  if (file.state !== 'stored' || file.file_key === null) return refusal(404)
  const now = app.clock.now()
  if (now.getTime() - file.last_used_at.getTime() > touchEveryMs) await touchRemoteFile(app.db, file.id, now)
  const response = await mediaResponse(app.storage, file.file_key, request)
  if (response.status !== 404) return response
  await forgetRemoteFile(app.db, file.file_key)
  return 'lost'
}

// Browsers show a picture's description where there is none, and apps look again.
function refusal(status: 404 | 503, retryAfterSeconds = 5): Response {
  const headers = new Headers({
    'cache-control': 'no-store',
    'content-type': 'text/plain',
    'x-content-type-options': 'nosniff',
  })
  if (status === 503) headers.set('retry-after', String(retryAfterSeconds))
  return new Response(status === 503 ? 'Not here yet' : 'Not found', { status, headers })
}
