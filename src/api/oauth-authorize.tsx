import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { outOfBand } from '#src/auth/applications.ts'
import { isAuthorized } from '#src/auth/authorized-apps.ts'
import { issueCode, scopesFor } from '#src/auth/grants.ts'
import { parseScopes } from '#src/auth/scopes.ts'
import {
  csrfToken,
  endSession,
  findSession,
  isCsrfToken,
  isFromOurPages,
  sessionCookie,
  startSession,
} from '#src/auth/sessions.ts'
import { checkCredentials } from '#src/auth/sign-in.ts'
import { AppError, httpStatusOf, isAppError } from '#src/base/errors.ts'
import { createLog } from '#src/base/log.ts'
import { getAccount } from '#src/db/accounts.ts'
import { type Application, findApplicationByClientId } from '#src/db/applications.ts'
import type { SessionViewer } from '#src/db/sessions.ts'
import type { Role } from '#src/db/tables.ts'
import { addressOf } from './bearer.ts'
import { flag, form, query, textField } from './bodies.ts'
import { CodePage, ConsentForm, renderPage, SignInForm, wordsFor } from './oauth-pages.tsx'

const log = createLog('oauth')

const requestSchema = z.object({
  response_type: textField,
  client_id: textField,
  redirect_uri: textField,
  scope: textField,
  state: textField,
  code_challenge: textField,
  code_challenge_method: textField,
  force_login: flag,
  lang: textField,
})

const answerSchema = requestSchema.extend({
  step: z.enum(['sign-in', 'allow', 'deny']),
  login: textField,
  password: textField,
  csrf: textField,
})

type AuthorizeRequest = z.output<typeof requestSchema>

/** Whom to ask and where to return: from here on, faults are told to the application. */
type Asking = { application: Application; redirectUri: string; request: AuthorizeRequest }

/** The page where a person lets an application in (RFC 6749 §4.1, RFC 7636 with S256 alone). */
export function authorizeRoutes(app: App) {
  const routes = new Hono({ strict: false })
  routes.onError(showFault)
  routes.get('/', query(requestSchema), async (c) => {
    const asking = await identify(app, c.req.valid('query'))
    return askOrReturn(app, c, asking)
  })
  routes.post('/', form(answerSchema), async (c) => {
    const { step, login, password, csrf, ...request } = c.req.valid('form')
    const asking = await identify(app, request)
    if (!isFromOurPages(app, c.req.raw.headers)) throw pageFault('forbidden', 'expired')
    if (step === 'sign-in') return signIn(app, c, { asking, login: login ?? '', password: password ?? '' })
    return decide(app, c, { asking, csrf, isAllowed: step === 'allow' })
  })
  return routes
}

// Before anyone is asked for a password: who asks must be known, and where the answer goes be registered.
async function identify(app: App, request: AuthorizeRequest): Promise<Asking> {
  const application = request.client_id
    ? await findApplicationByClientId(app.db, request.client_id)
    : undefined
  if (!application) throw pageFault('malformed', 'badClient')
  const redirectUri = request.redirect_uri
  if (!redirectUri || !application.redirect_uris.includes(redirectUri)) {
    throw pageFault('malformed', 'badRedirect')
  }
  return { application, redirectUri, request }
}

async function askOrReturn(app: App, c: Context, asking: Asking) {
  const { application, request } = asking
  const fault = faultOf(asking)
  if (fault) return returnTo(c, asking, fault)
  const { language, messages } = wordsFor(c)
  const sessionToken = getCookie(c, sessionCookie(app).name)
  const viewer = await findSession(app, sessionToken)
  if (!viewer || !sessionToken || request.force_login) return showSignIn(c, asking, {})
  const unfit = faultOf(asking, viewer.role)
  if (unfit) return returnTo(c, asking, unfit)
  const scopes = scopesFor(application, parseScopes(request.scope), viewer.role)
  if (await isAuthorized(app, { application, viewer, scopes })) return grant(app, c, { asking, viewer })
  const account = await getAccount(app.db, viewer.accountId)
  return renderPage(c, {
    title: messages.allowTitle(application.name),
    formLeadsTo: asking.redirectUri,
    children: (
      <ConsentForm
        messages={messages}
        language={language}
        appName={application.name}
        handle={`@${account.username}@${app.handleHost}`}
        scopes={scopes}
        parameters={parametersOf(request)}
        csrf={csrfToken(app, sessionToken)}
      />
    ),
  })
}

type Fault = { error: string; error_description: string }

/** @param role of whoever is signed in; before that, nobody is refused for being too little */
function faultOf({ application, request }: Asking, role: Role = 'owner'): Fault | undefined {
  if (request.response_type !== 'code') {
    return {
      error: 'unsupported_response_type',
      error_description: 'Only the response type "code" is supported.',
    }
  }
  const usesPkce = request.code_challenge !== undefined || request.code_challenge_method !== undefined
  const isS256 = request.code_challenge_method === 'S256' && /^[\w-]{43}$/.test(request.code_challenge ?? '')
  if (usesPkce && !isS256) {
    return { error: 'invalid_request', error_description: 'The code challenge must be of the method S256.' }
  }
  try {
    scopesFor(application, parseScopes(request.scope), role)
  } catch (error) {
    if (isAppError(error)) return { error: error.code ?? 'invalid_scope', error_description: error.message }
    throw error
  }
  return undefined
}

