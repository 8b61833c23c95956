import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { App } from '#src/app.ts'
import { findAccount, findAccountByUri } from '#src/db/accounts.ts'
import { listFollowerDigests, listFollowerUrisOn, listLocalFollowersOf } from '#src/db/followers-sync.ts'
import { newId } from '#src/db/notes.ts'
import { listLivingAccountsByUris, lockUris } from '#src/db/remote-notes.ts'
import type { Id } from '#src/db/tables.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { Envelope } from '#src/jobs/deliveries.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { confirmFollow, removeFollow } from '#src/relationships/follow.ts'
import { plainContext } from '../convert/vocabulary.ts'
import type { LoadFedify } from '../fedify.ts'
import type { Serving } from '../serving/actors.ts'
import { notFoundResponse, privateResponse } from '../serving/documents.ts'
import { localAccountId } from '../signatures/keys.ts'
import { findSigner, isSameOrigin } from '../trust.ts'
import { readCollection } from './collection.ts'
import { idOf } from './linked-data.ts'
import type { Remote } from './remote.ts'

// FEP-8fcf: who sends a note for followers says, by a digest, whom of the receiving server it takes for followers.
// Where the two servers differ, the receiving one asks and follows suit.

export const synchronizationHeader = 'collection-synchronization'

/** Of nobody. */
const emptyDigest = '0'.repeat(64)
const maxFollowers = 10_000
const maxRequests = 40
/** What a server makes up must not have us write to it without end; the next digest takes back the rest. */
const maxStrays = 100
/** A fan-out asks for each of its servers; one that is told what was true a moment ago finds out when it asks. */
const digestsLifeMs = 2_000

/** The header for a delivery, made when it is sent: a retry after days must not speak of the followers of then. */
export type DigestOf = (
  delivery: Pick<JobPayload<'deliver'>, 'inbox' | 'actorIds'>,
  sender: Pick<Envelope, 'keyIds'>,
) => Promise<Record<string, string>>

export function createFollowersDigest(app: App): DigestOf {
  const known = new LRUCache<Id, { at: number; digests: Promise<Map<string, string>> }>({ max: 100 })

  function digestsOf(accountId: Id): Promise<Map<string, string>> {
    const now = app.clock.now().getTime()
    const kept = known.get(accountId)
    if (kept && Math.abs(now - kept.at) < digestsLifeMs) return kept.digests
    const digests = listFollowerDigests(app.db, accountId)
    known.set(accountId, { at: now, digests })
    digests.catch(() => known.delete(accountId))
    return digests
  }

  return async ({ inbox, actorIds }, { keyIds: [keyId = ''] }): Promise<Record<string, string>> => {
    const accountId = localAccountId(app, keyId)
    const host = URL.parse(inbox)?.host
    // An inbox that is not where its people are says nothing of whose followers it stands for.
    if (accountId === undefined || !host || actorIds.some((uri) => URL.parse(uri)?.host !== host)) return {}
    const digest = (await digestsOf(accountId)).get(host) ?? emptyDigest
    const [collection, url] = [app.uris.followers(accountId), app.uris.followersSynchronization(accountId)]
    return { [synchronizationHeader]: `collectionId="${collection}", digest="${digest}", url="${url}"` }
  }
}

/** GET of those followers of an account that are on the server that asks, and signs. Whole, or it would mislead. */
export async function followersSynchronizationResponse(
  { app, loadFedify }: Serving & { loadFedify: LoadFedify },
  request: Request,
  accountId: Id,
): Promise<Response> {
  const account = await findAccount(app.db, accountId)
  if (!account || account.domain !== null || account.deleted_at || account.suspended_at)
    return notFoundResponse()
  const signer = await findSigner(loadFedify, app, request)
  if (signer === null) return new Response('To be asked for with a signature', { status: 401 })
  return privateResponse(request, {
    '@context': plainContext,
    id: app.uris.followersSynchronization(accountId),
    type: 'OrderedCollection',
    orderedItems: await listFollowerUrisOn(app.db, accountId, new URL(signer).host),
  })
}

const parameter = /(collectionId|digest|url)="([^"]{1,2048})"/g

/**
 * Looks at what a verified delivery says about its actor's followers here. A hint, no more: what follows from it is
 * read at the actor's own server.
 */
export async function noticeDigest({ app }: Remote, header: string | null, actorUri: string): Promise<void> {
  if (header === null || header.length > 8_192) return
  const { collectionId, digest, url }: Record<string, string> = Object.fromEntries(
    [...header.matchAll(parameter)].map(([, name, value]) => [name, value]),
  )
  if (!url || !digest || !/^[0-9a-f]{64}$/i.test(digest) || !isSameOrigin(url, actorUri)) return
  const actor = await findAccountByUri(app.db, actorUri)
  if (!actor || actor.domain === null || actor.deleted_at || actor.followers_uri !== collectionId) return
  const promised = digest.toLowerCase()
  const ours = (await listFollowerDigests(app.db, actor.id)).get(new URL(app.publicUrl).host) ?? emptyDigest
  if (ours === promised) return
  await app.db
    .transaction()
    .execute((trx) =>
      enqueue(trx, 'syncFollowers', { accountId: actor.id, url, digest: promised }, { dedupeKey: actor.id }),
    )
}

/**
 * Ends follows of ours that the followed account's server does not know, and takes back those it alone knows. Nothing
 * happens unless what it lists is what it promised: a page that is missing must cost nobody a follow.
 */
export async function syncFollowers(
  remote: Remote,
  { accountId, url, digest }: JobPayload<'syncFollowers'>,
): Promise<void> {
  const { app } = remote
  const account = await findAccount(app.db, accountId)
  if (!account || account.domain === null || account.deleted_at || !isSameOrigin(url, account.uri)) return
  const read = await readCollection(remote, url, { maxItems: maxFollowers, maxRequests, fresh: true })
  const listed = new Set(
    read?.items.flatMap((item) => idOf(item) ?? []).filter((uri) => app.uris.isLocal(uri)),
  )
  if (!read || digestOf(listed) !== digest) return
  const ours = await listLocalFollowersOf(app.db, accountId)
  const known = new Set(ours.map(({ uri }) => uri))
  const unknown = [...listed].filter((uri) => !known.has(uri)).slice(0, maxStrays)
  const strays = (await listLivingAccountsByUris(app.db, unknown)).filter(({ domain }) => domain === null)
  await app.db.transaction().execute(async (trx) => {
    await lockUris(trx, [url])
    for (const { id, uri, state } of ours) {
      if (state === 'accepted' && !listed.has(uri)) await removeFollow(trx, id, accountId)
      // Their answer went astray.
      if (state === 'pending' && listed.has(uri)) await confirmFollow(trx, id, accountId)
    }
    for (const { id: followerId } of strays) {
      const followUri = app.uris.follow(followerId, await newId(trx))
      const payload = { followerId, followeeId: accountId, followUri, isUndo: true }
      await enqueue(trx, 'deliverFollow', payload, { orderingKey: followUri })
    }
  })
}

/** https://codeberg.org/fediverse/fep/src/branch/main/fep/8fcf/fep-8fcf.md */
export function digestOf(uris: Iterable<string>): string {
  const sum = Buffer.alloc(32)
  for (const uri of uris) {
    const hash = createHash('sha256').update(uri).digest()
    for (let index = 0; index < sum.length; index += 1) sum[index] = (sum[index] ?? 0) ^ (hash[index] ?? 0)
  }
  return sum.toString('hex')
}
