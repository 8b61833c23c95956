import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { App } from '#src/app.ts'
import { clientAddress, remoteAddress } from '#src/auth/client-address.ts'
import { csrfToken, endSession, findSession, sessionCookie, startSession } from '#src/auth/sessions.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { type Account, getAccount } from '#src/db/accounts.ts'
import { countUnreadNotifications } from '#src/db/notification-lists.ts'
import type { AiDisplay, Id, Role } from '#src/db/tables.ts'
import { findUser, type User } from '#src/db/users.ts'
import type { Assets } from './assets.ts'
import type { Messages } from './i18n/en.ts'
import { chooseLanguage, isLanguage, type Language, messagesOf } from './i18n/language.ts'

export type Viewer = {
  account: Account
  userId: Id
  role: Role
  locale: string | null
  aiDisplay: AiDisplay
}

/** All that drawing a page needs to know of who is looking, and from where. */
export type Visit = {
  app: App
  assets: Assets
  language: Language
  words: Messages
  viewer: Viewer | null
  /** For the forms of this session; empty for strangers. */
  csrf: string
  /** Path and query of this page, to come back to. */
  here: string
  unread: number
}

export type WebEnv = {
  Bindings: HttpBindings
  Variables: { visit: Visit; form: FormData }
}

export type PageContext = Context<WebEnv>

/** Finds out who is looking and which language they read. */
export function visits(app: App, assets: Assets): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const token = getCookie(c, sessionCookie(app).name)
    const session = await findSession(app, token)
    const [account, user, unread] = session
      ? await Promise.all([
          getAccount(app.db, session.accountId),
          findUser(app.db, session.userId),
          countUnreadNotifications(app.db, session.accountId),
        ])
      : [undefined, undefined, 0]
    const language = isLanguage(user?.locale) ? user.locale : chooseLanguage(c.req.header('accept-language'))
    const url = new URL(c.req.url)
    c.set('visit', {
      app,
      assets,
      language,
      words: messagesOf[language],
      viewer: account && user ? viewerOf(account, user) : null,
      csrf: session && token ? csrfToken(app, token) : '',
      here: url.pathname + url.search,
      unread,
    })
    await next()
  }
}

function viewerOf(account: Account, { id, role, locale, ai_display }: User): Viewer {
  return { account, userId: id, role, locale, aiDisplay: ai_display }
}

/** @throws AppError unauthenticated, which leads to the sign-in page */
export function requireViewer(c: PageContext): Viewer {
  const { viewer, words } = c.var.visit
  if (!viewer) throw new AppError('unauthenticated', words.signIn.needed)
  return viewer
}

/** To everyone but those who run this server there is no such page. @throws AppError notFound, unauthenticated */
export function requireAdmin(c: PageContext): Viewer {
  const viewer = requireViewer(c)
  if (viewer.role !== 'admin' && viewer.role !== 'owner') throw notFound()
  return viewer
}

/** The same for those who moderate. @throws AppError notFound, unauthenticated */
export function requireModerator(c: PageContext): Viewer {
  const viewer = requireViewer(c)
  if (viewer.role === 'user') throw notFound()
  return viewer
}

export function viewerId(c: PageContext): Id | null {
  return c.var.visit.viewer?.account.id ?? null
}

/** Ends whatever session the browser had and gives it a new one. */
export async function signInAs(c: PageContext, userId: Id): Promise<void> {
  const { app } = c.var.visit
  const cookie = sessionCookie(app)
  await endSession(app, getCookie(c, cookie.name))
  setCookie(c, cookie.name, await startSession(app, userId, c.req.header('user-agent')), cookie.options)
}

export async function signOutOf(c: PageContext): Promise<void> {
  const { app } = c.var.visit
  const cookie = sessionCookie(app)
  await endSession(app, getCookie(c, cookie.name))
  setCookie(c, cookie.name, '', { ...cookie.options, maxAge: 0 })
}

export function addressOf(c: PageContext): string {
  const { app } = c.var.visit
  return clientAddress({
    remote: remoteAddress(c.env),
    forwardedFor: c.req.header('x-forwarded-for'),
    trustedProxies: app.config.trustProxy,
  })
}

const largestId = 9_223_372_036_854_775_807n

export function isId(text: unknown): text is Id {
  return typeof text === 'string' && /^\d{1,19}$/.test(text) && BigInt(text) <= largestId
}

/** An id out of the path. @throws AppError notFound for what can be none */
export function idParam(c: PageContext, name = 'id'): Id {
  const id = c.req.param(name)
  if (!isId(id)) throw notFound()
  return id
}

/** The `max_id` of a page further down a feed. */
export function olderThan(c: PageContext): Id | undefined {
  const id = c.req.query('max_id')
  return isId(id) ? id : undefined
}
