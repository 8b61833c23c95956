import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { ZodError } from 'zod'
import { AppError, type ErrorKind, httpStatusOf, isAppError, notFound } from '#src/base/errors.ts'
import { createLog } from '#src/base/log.ts'

const log = createLog('api')

type Failure = { status: ContentfulStatusCode; message: string; code: string | undefined }

/** The Mastodon API's words: `{ "error": "Record not found" }`. What we did not foresee is logged and not shown. */
export const errorHandler: ErrorHandler = (error, c) => {
  const { status, message } = toFailure(error, c)
  const details = isAppError(error) ? error.details : undefined
  return c.json({ error: message, ...(details && { details }) }, status)
}

/** RFC 9457, for our own endpoints. `code` is machine-readable where there is one. */
export const problemHandler: ErrorHandler = (error, c) => {
  const { status, message, code } = toFailure(error, c)
  const problem = { type: 'about:blank', title: titles[status] ?? 'Error', status, detail: message, code }
  return c.body(JSON.stringify(problem), status, { 'content-type': 'application/problem+json' })
}

/** A path that does not exist fails like a record that does not. */
export const notFoundHandler: NotFoundHandler = () => {
  throw notFound()
}

/** What RFC 6749 §5.2 answers; `invalid_client` alone is a 401. */
export const oauthErrorHandler: ErrorHandler = (error, c) => {
  const { status, message, code } = toFailure(error, c)
  c.header('cache-control', 'no-store')
  if (code === 'invalid_client') c.header('www-authenticate', 'Basic realm="Pinxit"')
  const isOurs = status >= 500 || status === 429 || status === 413
  const oauthStatus = isOurs || status === 401 || status === 403 ? status : 400
  const fallback = isOurs ? 'temporarily_unavailable' : 'invalid_request'
  return c.json({ error: code ?? fallback, error_description: message }, oauthStatus)
}

const titles: Partial<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

function toFailure(error: Error, c: Context): Failure {
  const known = isAppError(error) ? error : translate(error)
  if (known) {
    if (known.retryAfterSeconds !== undefined) c.header('retry-after', String(known.retryAfterSeconds))
    if (known.kind === 'unavailable') log.warn('{path} is unavailable: {error}', { path: c.req.path, error })
    return { status: httpStatusOf[known.kind], message: known.message, code: known.code }
  }
  if (error instanceof HTTPException) return { status: error.status, message: error.message, code: undefined }
  log.error('{method} {path} failed: {error}', { method: c.req.method, path: c.req.path, error })
  return { status: 500, message: 'Something went wrong on our end.', code: undefined }
}

// An id that Postgres cannot hold stands for nothing; a statement cut short may succeed later.
const kindOfPostgresCode: Partial<Record<string, ErrorKind>> = {
  '22P02': 'notFound',
  '22003': 'notFound',
  '22021': 'invalid',
  '57014': 'unavailable',
  '57P01': 'unavailable',
  '53300': 'unavailable',
  ECONNREFUSED: 'unavailable',
}

function translate(error: Error): AppError | undefined {
  if (error instanceof ZodError) {
    const details = error.issues.map(describeIssue)
    return new AppError('invalid', `Validation failed: ${details.join(', ')}`, { cause: error })
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const kind = kindOfPostgresCode[code]
  if (kind === 'notFound') return notFound()
  if (kind === 'invalid')
    return new AppError('invalid', 'Validation failed: Text is invalid', { cause: error })
  if (kind) return new AppError(kind, 'The service is briefly unavailable.', { cause: error })
  return undefined
}

function describeIssue(issue: ZodError['issues'][number]): string {
  const path = issue.path.map(String).join('.').slice(0, 100)
  return path ? `${path}: ${issue.message}` : issue.message
}
