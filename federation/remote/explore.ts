import { isExplorationDue } from '#src/accounts/explore.ts'
import { requestVerification } from '#src/accounts/verify-links.ts'
import { type Account, findAccount, setToldCounts, updateAccount } from '#src/db/accounts.ts'
import { backfillHomesOfFollowers } from '#src/db/home-entries.ts'
import { fillListsWith } from '#src/db/list-entries.ts'
import type { Id } from '#src/db/tables.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import { audienceFrom, visibilityFrom } from '../convert/audience.ts'
import { completeObject, isBy } from '../inbox/create.ts'
import { readFeatured, readFeaturedTags } from '../serving/featured.ts'
import { isSameOrigin } from '../trust.ts'
import { loadAccount } from './accounts.ts'
import { readCollection, readTotal } from './collection.ts'
import { as, idOf, type Node, nodesOf, onlyIdOf, typeOf } from './linked-data.ts'
import type { Remote } from './remote.ts'
import { storeRemoteNote } from './store-notes.ts'

const outboxBudget = { maxItems: 20, maxRequests: 3 }

/**
 * Reads what a remote account has on its profile and posted last, so that it does not look empty here. Nobody is told
 * of any of it, and home feeds get it at the place of its date. At most some thirty requests to one server, each of
 * 1 MiB at most, once a week.
 * @throws FetchFailed when its server does not answer now
 */
export async function exploreAccount(remote: Remote, accountId: Id): Promise<void> {
  const { app } = remote
  const account = await findAccount(app.db, accountId)
  if (!account || !isExplorationDue(account, app.clock.now())) return
  await readFeatured(remote, account)
  await readFeaturedTags(remote, account)
  const notes = await readOutbox(remote, account)
  const followers = await countIn(remote, account, account.followers_uri)
  const following = await countIn(remote, account, account.following_uri)
  if (account.moved_to_uri !== null && account.moved_to_id === null) await readSuccessor(remote, account)
  await app.db.transaction().execute(async (trx) => {
    await setToldCounts(trx, account.id, { notes, followers, following })
    await updateAccount(trx, account.id, { explored_at: app.clock.now() })
    await backfillHomesOfFollowers(trx, account.id)
    await fillListsWith(trx, account.id, null)
    await requestVerification(trx, account)
  })
}

async function countIn(remote: Remote, account: Account, uri: string | null): Promise<number | undefined> {
  return uri !== null && isSameOrigin(uri, account.uri) ? readTotal(remote, uri) : undefined
}

/** Stores what everyone may see; boosts, which are others' words, are left out. Answers how many notes there are. */
async function readOutbox(remote: Remote, account: Account): Promise<number | undefined> {
  // What another server keeps under this address is not the word of this one (FEP-fe34).
  if (account.outbox_uri === null || !isSameOrigin(account.outbox_uri, account.uri)) return undefined
  const outbox = await readCollection(remote, account.outbox_uri, outboxBudget)
  // The oldest first, so that a thread's beginning is here when its end comes.
  for (const item of outbox?.items.toReversed() ?? []) {
    const note = noteOf(item, account)
    if (note) await storeRemoteNote(remote.app, note, account, { isAsked: true, isNews: false })
  }
  return outbox?.totalItems
}

/** The note that an item of the author's own outbox embeds: it came from their server, which may speak for it. */
function noteOf(item: Node, account: Account): Node | undefined {
  if (!typeOf(item, ['Create']) || onlyIdOf(item, as('actor')) !== account.uri) return undefined
  const [object, ...others] = nodesOf(item, as('object'))
  if (!object || others.length > 0) return undefined
  const objectUri = idOf(object)
  const note = completeObject({ node: item, uri: idOf(item), actorUri: account.uri, objectUri, object })
  if (!note || !isBy(note, account.uri)) return undefined
  const visibility = visibilityFrom(audienceFrom(note), account.followers_uri)
  return isForEveryone({ visibility }) ? note : undefined
}

/** Whom they moved to; read once more, the old account points there. */
async function readSuccessor(remote: Remote, account: Account): Promise<void> {
  const target = account.moved_to_uri === null ? undefined : await loadAccount(remote, account.moved_to_uri)
  if (!target?.also_known_as.includes(account.uri)) return
  await remote.app.db
    .transaction()
    .execute((trx) => updateAccount(trx, account.id, { moved_to_id: target.id }))
}
