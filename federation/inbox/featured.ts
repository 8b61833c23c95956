import type { Kysely } from 'kysely'
import { lockAccount } from '#src/db/accounts.ts'
import { countFeaturedTags, deleteFeaturedTag, insertFeaturedTag } from '#src/db/featured-tags.ts'
import { findNoteRow, findNoteRowByUri } from '#src/db/notes.ts'
import { deletePin, insertPin, trimPins } from '#src/db/pins.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { carriedHashtagFrom } from '../convert/featured.ts'
import { as, onlyIdOf } from '../remote/linked-data.ts'
import { loadNote } from '../remote/notes.ts'
import type { Remote } from '../remote/remote.ts'
import { maxFeaturedTags, maxPins } from '../serving/featured.ts'
import { isSameOrigin } from '../trust.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/**
 * The actor put a note of theirs, or a hashtag, on their own profile. Other collections are none of ours: Lemmy's
 * groups keep their moderators in one.
 */
export async function onAdd(remote: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { actor, object, objectUri } = received
  if (!isOwnProfile(received)) return 'unknown object'
  const tag = carriedHashtagFrom(object)
  if (tag !== undefined) return addTag(remote.app.db, actor.id, tag)
  if (objectUri === undefined) return 'incomplete'
  if (!isSameOrigin(objectUri, actor.uri)) return 'not theirs'
  const noteId = await loadNote(remote, objectUri, { isNews: false })
  const note = noteId === undefined ? undefined : await findNoteRow(remote.app.db, noteId)
  if (!note || note.deleted_at || note.boost_of_id !== null) return 'nothing there'
  if (note.account_id !== actor.id) return 'not theirs'
  return remote.app.db.transaction().execute(async (trx) => {
    await lockAccount(trx, actor.id)
    if (!(await insertPin(trx, note))) return 'known already'
    await trimPins(trx, actor.id, maxPins)
    return 'done'
  })
}

/** The actor took it from their profile. */
export async function onRemove({ app }: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { actor, object, objectUri } = received
  if (!isOwnProfile(received)) return 'unknown object'
  const tag = carriedHashtagFrom(object)
  return app.db.transaction().execute(async (trx) => {
    if (tag !== undefined) {
      return (await deleteFeaturedTag(trx, actor.id, { name: tag })) ? 'done' : 'nothing there'
    }
    if (objectUri === undefined) return 'incomplete'
    const note = await findNoteRowByUri(trx, objectUri)
    if (!note) return 'nothing there'
    if (note.account_id !== actor.id) return 'not theirs'
    return (await deletePin(trx, note)) ? 'done' : 'nothing there'
  })
}

function isOwnProfile({ node, actor }: ReceivedFrom): boolean {
  const target = onlyIdOf(node, as('target'))
  return target !== undefined && (target === actor.featured_uri || target === actor.featured_tags_uri)
}

function addTag(db: Kysely<Database>, accountId: Id, name: string): Promise<Outcome> {
  return db.transaction().execute(async (trx) => {
    await lockAccount(trx, accountId)
    if ((await countFeaturedTags(trx, accountId)) >= maxFeaturedTags) return 'not for us'
    return (await insertFeaturedTag(trx, accountId, name)) ? 'done' : 'known already'
  })
}
