import type { ErrorHandler } from 'hono'
import { httpStatusOf, isAppError, notFound } from '#src/base/errors.ts'
import { createLog } from '#src/base/log.ts'
import { localPath } from '../forms.ts'
import type { Messages } from '../i18n/en.ts'
import { renderPage } from '../layout.tsx'
import type { PageContext, WebEnv } from '../session.ts'

const log = createLog('web')

/** What went wrong, on a page in the reader's language; who must sign in first is led there and back. */
export const showError: ErrorHandler<WebEnv> = (error, c) => {
  if (!isAppError(error)) log.error('{path} failed: {error}', { path: c.req.path, error })
  if (isAppError(error) && error.kind === 'unauthenticated') {
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
    const back = isRead ? c.var.visit.here : localPath(c.var.form?.get('back'), '/')
    return c.redirect(`/sign-in?${new URLSearchParams({ next: back })}`, 303)
  }
  if (isAppError(error) && error.retryAfterSeconds) c.header('retry-after', String(error.retryAfterSeconds))
  const { words } = c.var.visit
  const back = backOf(c, error)
  return renderPage(c, {
    title: words.errors.title,
    status: isAppError(error) ? httpStatusOf[error.kind] : 500,
    isForNow: true,
    children: (
      <div class="empty">
        <h1>{words.errors.title}</h1>
        <p role="alert">{sentence(words, error)}</p>
        <p class="choices">
          {back && (
            <a class="button" href={back}>
              {words.errors.back}
            </a>
          )}
          <a class="button" href="/">
            {words.errors.home}
          </a>
        </p>
      </div>
    ),
  })
}

/** The page whose form was refused, as far as the form says it. */
function backOf(c: PageContext, error: Error): string | undefined {
  if (c.req.method !== 'POST') return undefined
  // It was too large to be read; all that take files are sent to the page they stand on.
  if (isAppError(error) && error.kind === 'tooLarge') return c.req.path
  return c.var.form?.has('back') ? localPath(c.var.form.get('back'), '/') : undefined
}

function sentence({ errors }: Messages, error: Error): string {
  if (!isAppError(error)) return errors.failed
  if (error.code === 'csrf') return errors.csrf
  const sentences: Partial<Record<typeof error.kind, string>> = {
    notFound: errors.notFound,
    gone: errors.gone,
    forbidden: errors.forbidden,
    tooLarge: errors.tooLarge,
    tooMany: errors.tooMany,
    unavailable: errors.unavailable,
  }
  return sentences[error.kind] ?? errors.invalid
}

export function noSuchPage(_c: PageContext): never {
  throw notFound()
}
