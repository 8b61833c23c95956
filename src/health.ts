import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { sql } from 'kysely'
import type { App } from './app.ts'
import { isLoopback, remoteAddress } from './auth/client-address.ts'
import { isSameSecret } from './base/secrets.ts'
import { isMigrated } from './db/migrate.ts'

/** What `/readyz` asks: nothing of a worker where ROLE is `web`, unless it stands beside us under one parent. */
export type Readiness = { isConsuming?: (() => boolean) | undefined; isDraining(): boolean }

type Bindings = { Bindings: HttpBindings }

/** `/health` is Mastodon's address of the same, for what watches servers of its kind. */
export function healthRoutes(app: App, readiness: Readiness) {
  return new Hono<Bindings>()
    .get('/livez', (c) => c.text('ok'))
    .get('/health', (c) => c.text('OK'))
    .get('/readyz', async (c) => {
      const reasons = await listReasons(app, readiness)
      return reasons.length === 0 ? c.text('ok') : c.text(reasons.join('\n'), 503)
    })
    .get('/metrics', async (c) => {
      if (!mayReadMetrics(app, c)) return c.text('Not found', 404)
      return c.body(await app.metrics.text(), 200, { 'content-type': app.metrics.contentType })
    })
}

async function listReasons(app: App, readiness: Readiness): Promise<string[]> {
  const reasons: string[] = []
  if (readiness.isDraining()) reasons.push('shutting down')
  try {
    await sql`select 1`.execute(app.db)
    if (!(await isMigrated(app.db))) reasons.push('the database is not migrated')
  } catch {
    reasons.push('the database does not answer')
  }
  if (readiness.isConsuming && !readiness.isConsuming()) reasons.push('the worker takes no jobs')
  return reasons
}

// Behind a proxy on this machine every address is loopback, so there only the token opens.
function mayReadMetrics(app: App, c: Context<Bindings>): boolean {
  const token = app.config.metricsToken
  if (token && isSameSecret(c.req.header('authorization') ?? '', `Bearer ${token}`)) return true
  return (
    app.config.trustProxy === 0 &&
    c.req.header('x-forwarded-for') === undefined &&
    isLoopback(remoteAddress(c.env))
  )
}

/** Counts each request under the pattern of the route that answered it. */
export function measure(app: App): MiddlewareHandler {
  return async (c, next) => {
    const startedAt = performance.now()
    await next()
    app.metrics.countRequest({
      method: c.req.method,
      route: routePath(c),
      status: c.res.status,
      seconds: (performance.now() - startedAt) / 1000,
    })
  }
}
