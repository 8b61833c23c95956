import { Hono } from 'hono'
import { z } from 'zod'
import { wantExploration } from '#src/accounts/explore.ts'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { getAccount, listAccounts } from '#src/db/accounts.ts'
import { isBlocking } from '#src/db/blocks.ts'
import { listFollowers, listFollowing } from '#src/db/follows.ts'
import { listListsWith } from '#src/db/lists.ts'
import type { Id } from '#src/db/tables.ts'
import { readPinned } from '#src/notes/pin.ts'
import { findByHandle, search } from '#src/search/search.ts'
import { readAccount } from '#src/timelines/read.ts'
import { allowScope, type Env, requireScope } from '../bearer.ts'
import { clamped, flag, idList, query, textField } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { credentialRoutes } from './credentials.ts'
import { toAccount } from './entities/account.ts'
import { toList } from './entities/list.ts'
import { toStatus } from './entities/status.ts'
import { presentFeaturedTags } from './featured-tags.ts'
import { presentAccount } from './moved.ts'
import { idParam, statusPage, viewerIdOf } from './params.ts'
import { relationshipRoutes } from './relationships.ts'

/** https://docs.joinmastodon.org/methods/accounts/, mounted at `/api/v1/accounts`. */
export function accountRoutes(app: App) {
  // Names first: `/:id` would take them for ids.
  return new Hono<Env>()
    .route('/', credentialRoutes(app))
    .route('/', findingRoutes(app))
    .route('/', relationshipRoutes(app))
    .route('/', readingRoutes(app))
}

const idsQuery = z.object({ id: idList() })
const searchQuery = z.object({
  q: textField,
  resolve: flag,
  limit: clamped(1, 80, 40),
  offset: clamped(0, 10_000, 0),
})

function findingRoutes(app: App) {
  return new Hono<Env>()
    .get('/', allowScope('read:accounts'), query(idsQuery), async (c) => {
      const accounts = await listAccounts(app.db, c.req.valid('query').id)
      const usable = accounts.filter((account) => !account.deleted_at && !account.suspended_at)
      return c.json(usable.map((account) => toAccount(app, account)))
    })
    .get('/lookup', allowScope('read:accounts'), query(z.object({ acct: textField })), async (c) => {
      const account = await findByHandle(app, c.req.valid('query').acct ?? '', false)
      if (!account) throw notFound()
      return c.json(await presentAccount(app, account))
    })
    .get('/search', requireScope('read:accounts'), query(searchQuery), async (c) => {
      const { q, ...request } = c.req.valid('query')
      const found = await search(app, c.var.viewer.accountId, {
        ...request,
        text: q ?? '',
        kinds: ['accounts'],
      })
      return c.json(found.accounts.map((account) => toAccount(app, account)))
    })
}

const statusesQuery = z.object({
  only_media: flag,
  exclude_replies: flag,
  exclude_reblogs: flag,
  pinned: flag,
  tagged: textField,
})

function readingRoutes(app: App) {
  const read = allowScope('read:accounts')
  return new Hono<Env>()
    .get('/:id', read, async (c) => {
      const account = await getAccount(app.db, idParam(c))
      await wantExploration(app, viewerIdOf(c), account)
      return c.json(await presentAccount(app, account))
    })
    .get('/:id/statuses', allowScope('read:statuses'), query(statusesQuery), async (c) => {
      const { only_media, exclude_replies, exclude_reblogs, pinned, tagged } = c.req.valid('query')
      const accountId = idParam(c)
      if (pinned) {
        await getAccount(app.db, accountId)
        const views = await readPinned(app, viewerIdOf(c), accountId)
        return c.json(views.map((view) => toStatus(app, view)))
      }
      const feed = {
        accountId,
        onlyMedia: only_media,
        excludeReplies: exclude_replies,
        excludeBoosts: exclude_reblogs,
        tag: tagged || undefined,
      }
      return statusPage(app, c, await readAccount(app, viewerIdOf(c), readPage(c), feed))
    })
    .get('/:id/featured_tags', read, async (c) => c.json(await presentFeaturedTags(app, idParam(c))))
    .get('/:id/lists', requireScope('read:lists'), async (c) => {
      const account = await getAccount(app.db, idParam(c))
      return c.json((await listListsWith(app.db, c.var.viewer.accountId, account.id)).map(toList))
    })
    .get('/:id/followers', read, async (c) => {
      const account = await getAccount(app.db, idParam(c))
      if (await isShutOut(app, account.id, viewerIdOf(c))) return c.json([])
      const followers = await listFollowers(app.db, account.id, readPage(c, { usual: 40, most: 80 }))
      linkPages(
        app,
        c,
        followers.map((follower) => follower.follow_id),
      )
      return c.json(followers.map((follower) => toAccount(app, follower)))
    })
    .get('/:id/following', read, async (c) => {
      const account = await getAccount(app.db, idParam(c))
      if (await isShutOut(app, account.id, viewerIdOf(c))) return c.json([])
      const following = await listFollowing(app.db, account.id, readPage(c, { usual: 40, most: 80 }))
      linkPages(
        app,
        c,
        following.map((followee) => followee.follow_id),
      )
      return c.json(following.map((followee) => toAccount(app, followee)))
    })
}

/** Whom someone blocks does not learn who follows them, and whom they follow. */
async function isShutOut({ db }: App, accountId: Id, viewerId: Id | null): Promise<boolean> {
  return viewerId !== null && isBlocking(db, accountId, viewerId)
}
