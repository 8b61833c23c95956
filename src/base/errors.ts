/** What went wrong, in the domain's words; each face translates a kind into its own protocol. */
export type ErrorKind =
  | 'invalid' // the input cannot be used: 422
  | 'malformed' // the request itself cannot be read: 400
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'notFound' // 404
  | 'gone' // 410
  | 'conflict' // 409
  | 'tooLarge' // 413
  | 'tooMany' // 429
  | 'unavailable' // 503: something we depend on does not answer

type AppErrorOptions = {
  /** Private: for the log, never for the person. */
  cause?: unknown
  /** Machine-readable detail, such as `invalid_grant` or a field's name. */
  code?: string
  /** When the caller may try again, in seconds. */
  retryAfterSeconds?: number
  /** What is wrong with each field of a form. */
  details?: FieldFaults
}

/** By field; `error` is machine-readable, such as `ERR_TAKEN`. */
export type FieldFaults = Record<string, { error: string; description: string }[]>

/** An error with a public message and a private cause. Knows nothing of HTTP. */
export class AppError extends Error {
  readonly kind: ErrorKind
  readonly code: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly details: FieldFaults | undefined

  constructor(kind: ErrorKind, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.kind = kind
    this.code = options.code
    this.retryAfterSeconds = options.retryAfterSeconds
    this.details = options.details
  }
}

export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError
}

// Mastodon's words: apps compare them.
export const notFound = (): AppError => new AppError('notFound', 'Record not found')
export const notAllowed = (): AppError => new AppError('forbidden', 'This action is not allowed')

/** The HTTP status that all faces speaking HTTP answer an error kind with. */
export const httpStatusOf = {
  invalid: 422,
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  gone: 410,
  conflict: 409,
  tooLarge: 413,
  tooMany: 429,
  unavailable: 503,
} as const satisfies Record<ErrorKind, number>
