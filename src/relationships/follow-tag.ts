import type { App } from '#src/app.ts'
import type { Id } from '#src/db/tables.ts'
import { deleteTagFollow, deleteTaggedFromHome, insertTagFollow } from '#src/db/tag-follows.ts'

/** From now on public notes under a hashtag stand in someone's home feed. @param name normalised */
export async function followTag(app: App, accountId: Id, name: string): Promise<void> {
  await app.db.transaction().execute((trx) => insertTagFollow(trx, accountId, name))
}

/** What the hashtag brought leaves the home feed. @param name normalised */
export async function unfollowTag(app: App, accountId: Id, name: string): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    const ended = await deleteTagFollow(trx, accountId, name)
    if (ended) await deleteTaggedFromHome(trx, accountId, ended.tag_id)
  })
}
