import { Hono } from 'hono'
import { z } from 'zod'
import { featureTag, unfeatureTag } from '#src/accounts/featured-tags.ts'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { getAccount } from '#src/db/accounts.ts'
import { listFeaturedTags, suggestFeaturedTags } from '#src/db/featured-tags.ts'
import type { Id } from '#src/db/tables.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, textField } from '../bodies.ts'
import { toFeaturedTag } from './entities/featured-tag.ts'
import { idParam } from './params.ts'
import { presentTags } from './tags.ts'

const tagForm = z.object({ name: textField })
const mostSuggestions = 10

/** https://docs.joinmastodon.org/methods/featured_tags/, mounted at `/api/v1/featured_tags`. */
export function featuredTagRoutes(app: App) {
  return new Hono<Env>()
    .get('/', requireScope('read:accounts'), async (c) =>
      c.json(await presentFeaturedTags(app, c.var.viewer.accountId)),
    )
    .get('/suggestions', requireScope('read:accounts'), async (c) => {
      const { accountId } = c.var.viewer
      const tags = await suggestFeaturedTags(app.db, accountId, mostSuggestions)
      return c.json(await presentTags(app, accountId, tags))
    })
    .post('/', requireScope('write:accounts'), form(tagForm), async (c) => {
      const { accountId } = c.var.viewer
      const tag = await featureTag(app, accountId, c.req.valid('form').name ?? '')
      return c.json(toFeaturedTag(app, await getAccount(app.db, accountId), tag))
    })
    .delete('/:id', requireScope('write:accounts'), async (c) => {
      const which = { id: idParam(c) }
      if (!(await unfeatureTag(app, c.var.viewer.accountId, which))) throw notFound()
      return c.json({})
    })
}

/** @throws AppError notFound */
export async function presentFeaturedTags(app: App, accountId: Id) {
  const account = await getAccount(app.db, accountId)
  const tags = await listFeaturedTags(app.db, account.id)
  return tags.map((tag) => toFeaturedTag(app, account, tag))
}