type SignIn = { asking: Asking; login: string; password: string }

async function signIn(app: App, c: Context, { asking, login, password }: SignIn) {
  const { messages } = wordsFor(c)
  const cookie = sessionCookie(app)
  try {
    const user = await checkCredentials(app, { login, password, address: addressOf(app, c) })
    await endSession(app, getCookie(c, cookie.name))
    setCookie(c, cookie.name, await startSession(app, user.id, c.req.header('user-agent')), cookie.options)
  } catch (error) {
    if (!isAppError(error)) throw error
    if (error.retryAfterSeconds) c.header('retry-after', String(error.retryAfterSeconds))
    const words: Partial<Record<AppError['kind'], string>> = {
      unauthenticated: messages.wrong,
      tooMany: messages.tooMany,
    }
    return showSignIn(c, asking, {
      fault: words[error.kind] ?? messages.refused,
      status: httpStatusOf[error.kind],
      login,
    })
  }
  return c.redirect(`/oauth/authorize?${new URLSearchParams(parametersOf(asking.request))}`, 303)
}

type SignInPage = { fault?: string; status?: (typeof httpStatusOf)[AppError['kind']]; login?: string }

function showSignIn(c: Context, asking: Asking, { fault, status, login = '' }: SignInPage) {
  const { messages } = wordsFor(c)
  return renderPage(c, {
    status: status ?? 200,
    title: messages.signInTitle,
    formLeadsTo: asking.redirectUri,
    children: (
      <SignInForm
        messages={messages}
        appName={asking.application.name}
        parameters={parametersOf(asking.request)}
        fault={fault}
        login={login}
      />
    ),
  })
}

type Decision = { asking: Asking; csrf: string | undefined; isAllowed: boolean }

async function decide(app: App, c: Context, { asking, csrf, isAllowed }: Decision) {
  const sessionToken = getCookie(c, sessionCookie(app).name)
  const viewer = await findSession(app, sessionToken)
  if (!viewer || !sessionToken) return showSignIn(c, asking, {})
  if (!isCsrfToken(app, sessionToken, csrf)) throw pageFault('forbidden', 'expired')
  if (!isAllowed) {
    return returnTo(c, asking, { error: 'access_denied', error_description: 'The request was denied.' })
  }
  const fault = faultOf(asking, viewer.role)
  if (fault) return returnTo(c, asking, fault)
  return grant(app, c, { asking, viewer })
}

async function grant(app: App, c: Context, { asking, viewer }: { asking: Asking; viewer: SessionViewer }) {
  const code = await issueCode(app, {
    application: asking.application,
    viewer,
    redirectUri: asking.redirectUri,
    scopes: parseScopes(asking.request.scope),
    codeChallenge: asking.request.code_challenge,
  })
  if (asking.redirectUri !== outOfBand) return returnTo(c, asking, { code })
  const { messages } = wordsFor(c)
  return renderPage(c, {
    title: messages.codeTitle,
    children: <CodePage lead={messages.codeLead(asking.application.name)} code={code} />,
  })
}

function returnTo(c: Context, { redirectUri, request }: Asking, answer: Record<string, string>) {
  const { state } = request
  const parameters = new URLSearchParams(state === undefined ? answer : { ...answer, state })
  // There is nowhere to return to: the person is told instead.
  if (redirectUri === outOfBand) throw new AppError('malformed', answer.error_description ?? '')
  c.header('cache-control', 'no-store')
  c.header('referrer-policy', 'no-referrer')
  return c.redirect(`${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${parameters}`, 303)
}

function parametersOf(request: AuthorizeRequest): Record<string, string> {
  // Signing in is what force_login asked for.
  const { force_login: _done, ...texts } = request
  const entries = Object.entries(texts)
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

type PageFault = 'badClient' | 'badRedirect' | 'expired'

function pageFault(kind: AppError['kind'], code: PageFault): AppError {
  return new AppError(kind, code, { code })
}

function showFault(error: Error, c: Context) {
  const { messages } = wordsFor(c)
  const texts: Record<string, string> = {
    badClient: messages.badClient,
    badRedirect: messages.badRedirect,
    expired: messages.expired,
  }
  const isKnown = isAppError(error)
  if (!isKnown && !(error instanceof z.ZodError))
    log.error('{path} failed: {error}', { path: c.req.path, error })
  const text = isKnown ? (texts[error.code ?? ''] ?? error.message) : messages.failed
  const status = isKnown ? httpStatusOf[error.kind] : error instanceof z.ZodError ? 400 : 500
  return renderPage(c, { status, title: messages.errorTitle, children: <p role="alert">{text}</p> })
}
