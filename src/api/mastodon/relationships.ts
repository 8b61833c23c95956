import { Hono } from 'hono'
import { z } from 'zod'
import { commentOnAccount, endorseAccount, unendorseAccount } from '#src/accounts/personal-marks.ts'
import type { App } from '#src/app.ts'
import { notAllowed, notFound } from '#src/base/errors.ts'
import { listFollowsBetween } from '#src/db/follows.ts'
import { listPersonalMarks } from '#src/db/personal-marks.ts'
import { listRefusals } from '#src/db/refusals.ts'
import type { Id } from '#src/db/tables.ts'
import { blockAccount, unblockAccount } from '#src/relationships/block.ts'
import { removeFollower } from '#src/relationships/end-follow.ts'
import { followAccount, unfollowAccount } from '#src/relationships/follow.ts'
import { muteAccount, unmuteAccount } from '#src/relationships/mute.ts'
import { type Env, requireScope } from '../bearer.ts'
import { clamped, flag, form, idList, optionalFlag, query, textField } from '../bodies.ts'
import { toRelationship } from './entities/relationship.ts'
import { idParam } from './params.ts'

const relationshipsQuery = z.object({ id: idList(), with_suspended: flag })
const followForm = z.object({ reblogs: optionalFlag, notify: optionalFlag })

/** How the viewer stands to others, and how that changes. Mounted at `/api/v1/accounts`. */
export function relationshipRoutes(app: App) {
  return new Hono<Env>()
    .get('/relationships', requireScope('read:follows'), query(relationshipsQuery), async (c) => {
      const { id, with_suspended } = c.req.valid('query')
      return c.json(await loadRelationships(app, c.var.viewer.accountId, id, with_suspended))
    })
    .route('/', followRoutes(app))
    .route('/', refusalRoutes(app))
    .route('/', markRoutes(app))
}

function followRoutes(app: App) {
  const write = requireScope('write:follows')
  return new Hono<Env>()
    .post('/:id/follow', write, form(followForm), async (c) => {
      const { accountId } = c.var.viewer
      const id = idParam(c)
      const { reblogs, notify } = c.req.valid('form')
      await followAccount(app, accountId, id, { showBoosts: reblogs, notify })
      return c.json(await loadRelationship(app, accountId, id))
    })
    .post('/:id/unfollow', write, async (c) => {
      const { accountId } = c.var.viewer
      const id = idParam(c)
      if (id === accountId) throw notAllowed()
      await unfollowAccount(app, accountId, id)
      return c.json(await loadRelationship(app, accountId, id))
    })
    .post('/:id/remove_from_followers', write, async (c) => {
      const { accountId } = c.var.viewer
      const id = idParam(c)
      await removeFollower(app, accountId, id)
      return c.json(await loadRelationship(app, accountId, id))
    })
}

const longestMuteSeconds = 100 * 365 * 24 * 3600
const muteForm = z.object({ notifications: optionalFlag, duration: clamped(0, longestMuteSeconds, 0) })

function refusalRoutes(app: App) {
  const routes = new Hono<Env>()
  const changes = {
    block: { scope: 'write:blocks', change: blockAccount },
    unblock: { scope: 'write:blocks', change: unblockAccount },
    unmute: { scope: 'write:mutes', change: unmuteAccount },
  }
  for (const [name, { scope, change }] of Object.entries(changes)) {
    routes.post(`/:id/${name}`, requireScope(scope), async (c) => {
      const { accountId } = c.var.viewer
      const id = idParam(c)
      await change(app, accountId, id)
      return c.json(await loadRelationship(app, accountId, id))
    })
  }
  return routes.post('/:id/mute', requireScope('write:mutes'), form(muteForm), async (c) => {
    const { accountId } = c.var.viewer
    const id = idParam(c)
    const { notifications = true, duration } = c.req.valid('form')
    await muteAccount(app, accountId, id, { hidesNotifications: notifications, durationSeconds: duration })
    return c.json(await loadRelationship(app, accountId, id))
  })
}

const commentForm = z.object({ comment: textField })

function markRoutes(app: App) {
  const write = requireScope('write:accounts')
  const routes = new Hono<Env>().post('/:id/note', write, form(commentForm), async (c) => {
    const { accountId } = c.var.viewer
    const id = idParam(c)
    await commentOnAccount(app, accountId, id, c.req.valid('form').comment ?? '')
    return c.json(await loadRelationship(app, accountId, id))
  })
  // The second of each pair is what it was called before Mastodon 4.4.
  const changes = {
    endorse: endorseAccount,
    pin: endorseAccount,
    unendorse: unendorseAccount,
    unpin: unendorseAccount,
  }
  for (const [name, change] of Object.entries(changes)) {
    routes.post(`/:id/${name}`, write, async (c) => {
      const { accountId } = c.var.viewer
      const id = idParam(c)
      await change(app, accountId, id)
      return c.json(await loadRelationship(app, accountId, id))
    })
  }
  return routes
}

/** In the order of the ids; of those who exist, and are not suspended unless those are asked for. */
async function loadRelationships(app: App, viewerId: Id, ids: Id[], withSuspended: boolean) {
  const [follows, refusals, marks] = await Promise.all([
    listFollowsBetween(app.db, viewerId, ids),
    listRefusals(app.db, viewerId, ids, { withSuspended }),
    listPersonalMarks(app.db, viewerId, ids),
  ])
  const refusalsOf = new Map(refusals.map((one) => [one.account_id, one]))
  const marksOf = new Map(marks.map((one) => [one.account_id, one]))
  return ids.flatMap((id) => {
    const between = refusalsOf.get(id)
    return between ? [toRelationship(viewerId, between, { follows, marks: marksOf.get(id) })] : []
  })
}

/** How the viewer stands to one other account now. @throws AppError notFound */
export async function loadRelationship(app: App, viewerId: Id, accountId: Id) {
  const [relationship] = await loadRelationships(app, viewerId, [accountId], true)
  if (!relationship) throw notFound()
  return relationship
}
