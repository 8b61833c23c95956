import type { Kysely, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { type Account, updateAccount } from '#src/db/accounts.ts'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import {
  deleteMediaOf,
  deleteNotificationsFrom,
  deleteTiesOf,
  deleteUserOf,
  erasePrivateThings,
  listFollowsOf,
  listLikedNotes,
  listLivingNotesOf,
} from '#src/db/erasure.ts'
import { deleteReactionsOf } from '#src/db/reactions.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { revokeTokensOfAccount } from '#src/db/tokens.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { removeFollow } from '#src/relationships/follow.ts'
import { removeNoteOrBoost } from './boost.ts'
import { removeLike } from './like.ts'

const batchSize = 100

/**
 * Turns an account, of this server or another, into a tombstone: from now on it is nobody's to see, and what it left
 * goes in batches, by a job. Its name stays taken, and its keys stay to sign its last activity.
 */
export async function buryAccount(trx: Transaction<Database>, account: Account, now: Date): Promise<void> {
  await updateAccount(trx, account.id, {
    name: '',
    bio_text: null,
    bio_html: '',
    fields: '[]',
    emojis: '[]',
    avatar_key: null,
    avatar_remote_url: null,
    header_key: null,
    header_remote_url: null,
    also_known_as: [],
    moved_to_id: null,
    moved_to_uri: null,
    deleted_at: now,
  })
  const keys = [account.avatar_key, account.header_key].filter((key) => key !== null)
  if (keys.length > 0) await enqueue(trx, 'deleteFiles', { keys })
  await enqueue(trx, 'eraseAccount', { accountId: account.id }, { dedupeKey: account.id })
}

/** Deletes an account of this server for good, and has every server that knows it told. */
export async function deleteAccount(
  app: Pick<App, 'db' | 'clock'>,
  account: Account,
  deletedBy: Id | null,
): Promise<void> {
  const now = app.clock.now()
  await app.db.transaction().execute(async (trx) => {
    await buryAccount(trx, account, now)
    await deleteUserOf(trx, account.id)
    await revokeTokensOfAccount(trx, account.id, now)
    await erasePrivateThings(trx, account.id)
    await insertAuditEntry(trx, { actorId: deletedBy, action: 'account.delete', subject: account.username })
    const payload = { accountId: account.id, activity: 'Delete' as const }
    await enqueue(trx, 'deliverAccount', payload, { orderingKey: account.uri })
  })
}

/** Removes what an account wrote, liked, followed and painted; a second run goes on where the first ended. */
export async function eraseAccount(db: Kysely<Database>, accountId: Id): Promise<void> {
  await inBatches(db, (trx) => eraseNotes(trx, accountId))
  await inBatches(db, (trx) => eraseMedia(trx, accountId))
  await inBatches(db, (trx) => eraseLikes(trx, accountId))
  await deleteReactionsOf(db, accountId)
  await inBatches(db, (trx) => eraseFollows(trx, accountId))
  await deleteTiesOf(db, accountId)
  await deleteNotificationsFrom(db, accountId)
}

async function inBatches(
  db: Kysely<Database>,
  eraseSome: (trx: Transaction<Database>) => Promise<number>,
): Promise<void> {
  for (let erased = batchSize; erased === batchSize; ) erased = await db.transaction().execute(eraseSome)
}

async function eraseNotes(trx: Transaction<Database>, accountId: Id): Promise<number> {
  const notes = await listLivingNotesOf(trx, accountId, batchSize)
  for (const note of notes) await removeNoteOrBoost(trx, note)
  return notes.length
}

async function eraseMedia(trx: Transaction<Database>, accountId: Id): Promise<number> {
  const { count, keys } = await deleteMediaOf(trx, accountId, batchSize)
  if (keys.length > 0) await enqueue(trx, 'deleteFiles', { keys })
  return count
}

async function eraseLikes(trx: Transaction<Database>, accountId: Id): Promise<number> {
  const notes = await listLikedNotes(trx, accountId, batchSize)
  for (const note of notes) await removeLike(trx, note, accountId)
  return notes.length
}

async function eraseFollows(trx: Transaction<Database>, accountId: Id): Promise<number> {
  const follows = await listFollowsOf(trx, accountId, batchSize)
  for (const follow of follows) await removeFollow(trx, follow.follower_id, follow.followee_id)
  return follows.length
}
