import { Hono } from 'hono'
import { z } from 'zod'
import { wantExploration } from '#src/accounts/explore.ts'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { type Account, getAccount, listAccounts } from '#src/db/accounts.ts'
import { isBlocking } from '#src/db/blocks.ts'
import { listFamiliarFollowers } from '#src/db/discovery.ts'
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
import { endorsedPage } from './endorsements.ts'
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
    .route('/', featuringRoutes(app))
}

const idsQuery = z.object({ id: idList() })
const searchQuery = z.object({
  q: textField,
  resolve: flag,
  following: flag,
  limit: clamped(1, 80, 40),
  offset: clamped(0, 10_000, 0),
})

function findingRoutes(app: App) {
  return new Hono<Env>()
    .get('/', allowScope('read:accounts'), query(idsQuery), async (c) => {
      const accounts = await listAccounts(app.db, c.req.valid('query').id)
      return c.json(accounts.filter(isUsable).map((account) => toAccount(app, account)))
    })
    .get('/lookup', allowScope('read:accounts'), query(z.object({ acct: textField })), async (c) => {
      const account = await findByHandle(app, c.req.valid('query').acct ?? '', false)
      if (!account) throw notFound()
      return c.json(await presentAccount(app, account))
    })
    .get('/search', requireScope('read:accounts'), query(searchQuery), async (c) => {
      const { q, following, ...request } = c.req.valid('query')
      const found = await search(app, c.var.viewer.accountId, {
        ...request,
        text: q ?? '',
        kinds: ['accounts'],
        isFollowing: following,
      })
      return c.json(found.accounts.map((account) => toAccount(app, account)))
    })
    .get('/familiar_followers', requireScope('read:follows'), query(idsQuery), async (c) =>
      c.json(await presentFamiliarFollowers(app, c.var.viewer.accountId, c.req.valid('query').id)),
    )
}

/** Of each, which apps show in a line. */
const mostFamiliar = 40

/** In the order of the ids; of those who exist. */
async function presentFamiliarFollowers(app: App, viewerId: Id, ids: Id[]) {
  const [accounts, familiar] = await Promise.all([
    listAccounts(app.db, ids),
    listFamiliarFollowers(app.db, viewerId, ids, mostFamiliar),
  ])
  const known = new Set(accounts.filter(isUsable).map(({ id }) => id))
  const familiarOf = Map.groupBy(familiar, ({ followed_id }) => followed_id)
  return ids
    .filter((id) => known.has(id))
    .map((id) => ({
      id,
      accounts: (familiarOf.get(id) ?? []).map((account) => toAccount(app, account)),
    }))
}

const isUsable = (account: Account) => !account.deleted_at && !account.suspended_at

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

/** What people show on their profiles beside what they wrote. */
function featuringRoutes(app: App) {
  const read = allowScope('read:accounts')
  // Proofs are of what Mastodon 3 had, and apps still ask for them.
  return new Hono<Env>()
    .get('/:id/featured_tags', read, async (c) => c.json(await presentFeaturedTags(app, idParam(c))))
    .get('/:id/endorsements', read, async (c) => {
      const account = await getAccount(app.db, idParam(c))
      if (await isShutOut(app, account.id, viewerIdOf(c))) return c.json([])
      return endorsedPage(app, c, account.id)
    })
    .get('/:id/identity_proofs', requireScope('read:accounts'), async (c) => {
      await getAccount(app.db, idParam(c))
      return c.json([])
    })
}

/** Whom someone blocks does not learn who follows them, whom they follow, and whom they recommend. */
async function isShutOut({ db }: App, accountId: Id, viewerId: Id | null): Promise<boolean> {
  return viewerId !== null && isBlocking(db, accountId, viewerId)
}
