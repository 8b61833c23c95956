import { Hono } from 'hono'
import { featureTag, unfeatureTag } from '#src/accounts/featured-tags.ts'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { hashtagFrom } from '#src/base/text.ts'
import type { Id } from '#src/db/tables.ts'
import { listFollowedTags, listTagStates } from '#src/db/tag-follows.ts'
import { dayOf, listTagDays } from '#src/db/tag-history.ts'
import { findTag, type Tag } from '#src/db/tags.ts'
import { followTag, unfollowTag } from '#src/relationships/follow-tag.ts'
import { allowScope, type Env, requireScope } from '../bearer.ts'
import { isId } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { toTag } from './entities/tag.ts'
import { viewerIdOf } from './params.ts'

/** https://docs.joinmastodon.org/methods/tags/, mounted at `/api/v1/tags`. */
export function tagRoutes(app: App) {
  const routes = new Hono<Env>().get('/:name', allowScope('read'), async (c) => {
    const name = hashtagFrom(c.req.param('name'))
    if (name === undefined) throw notFound()
    return c.json(await presentTag(app, viewerIdOf(c), name))
  })
  const changes = {
    follow: { scope: 'write:follows', change: followTag },
    unfollow: { scope: 'write:follows', change: unfollowTag },
    feature: { scope: 'write:accounts', change: featureTag },
    unfeature: { scope: 'write:accounts', change: unfeature },
  }
  for (const [action, { scope, change }] of Object.entries(changes)) {
    routes.post(`/:name/${action}`, requireScope(scope), async (c) => {
      const { accountId } = c.var.viewer
      const name = await nameOf(app, c.req.param('name'))
      await change(app, accountId, name)
      return c.json(await presentTag(app, accountId, name))
    })
  }
  return routes
}

const unfeature = (app: App, accountId: Id, name: string) => unfeatureTag(app, accountId, { name })

const followedTags = { usual: 100, most: 200 }

/** https://docs.joinmastodon.org/methods/followed_tags/, mounted at `/api/v1/followed_tags`. */
export function followedTagRoutes(app: App) {
  return new Hono<Env>().get('/', requireScope('read:follows'), async (c) => {
    const { accountId } = c.var.viewer
    const tags = await listFollowedTags(app.db, accountId, readPage(c, followedTags))
    linkPages(
      app,
      c,
      tags.map(({ follow_id }) => follow_id),
    )
    return c.json(await presentTags(app, accountId, tags))
  })
}

/** The documentation says id and Mastodon takes a name: no name is a number. @throws AppError notFound */
async function nameOf({ db }: App, text: string): Promise<string> {
  const name = isId(text) ? (await findTag(db, { id: text }))?.name : hashtagFrom(text)
  if (name === undefined) throw notFound()
  return name
}

async function presentTag(app: App, viewerId: Id | null, name: string) {
  const tag = (await findTag(app.db, { name })) ?? { id: '', name }
  const [shown] = await presentTags(app, viewerId, [tag])
  return shown
}

/** In their order, with a constant number of queries. */
export async function presentTags(app: App, viewerId: Id | null, tags: readonly Pick<Tag, 'id' | 'name'>[]) {
  const ids = tags.map(({ id }) => id).filter(isId)
  const today = dayOf(app.clock.now())
  const [days, states] = await Promise.all([
    listTagDays(app.db, ids, today),
    viewerId === null ? [] : listTagStates(app.db, viewerId, ids),
  ])
  const stateOf = new Map(states.map((state) => [state.tag_id, state]))
  const none = { following: false, featuring: false }
  return tags.map(({ id, name }) =>
    toTag(
      app,
      {
        id,
        name,
        days: days.filter(({ tag_id }) => tag_id === id),
        state: viewerId === null ? null : (stateOf.get(id) ?? none),
      },
      today,
    ),
  )
}
