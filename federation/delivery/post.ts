import type { Dispatcher } from 'undici'

export type Post = {
  to: URL
  headers: Record<string, string>
  body: Buffer
  signal: AbortSignal
  /** For the host to begin its answer. */
  deadlineMs: number
}

export type Answer = { status: number; retryAfter: string | undefined }

/** Words that come with an answer are read to keep the connection, up to so many. */
const maxWords = 64 * 1024

/**
 * Posts and answers with the status as soon as it is there; what follows it is nobody's concern. This is undici's own
 * lowest floor: its `request` makes streams and signals that cost as much as the post.
 * @throws what undici throws, or the reason of the signal
 */
export function post(
  dispatcher: Dispatcher,
  { to, headers, body, signal, deadlineMs }: Post,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let words = 0
    let stop: (() => void) | undefined
    const end = () => stop && signal.removeEventListener('abort', stop)
    const timeouts = { headersTimeout: deadlineMs, bodyTimeout: deadlineMs }
    dispatcher.dispatch(
      { origin: to.origin, path: `${to.pathname}${to.search}`, method: 'POST', headers, body, ...timeouts },
      {
        onRequestStart: (controller) => {
          if (signal.aborted) return controller.abort(signal.reason)
          stop = () => controller.abort(signal.reason)
          signal.addEventListener('abort', stop)
        },
        onResponseStart: (_controller, status, answered) => {
          const retryAfter = answered['retry-after']
          resolve({ status, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined })
        },
        onResponseData: (controller, chunk) => {
          words += chunk.length
          if (words > maxWords) controller.abort(new Error('It talks too much'))
        },
        onResponseEnd: end,
        onResponseError: (_controller, error) => {
          end()
          // After the status this changes nothing.
          reject(error)
        },
      },
    )
  })
}
