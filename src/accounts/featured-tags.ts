import type { App } from '#src/app.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { hashtagFrom } from '#src/base/text.ts'
import { lockAccount } from '#src/db/accounts.ts'
import {
  countFeaturedTags,
  deleteFeaturedTag,
  type FeaturedTag,
  insertFeaturedTag,
  listFeaturedTags,
} from '#src/db/featured-tags.ts'
import type { Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'

/** Mastodon's. */
export const maxFeaturedTags = 10

/**
 * Shows a hashtag on the profile. One that stands there already is answered as it is.
 * @param typed with or without the sign
 * @throws AppError invalid for what is no hashtag, and for the eleventh
 */
export async function featureTag(app: App, accountId: Id, typed: string): Promise<FeaturedTag> {
  const name = tagNameOf(typed)
  await app.db.transaction().execute(async (trx) => {
    await lockAccount(trx, accountId)
    const added = await insertFeaturedTag(trx, accountId, name)
    if (!added) return
    if ((await countFeaturedTags(trx, accountId)) > maxFeaturedTags) {
      throw new AppError(
        'invalid',
        'Validation failed: You have already featured the maximum number of hashtags',
      )
    }
    const payload = { accountId, activity: 'Add' as const, changeId: added.id, object: tagObject(name) }
    await enqueue(trx, 'deliverFeatured', payload, { orderingKey: `featured ${accountId}` })
  })
  const featured = (await listFeaturedTags(app.db, accountId)).find((tag) => tag.name === name)
  if (!featured) throw notFound()
  return featured
}

/**
 * Answers false when it was not featured.
 * @param which the id of the featuring, or the name, normalised
 */
export function unfeatureTag(
  app: App,
  accountId: Id,
  which: { id: Id } | { name: string },
): Promise<boolean> {
  return app.db.transaction().execute(async (trx) => {
    const removed = await deleteFeaturedTag(trx, accountId, which)
    if (!removed) return false
    const { id: changeId, name } = removed
    const payload = { accountId, activity: 'Remove' as const, changeId, object: tagObject(name) }
    await enqueue(trx, 'deliverFeatured', payload, { orderingKey: `featured ${accountId}` })
    return true
  })
}

const tagObject = (name: string) => ({ kind: 'tag' as const, name })

function tagNameOf(typed: string): string {
  const name = hashtagFrom(typed.trim().replace(/^#/, ''))
  if (name === undefined) throw new AppError('invalid', 'Validation failed: Name is invalid')
  return name
}
