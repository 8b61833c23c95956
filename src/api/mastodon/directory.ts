import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { listDirectory } from '#src/db/discovery.ts'
import { allowScope, type Env } from '../bearer.ts'
import { clamped, flag, query, textField } from '../bodies.ts'
import { toAccount } from './entities/account.ts'
import { viewerIdOf } from './params.ts'

const directoryQuery = z.object({
  order: textField,
  local: flag,
  limit: clamped(1, 80, 40),
  offset: clamped(0, 2_000, 0),
})

/** https://docs.joinmastodon.org/methods/directory/, mounted at `/api/v1/directory`. */
export function directoryRoutes(app: App) {
  return new Hono<Env>().get('/', allowScope('read:accounts'), query(directoryQuery), async (c) => {
    const { order, local, limit, offset } = c.req.valid('query')
    const accounts = await listDirectory(app.db, viewerIdOf(c), {
      order: order === 'new' ? 'new' : 'active',
      isLocal: local,
      limit,
      offset,
    })
    return c.json(accounts.map((account) => toAccount(app, account)))
  })
}
