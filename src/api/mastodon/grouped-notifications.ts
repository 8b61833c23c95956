import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { countUnreadGroups, dismissGroup, listGroupAccounts } from '#src/db/notification-groups.ts'
import { getNotificationPolicy, saveNotificationPolicy } from '#src/db/notification-policies.ts'
import { summarizeRequests } from '#src/db/notification-requests.ts'
import { clearNotifications, dismissNotification } from '#src/db/notifications.ts'
import type { Id } from '#src/db/tables.ts'
import { readNotificationGroup, readNotificationGroups } from '#src/timelines/notification-groups.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, query } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { toAccount } from './entities/account.ts'
import { readGroupKey } from './entities/notification.ts'
import { toGroupedNotifications } from './entities/notification-group.ts'
import { toNotificationPolicy } from './entities/notification-request.ts'
import { filterQuery, readFilter, unreadQuery } from './notification-filter.ts'

const verdict = z
  .enum(['accept', 'filter', 'drop'], { error: 'is not included in the list' })
  .nullish()
  .transform((value) => value ?? undefined)

const policyForm = z.object({
  for_not_following: verdict,
  for_not_followers: verdict,
  for_new_accounts: verdict,
  for_private_mentions: verdict,
  for_limited_accounts: verdict,
})

const expandable = z.object({
  expand_accounts: z
    .enum(['full', 'partial_avatars'], { error: "is not 'full' or 'partial_avatars'" })
    .default('full'),
})

const groupsQuery = filterQuery.extend(expandable.shape)
const people = { usual: 40, most: 80 }
const none = { groups: [], accounts: new Map() }

/** https://docs.joinmastodon.org/methods/grouped_notifications/, mounted at `/api/v2/notifications`. */
export function groupedNotificationRoutes(app: App) {
  const read = requireScope('read:notifications')
  const write = requireScope('write:notifications')
  return new Hono<Env>()
    .get('/', read, query(groupsQuery), async (c) => {
      const fields = c.req.valid('query')
      const shape = { isPartial: fields.expand_accounts === 'partial_avatars', isPage: true }
      const filter = readFilter(fields)
      if (filter === 'nothing') return c.json(toGroupedNotifications(app, none, shape))
      const page = await readNotificationGroups(app, c.var.viewer.accountId, readPage(c, people), filter)
      linkPages(app, c, page.cursors)
      return c.json(toGroupedNotifications(app, page, shape))
    })
    .get('/unread_count', read, query(unreadQuery), async (c) => {
      const { limit, ...fields } = c.req.valid('query')
      const filter = readFilter(fields)
      if (filter === 'nothing') return c.json({ count: 0 })
      return c.json({ count: await countUnreadGroups(app.db, c.var.viewer.accountId, { limit, filter }) })
    })
    .get('/policy', read, async (c) => c.json(await presentPolicy(app, c.var.viewer.accountId)))
    .patch('/policy', write, form(policyForm), async (c) => {
      const { accountId } = c.var.viewer
      const given = Object.entries(c.req.valid('form')).filter(([, value]) => value !== undefined)
      await saveNotificationPolicy(app.db, accountId, Object.fromEntries(given))
      return c.json(await presentPolicy(app, accountId))
    })
    .post('/clear', write, async (c) => {
      await clearNotifications(app.db, c.var.viewer.accountId)
      return c.json({})
    })
    .get('/:group_key', read, async (c) =>
      c.json(
        toGroupedNotifications(
          app,
          await readNotificationGroup(app, c.var.viewer.accountId, groupKeyParam(c)),
        ),
      ),
    )
    .get('/:group_key/accounts', read, async (c) => {
      const { accountId } = c.var.viewer
      const accounts = await listGroupAccounts(app.db, accountId, groupKeyParam(c), readPage(c, people))
      const cursors = accounts.map((account) => account.notification_id)
      linkPages(app, c, cursors)
      return c.json(accounts.map((account) => toAccount(app, account)))
    })
    .post('/:group_key/dismiss', write, async (c) => {
      const which = groupKeyParam(c)
      const { accountId } = c.var.viewer
      if ('id' in which) await dismissNotification(app.db, accountId, which.id)
      else await dismissGroup(app.db, accountId, which.key)
      return c.json({})
    })
}

/** What cannot be a key stands for nothing. Throws AppError notFound. */
function groupKeyParam(c: Context) {
  const which = readGroupKey(c.req.param('group_key') ?? '')
  if (!which) throw notFound()
  return which
}

async function presentPolicy(app: App, accountId: Id) {
  const [policy, pending] = await Promise.all([
    getNotificationPolicy(app.db, accountId),
    summarizeRequests(app.db, accountId),
  ])
  return toNotificationPolicy(policy, pending)
}
