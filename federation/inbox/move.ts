import { type Account, lockAccount, updateAccount } from '#src/db/accounts.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { loadAccount } from '../remote/accounts.ts'
import { as, onlyIdOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** Followers are led on once in so long, as on Mastodon. */
const settledForMs = 7 * 24 * 60 * 60_000

/**
 * The actor moved to another account, which has to say so too: both are read anew. Whoever follows here follows the
 * new one instead.
 * @throws FetchFailed when a server does not answer now
 */
export async function onMove(remote: Remote, { node, actor, objectUri }: ReceivedFrom): Promise<Outcome> {
  const { app } = remote
  const targetUri = onlyIdOf(node, as('target'))
  if (objectUri === undefined || targetUri === undefined) return 'incomplete'
  if (objectUri !== actor.uri || targetUri === actor.uri) return 'not theirs'
  const now = app.clock.now()
  if (isSettled(actor, now)) return 'known already'
  const origin = await loadAccount(remote, actor.uri, { fresh: true })
  // Pleroma's actors do not say where they moved; the others' may not say something else.
  if (origin && origin.moved_to_uri !== null && origin.moved_to_uri !== targetUri) return 'not theirs'
  const target = await readTarget(remote, targetUri)
  if (!target?.also_known_as.includes(actor.uri) || target.moved_to_uri !== null) return 'unconfirmed'
  return app.db.transaction().execute(async (trx) => {
    const account = await lockAccount(trx, actor.id)
    if (!account || account.deleted_at) return 'gone'
    if (isSettled(account, now)) return 'known already'
    const moved = { moved_to_id: target.id, moved_to_uri: target.uri, moved_at: now }
    await updateAccount(trx, account.id, moved)
    await enqueue(trx, 'moveFollowers', { fromId: account.id, toId: target.id }, { dedupeKey: account.id })
    return 'done'
  })
}

function isSettled({ moved_at }: Account, now: Date): boolean {
  return moved_at !== null && now.getTime() - moved_at.getTime() < settledForMs
}

/** As its own server shows it now: what was known here may be older than the alias. */
async function readTarget(remote: Remote, uri: string): Promise<Account | undefined> {
  if (!remote.app.uris.isLocal(uri)) {
    const { outcome } = await remote.fetch(uri, { fresh: true })
    if (outcome !== 'found') return undefined
  }
  return loadAccount(remote, uri, { fresh: true })
}
