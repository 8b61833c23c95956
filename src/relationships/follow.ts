import type { Transaction } from 'kysely'
import { requestExploration } from '#src/accounts/explore.ts'
import { refuseMoved } from '#src/accounts/moved.ts'
import type { App } from '#src/app.ts'
import { notAllowed, notFound } from '#src/base/errors.ts'
import { type Account, getAccount } from '#src/db/accounts.ts'
import {
  acceptFollow,
  deleteFollow,
  type Follow,
  findFollow,
  insertFollow,
  updateFollow,
} from '#src/db/follows.ts'
import { backfillHome, deleteHomeEntriesOf } from '#src/db/home-entries.ts'
import { deleteListEntriesOf, fillListsWith } from '#src/db/list-entries.ts'
import { newId } from '#src/db/notes.ts'
import { deleteNotification, insertNotifications } from '#src/db/notifications.ts'
import { refusesFollower } from '#src/db/refusals.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'

/**
 * Follows someone, or asks to. Following again changes only what is shown.
 * @throws AppError notFound; forbidden for oneself, after moving away, and where one of the two refuses the other
 */
export async function followAccount(
  app: App,
  followerId: Id,
  followeeId: Id,
  options: { showBoosts?: boolean | undefined; notify?: boolean | undefined } = {},
): Promise<void> {
  if (followerId === followeeId) throw notAllowed()
  refuseMoved(await getAccount(app.db, followerId))
  const followee = await getAccount(app.db, followeeId)
  if (await refusesFollower(app.db, followerId, followeeId)) throw notAllowed()
  const wishes = {
    ...(options.showBoosts !== undefined && { show_boosts: options.showBoosts }),
    ...(options.notify !== undefined && { notify: options.notify }),
  }
  await app.db.transaction().execute(async (trx) => {
    const id = await newId(trx)
    const uri = app.uris.follow(followerId, id)
    const follow = await addFollow(trx, followee, { id, followerId, uri, ...wishes })
    if (follow && followee.domain !== null) {
      const payload = { followerId, followeeId, followUri: uri, isUndo: false }
      await enqueue(trx, 'deliverFollow', payload, { orderingKey: uri })
      await requestExploration(trx, followee, app.clock.now())
    }
    if (follow || Object.keys(wishes).length === 0) return
    const existing = await findFollow(trx, followerId, followeeId)
    if (existing) await updateFollow(trx, existing.id, wishes)
  })
}

/** @throws AppError notFound */
export async function unfollowAccount(app: App, followerId: Id, followeeId: Id): Promise<void> {
  const followee = await getAccount(app.db, followeeId)
  await app.db.transaction().execute(async (trx) => {
    const follow = await removeFollow(trx, followerId, followeeId)
    if (!follow || followee.domain === null) return
    const payload = { followerId, followeeId, followUri: follow.uri, isUndo: true }
    await enqueue(trx, 'deliverFollow', payload, { orderingKey: follow.uri })
  })
}

/**
 * Stores a follow of a local or remote account. A local one that is not locked accepts at once; a remote one
 * when its server says so. Undefined when the follow exists already.
 */
export async function addFollow(
  trx: Transaction<Database>,
  followee: Account,
  wish: { id?: Id; followerId: Id; uri: string; show_boosts?: boolean; notify?: boolean },
): Promise<Follow | undefined> {
  const isAccepted = followee.domain === null && !followee.is_locked
  const { followerId, ...values } = wish
  const follow = await insertFollow(trx, {
    ...values,
    follower_id: followerId,
    followee_id: followee.id,
    state: isAccepted ? 'accepted' : 'pending',
  })
  if (!follow) return undefined
  await insertNotifications(trx, [followee.id], {
    kind: isAccepted ? 'follow' : 'follow_request',
    fromAccountId: followerId,
    noteId: null,
  })
  if (isAccepted) await backfillHome(trx, followerId, followee.id)
  return follow
}

/** A remote person said yes, or a local one did. Undefined when there is nothing to accept. */
export async function confirmFollow(
  trx: Transaction<Database>,
  followerId: Id,
  followeeId: Id,
): Promise<Follow | undefined> {
  const follow = await acceptFollow(trx, followerId, followeeId)
  if (!follow) return undefined
  await forgetRequest(trx, follow)
  await insertNotifications(trx, [followeeId], { kind: 'follow', fromAccountId: followerId, noteId: null })
  await backfillHome(trx, followerId, followeeId)
  await fillListsWith(trx, followeeId, followerId)
  return follow
}

/** Ends a follow from either side, with what it brought. Undefined when there was none. */
export async function removeFollow(
  trx: Transaction<Database>,
  followerId: Id,
  followeeId: Id,
): Promise<Follow | undefined> {
  const follow = await deleteFollow(trx, followerId, followeeId)
  if (!follow) return undefined
  await forgetRequest(trx, follow)
  await deleteHomeEntriesOf(trx, followerId, followeeId)
  await deleteListEntriesOf(trx, followerId, followeeId)
  return follow
}

async function forgetRequest(trx: Transaction<Database>, follow: Follow): Promise<void> {
  await deleteNotification(trx, {
    kind: 'follow_request',
    recipientId: follow.followee_id,
    fromAccountId: follow.follower_id,
    noteId: null,
  })
}

/** @throws AppError notFound when nobody of that name asked */
export async function answerFollowRequest(
  app: App,
  followeeId: Id,
  followerId: Id,
  answer: 'Accept' | 'Reject',
): Promise<void> {
  const follower = await getAccount(app.db, followerId)
  await app.db.transaction().execute(async (trx) => {
    const follow =
      answer === 'Accept'
        ? await confirmFollow(trx, followerId, followeeId)
        : await removeFollow(trx, followerId, followeeId)
    if (!follow) throw notFound()
    if (follower.domain !== null) await enqueueAnswer(trx, follow, answer)
  })
}

/** Answers the wish of someone of another server whom a person here refuses: nothing of it is stored. */
export async function refuseFollow(
  trx: Transaction<Database>,
  { followerId, followeeId, uri: followUri }: { followerId: Id; followeeId: Id; uri: string },
): Promise<void> {
  const followId = await newId(trx)
  const payload = { followId, followerId, followeeId, followUri, answer: 'Reject' as const }
  await enqueue(trx, 'answerFollow', payload, { orderingKey: followUri })
}

/** Tells a follower's server what became of the follow. */
export async function enqueueAnswer(
  trx: Transaction<Database>,
  follow: Follow,
  answer: 'Accept' | 'Reject',
): Promise<void> {
  const { id: followId, follower_id: followerId, followee_id: followeeId, uri: followUri } = follow
  const payload = { followId, followerId, followeeId, followUri, answer }
  await enqueue(trx, 'answerFollow', payload, { orderingKey: followUri })
}
