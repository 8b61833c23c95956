import { type Context, Hono } from 'hono'
import type { App } from '#src/app.ts'
import { listEndorsed } from '#src/db/personal-marks.ts'
import type { Id } from '#src/db/tables.ts'
import { type Env, requireScope } from '../bearer.ts'
import { linkPages, readPage } from '../paging.ts'
import { toAccount } from './entities/account.ts'

/** https://docs.joinmastodon.org/methods/endorsements/, mounted at `/api/v1/endorsements`. */
export function endorsementRoutes(app: App) {
  return new Hono<Env>().get('/', requireScope('read:accounts'), (c) =>
    endorsedPage(app, c, c.var.viewer.accountId),
  )
}

/** Whom an account recommends, newest first. */
export async function endorsedPage(app: App, c: Context, accountId: Id) {
  const endorsed = await listEndorsed(app.db, accountId, readPage(c, { usual: 40, most: 80 }))
  linkPages(
    app,
    c,
    endorsed.map((account) => account.endorsement_id),
  )
  return c.json(endorsed.map((account) => toAccount(app, account)))
}
