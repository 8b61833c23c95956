import { type Account, lockAccount } from '#src/db/accounts.ts'
import { listFeaturedTags, replaceFeaturedTags } from '#src/db/featured-tags.ts'
import { findNoteRow } from '#src/db/notes.ts'
import { listPinnedNoteIds, replacePins } from '#src/db/pins.ts'
import type { Id } from '#src/db/tables.ts'
import { loadNoteViews } from '#src/notes/view.ts'
import { hashtagFrom, toHashtag } from '../convert/featured.ts'
import { toNote } from '../convert/note.ts'
import { type JsonObject, noteContext, tagContext } from '../convert/vocabulary.ts'
import { isBy } from '../inbox/create.ts'
import { readCollection } from '../remote/collection.ts'
import { idOf, type Node } from '../remote/linked-data.ts'
import { loadNote } from '../remote/notes.ts'
import type { Remote } from '../remote/remote.ts'
import { storeRemoteNote } from '../remote/store-notes.ts'
import { isSameOrigin } from '../trust.ts'
import type { Serving } from './actors.ts'
import { labelsPictures } from './objects.ts'

/** How much of a remote profile is shown here; Mastodon allows its own people five, others have more. */
export const maxPins = 20
export const maxFeaturedTags = 20

/**
 * What someone pinned and everyone may see. Notes are embedded, so that nobody has to ask for each; not so polls, which
 * Mastodon passes over unless they are named by their id.
 */
export async function featuredCollection(
  { app, server }: Pick<Serving, 'app' | 'server'>,
  account: Account,
): Promise<JsonObject> {
  const ids = await listPinnedNoteIds(app.db, account.id, null)
  const [views, isLabelled] = await Promise.all([loadNoteViews(app.db, ids, null), labelsPictures(app)])
  const orderedItems = views.map((view) =>
    view.poll ? view.note.uri : toNote(view, { ownReplyUris: [], isLabelled }, server),
  )
  return {
    '@context': noteContext,
    id: server.uris.featured(account.id),
    type: 'OrderedCollection',
    totalItems: orderedItems.length,
    orderedItems,
  }
}

export async function featuredTagsCollection(
  { app, server }: Pick<Serving, 'app' | 'server'>,
  account: Account,
): Promise<JsonObject> {
  const tags = await listFeaturedTags(app.db, account.id)
  return {
    '@context': tagContext,
    id: server.uris.featuredTags(account.id),
    type: 'Collection',
    totalItems: tags.length,
    items: tags.map(({ name }) => toHashtag(account, name, server)),
  }
}

/** Reads what a remote account pinned. A collection that cannot be read changes nothing. */
export async function readFeatured(remote: Remote, account: Account): Promise<void> {
  if (account.featured_uri === null || !isSameOrigin(account.featured_uri, account.uri)) return
  const collection = await readCollection(remote, account.featured_uri, { maxItems: maxPins, maxRequests: 2 })
  if (!collection) return
  const noteIds: Id[] = []
  // One after the other: they are all on one server.
  for (const item of collection.items) {
    const id = await pinnedNote(remote, account, item)
    if (id !== undefined) noteIds.push(id)
  }
  await remote.app.db.transaction().execute(async (trx) => {
    await lockAccount(trx, account.id)
    await replacePins(trx, account.id, [...new Set(noteIds)])
  })
}

/** An embedded note is believed, since it came from the server of its author. */
async function pinnedNote(remote: Remote, account: Account, item: Node): Promise<Id | undefined> {
  const uri = idOf(item)
  if (uri === undefined) return undefined
  const isEmbedded = isBy(item, account.uri)
  const id = isEmbedded
    ? await storeRemoteNote(remote.app, item, account, { isAsked: true, isNews: false })
    : await loadNote(remote, uri, { isNews: false })
  const note = id === undefined ? undefined : await findNoteRow(remote.app.db, id)
  return note?.account_id === account.id && note.boost_of_id === null && !note.deleted_at
    ? note.id
    : undefined
}

/** Reads which hashtags a remote account has on its profile. */
export async function readFeaturedTags(remote: Remote, account: Account): Promise<void> {
  if (account.featured_tags_uri === null || !isSameOrigin(account.featured_tags_uri, account.uri)) return
  const budget = { maxItems: maxFeaturedTags, maxRequests: 2 }
  const collection = await readCollection(remote, account.featured_tags_uri, budget)
  if (!collection) return
  const names = collection.items.map(hashtagFrom).filter((name) => name !== undefined)
  await remote.app.db.transaction().execute(async (trx) => {
    await lockAccount(trx, account.id)
    await replaceFeaturedTags(trx, account.id, [...new Set(names)])
  })
}
