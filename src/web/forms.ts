import type { MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import type { App } from '#src/app.ts'
import { isCsrfToken, isFromOurPages, sessionCookie } from '#src/auth/sessions.ts'
import { AppError } from '#src/base/errors.ts'
import { removeUnstorable } from '#src/base/html.ts'
import { UPLOAD_MAX_BYTES } from '#src/media/picture.ts'
import type { PageContext, WebEnv } from './session.ts'

const usualBytes = 256 * 1024
const withFilesBytes = UPLOAD_MAX_BYTES + usualBytes
const pathsWithFiles = ['/compose', '/settings/profile', '/admin/emojis']
// A browser hears of a refusal only once all is sent; what is far too large is not worth waiting for.
const patienceBytes = 4 * UPLOAD_MAX_BYTES

/**
 * Reads what a form sends, and refuses what does not come from a page of ours: by the browser's own word for
 * everyone, and by the session's token for those who are signed in.
 */
export function readForms(app: App): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    if (['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)) return next()
    if (!isFromOurPages(app, c.req.raw.headers)) throw foreign()
    c.set('form', await readForm(c))
    const token = getCookie(c, sessionCookie(app).name)
    if (c.var.visit.viewer && token && !isCsrfToken(app, token, c.var.form.get('csrf'))) throw foreign()
    return next()
  }
}

async function readForm(c: PageContext): Promise<FormData> {
  const type = c.req.header('content-type') ?? ''
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type)) {
    throw new AppError('malformed', 'A form is expected')
  }
  const mayBringFiles = c.var.visit.viewer !== null && pathsWithFiles.includes(c.req.path)
  const bytes = await readBytes(c.req.raw, mayBringFiles ? withFilesBytes : usualBytes)
  try {
    return await new Response(bytes, { headers: { 'content-type': type } }).formData()
  } catch (error) {
    throw new AppError('malformed', 'The form cannot be read', { cause: error })
  }
}

async function readBytes(request: Request, mostBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  if (Number(request.headers.get('content-length') ?? 0) > patienceBytes) throw tooLarge()
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > patienceBytes) throw tooLarge()
    if (length <= mostBytes) chunks.push(chunk)
  }
  if (length > mostBytes) throw tooLarge()
  return new Uint8Array(Buffer.concat(chunks))
}

function tooLarge(): AppError {
  return new AppError('tooLarge', 'The request is too large')
}

function foreign(): AppError {
  return new AppError('forbidden', 'This request does not come from a page of this server', { code: 'csrf' })
}

/** A text field with plain line ends, without what no database holds; empty when it is missing or a file. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? removeUnstorable(value.replace(/\r\n?/g, '\n')) : ''
}

/** A text out of the query or the path, without what no database holds. */
export function askedFor(text: string | undefined): string {
  return removeUnstorable(text ?? '').trim()
}

/** A file someone chose; browsers send an empty one when none was. */
export function fileOf(form: FormData, name: string): File | undefined {
  const value = form.get(name)
  return typeof value === 'object' && value !== null && value.size > 0 ? value : undefined
}

/** One of the values a form offers, or the first of them when it sends another. */
export function choiceOf<T extends string>(form: FormData, name: string, choices: readonly [T, ...T[]]): T {
  const value = form.get(name)
  return choices.find((choice) => choice === value) ?? choices[0]
}

/**
 * Where to go after an action: only ever a path of this server, whatever the form says, in every spelling that
 * browsers understand.
 */
export function localPath(wanted: unknown, fallback: string): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/')) return fallback
  const base = 'http://here.invalid'
  if (!URL.canParse(wanted, base)) return fallback
  const url = new URL(wanted, base)
  if (url.origin !== base) return fallback
  // `/.//there.example` has become `//there.example`, which a browser would take for another server.
  return `/${url.pathname.replace(/^[/\\]+/, '')}${url.search}${url.hash}`
}

/** After a form, back to the page it stood on. */
export function goBack(c: PageContext, fallback = '/'): Response {
  return c.redirect(localPath(c.var.form.get('back'), fallback), 303)
}

/** Whether a script of ours asks, which takes a piece of a page instead of a redirect. */
export function wantsPiece(c: PageContext): boolean {
  return c.req.header('x-piece') === '1'
}
