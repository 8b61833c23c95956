import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { listFollowRequests } from '#src/db/follows.ts'
import { answerFollowRequest } from '#src/relationships/follow.ts'
import { type Env, requireScope } from '../bearer.ts'
import { linkPages, readPage } from '../paging.ts'
import { toAccount } from './entities/account.ts'
import { idParam } from './params.ts'
import { loadRelationship } from './relationships.ts'

/** https://docs.joinmastodon.org/methods/follow_requests/, mounted at `/api/v1/follow_requests`. */
export function followRequestRoutes(app: App) {
  const routes = new Hono<Env>().get('/', requireScope('read:follows'), async (c) => {
    const page = readPage(c, { usual: 40, most: 80 })
    const requests = await listFollowRequests(app.db, c.var.viewer.accountId, page)
    linkPages(
      app,
      c,
      requests.map((request) => request.follow_id),
    )
    return c.json(requests.map((request) => toAccount(app, request)))
  })
  for (const [name, answer] of [
    ['authorize', 'Accept'],
    ['reject', 'Reject'],
  ] as const) {
    routes.post(`/:id/${name}`, requireScope('write:follows'), async (c) => {
      const { accountId } = c.var.viewer
      const followerId = idParam(c)
      await answerFollowRequest(app, accountId, followerId, answer)
      return c.json(await loadRelationship(app, accountId, followerId))
    })
  }
  return routes
}
