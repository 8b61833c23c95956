type RetryOptions = {
  /** Exactly then, in place of the backoff's own time. */
  runAt?: Date | undefined
  /** Not sooner than so many milliseconds from now. */
  retryAfterMs?: number | undefined
  /** False when nothing was tried, so that it does not count towards the last attempt. */
  isAttempt?: boolean
  /** What the next attempt gets in place of this payload. */
  payload?: unknown
  cause?: unknown
}

/** Thrown by a handler that knows when to try again. Any other error is retried by the job's backoff. */
export class RetryLater extends Error {
  readonly runAt: Date | undefined
  readonly retryAfterMs: number | undefined
  readonly isAttempt: boolean
  readonly payload: unknown

  constructor(message: string, options: RetryOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'RetryLater'
    this.runAt = options.runAt
    this.retryAfterMs = options.retryAfterMs
    this.isAttempt = options.isAttempt ?? true
    this.payload = options.payload
  }
}

/** Thrown by a handler when trying again cannot help: the job is buried at once. */
export class PermanentFailure extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'PermanentFailure'
  }
}

/** Another worker has the job now; whatever this one has not committed must not be. */
export class LeaseLost extends Error {
  constructor() {
    super('The lease on this job was lost')
    this.name = 'LeaseLost'
  }
}

/** What is kept of an error beside the job, for the operator. */
export function describeFailure(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  // Postgres stores no NUL.
  return text.replaceAll('\0', '\uFFFD').slice(0, 2_000)
}
