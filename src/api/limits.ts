import type { MiddlewareHandler } from 'hono'
import { LRUCache } from 'lru-cache'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import type { Env } from './bearer.ts'

type Allowance = { requests: number; windowMs: number }

// Room for them is taken at once, in each of the APIs.
const mostWindows = 10_000

const perPerson: Allowance = { requests: 1_500, windowMs: 5 * 60_000 }

/**
 * Allows each person, or each address that nobody is signed in from, so many requests in a window, and says
 * how many are left. Counted in the memory of each process: a database write with every read would cost more
 * than the reads, and whoever addresses there are, the memory stays bounded.
 */
export function limits(app: Pick<App, 'clock'>, allowance: Allowance = perPerson): MiddlewareHandler<Env> {
  const windows = new LRUCache<string, { count: number; resetsAt: number }>({ max: mostWindows })
  return async (c, next) => {
    const who = c.var.viewer ? `account:${c.var.viewer.accountId}` : `address:${c.var.address}`
    const now = app.clock.now().getTime()
    const known = windows.get(who)
    const window = known && known.resetsAt > now ? known : { count: 0, resetsAt: now + allowance.windowMs }
    window.count++
    windows.set(who, window)
    c.header('x-ratelimit-limit', String(allowance.requests))
    c.header('x-ratelimit-remaining', String(Math.max(0, allowance.requests - window.count)))
    c.header('x-ratelimit-reset', new Date(window.resetsAt).toISOString())
    if (window.count > allowance.requests) {
      throw new AppError('tooMany', 'Too many requests', {
        retryAfterSeconds: Math.ceil((window.resetsAt - now) / 1000),
      })
    }
    await next()
  }
}
