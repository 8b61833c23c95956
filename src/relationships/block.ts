import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { notAllowed, notFound } from '#src/base/errors.ts'
import { type Account, findAccount, getAccount } from '#src/db/accounts.ts'
import { type Block, deleteBlock, insertBlock, isBlocking } from '#src/db/blocks.ts'
import { deleteConversationsWith } from '#src/db/conversations.ts'
import { newId } from '#src/db/notes.ts'
import { deleteNotificationsBetween } from '#src/db/notifications.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { endFollow } from './end-follow.ts'

/**
 * Blocks someone: neither follows the other any more, and nothing of them is left in feed and notifications. Their
 * server is told, as everywhere in this field: it is what makes it hide the blocker's notes.
 * @throws AppError notFound; forbidden for oneself
 */
export async function blockAccount(app: App, accountId: Id, targetId: Id): Promise<void> {
  if (accountId === targetId) throw notAllowed()
  const [account, target] = await Promise.all([getAccount(app.db, accountId), getAccount(app.db, targetId)])
  await app.db.transaction().execute(async (trx) => {
    const id = await newId(trx)
    const block = await addBlock(trx, account, target, { id, uri: app.uris.block(accountId, id) })
    if (block) await deliverBlock(trx, block, target, false)
  })
}

/** @throws AppError notFound */
export async function unblockAccount(app: App, accountId: Id, targetId: Id): Promise<void> {
  const target = await findAccount(app.db, targetId)
  if (!target) throw notFound()
  await app.db.transaction().execute(async (trx) => {
    const block = await deleteBlock(trx, accountId, targetId)
    if (block) await deliverBlock(trx, block, target, true)
  })
}

/** Undefined when the one blocks the other already. For local and remote people alike. */
export async function addBlock(
  trx: Transaction<Database>,
  account: Account,
  target: Account,
  { id, uri }: { id?: Id; uri: string },
): Promise<Block | undefined> {
  const block = await insertBlock(trx, {
    ...(id !== undefined && { id }),
    account_id: account.id,
    target_id: target.id,
    uri,
  })
  if (!block) return undefined
  await endFollow(trx, { follower: account, followee: target, by: account })
  await endFollow(trx, { follower: target, followee: account, by: account })
  await deleteNotificationsBetween(trx, account.id, target.id)
  await deleteConversationsWith(trx, account.id, target.id)
  return block
}

/**
 * Nobody hands on or praises what they do not want to see.
 * @throws AppError forbidden
 */
export async function refuseBlocked({ db }: Pick<App, 'db'>, viewerId: Id, authorId: Id): Promise<void> {
  if (await isBlocking(db, viewerId, authorId)) throw notAllowed()
}

async function deliverBlock(
  trx: Transaction<Database>,
  block: Block,
  target: Account,
  isUndo: boolean,
): Promise<void> {
  if (target.domain === null) return
  const { account_id: accountId, target_id: targetId, uri: blockUri } = block
  await enqueue(trx, 'deliverBlock', { accountId, targetId, blockUri, isUndo }, { orderingKey: blockUri })
}
