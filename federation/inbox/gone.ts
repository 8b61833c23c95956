import type { UnverifiedActivityReason } from '@fedify/fedify'
import type { App } from '#src/app.ts'
import { isAppError } from '#src/base/errors.ts'
import { FetchFailed } from '#src/base/fetch-errors.ts'
import { findAccount, findAccountByUri } from '#src/db/accounts.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { buryAccount } from '#src/notes/erase-account.ts'
import { as, hasType, type Node, onlyIdOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'

const retryAfterSeconds = '300'
const askedAgainAfterMs = 3 * 24 * 60 * 60_000

/**
 * Answers what nobody's key fits. A deleted actor's key is gone with it, so that nobody can sign its Delete: accepted,
 * and its server asked later. A key that cannot be had now is not a wrong one (Mastodon answers 503 too).
 */
export async function onUnverified(
  { app }: Remote,
  { node, actor }: { node: Node; actor: string },
  reason: UnverifiedActivityReason,
): Promise<Response | undefined> {
  if (reason.type !== 'keyFetchError') return undefined
  const { result } = reason
  if ('error' in result) return isTemporary(result.error) ? comeBack() : undefined
  if (result.status >= 500 || result.status === 429) return comeBack()
  const isGone = result.status === 404 || result.status === 410
  if (!isGone || !hasType(node, as('Delete')) || onlyIdOf(node, as('object')) !== actor) return undefined
  if (URL.parse(actor)?.host !== reason.keyId.host) return undefined
  await askWhetherGone(app, actor)
  return new Response(null, { status: 202 })
}

function isTemporary(error: Error): boolean {
  return error instanceof FetchFailed || !isAppError(error)
}

function comeBack(): Response {
  return new Response('The key could not be fetched', {
    status: 503,
    headers: { 'retry-after': retryAfterSeconds },
  })
}

/** Has a job ask the server of an account that is known here whether it is gone. */
export async function askWhetherGone(app: App, uri: string): Promise<void> {
  const account = await findAccountByUri(app.db, uri)
  if (!account || account.domain === null || account.deleted_at) return
  const { id: accountId } = account
  await app.db
    .transaction()
    .execute((trx) => enqueue(trx, 'confirmAccountGone', { accountId }, { dedupeKey: accountId }))
}

/**
 * Buries an account whose own server says that it is gone. 404 is also what a server says on a bad day, or to
 * strangers: it has to say so twice, days apart.
 */
export async function confirmAccountGone(
  remote: Remote,
  { accountId, wasMissing }: JobPayload<'confirmAccountGone'>,
): Promise<void> {
  const { app } = remote
  const account = await findAccount(app.db, accountId)
  if (!account || account.domain === null || account.deleted_at) return
  const fetched = await remote.fetch(account.uri, { fresh: true })
  if (fetched.outcome !== 'gone') return
  const now = app.clock.now()
  await app.db.transaction().execute(async (trx) => {
    if (fetched.isForGood || wasMissing) return buryAccount(trx, account, now)
    const runAt = new Date(now.getTime() + askedAgainAfterMs)
    const again = { accountId, wasMissing: true }
    await enqueue(trx, 'confirmAccountGone', again, { runAt, dedupeKey: `${accountId} again` })
  })
}
