import type { App } from '#src/app.ts'
import { isBlocking } from '#src/db/blocks.ts'
import { findNoteRow, findNoteRowByUri, type Note, newId } from '#src/db/notes.ts'
import { hasLocalFollower } from '#src/db/remote-notes.ts'
import type { Visibility } from '#src/db/tables.ts'
import { addBoost, isBoostable } from '#src/notes/boost.ts'
import { audienceFrom, visibilityFrom } from '../convert/audience.ts'
import { as, dateOf, hasType, onlyIdOf } from '../remote/linked-data.ts'
import { loadNote } from '../remote/notes.ts'
import type { Remote } from '../remote/remote.ts'
import { applyOnce } from './apply.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** The actor passes a note on. Whatever is embedded, the note itself is read at its origin. */
export async function onAnnounce(remote: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { app } = remote
  const { uri, actor } = received
  if (isOtherActivity(received)) return 'unknown activity'
  const noteUri = boostedUri(received)
  if (!uri || noteUri === undefined) return 'incomplete'
  const note = await findBoosted(remote, received, noteUri)
  if (!note) return 'not for us'
  if (note.deleted_at || !isBoostable(note)) return 'nothing there'
  if (await isBlocking(app.db, note.account_id, actor.id)) return 'blocked'
  const publishedAt = publishedOf(app, received)
  const id = await newId(app.db, publishedAt)
  return applyOnce(app, { uri, byUri: actor.uri }, async (trx) => {
    const boost = await addBoost(trx, note, {
      id,
      uri,
      url: uri,
      accountId: actor.id,
      isLocal: false,
      visibility: visibilityOf(received),
      publishedAt,
    })
    return boost ? 'done' : 'known already'
  })
}

/** Groups announce the activities of their members (FEP-1b12): of these, what was newly written counts. */
function boostedUri({ object, objectUri }: ReceivedFrom): string | undefined {
  return object && hasType(object, as('Create')) ? onlyIdOf(object, as('object')) : objectUri
}

/** Likes, edits and removals by others reach us from those who did them, or not at all. */
function isOtherActivity({ object }: ReceivedFrom): boolean {
  if (!object || hasType(object, as('Create'))) return false
  // Lemmy has kinds of its own, such as Lock; whatever has an actor and an object is an activity.
  return onlyIdOf(object, as('actor')) !== undefined && object[as('object')] !== undefined
}

/** What is unknown here is read only for someone here who follows the actor. */
async function findBoosted(
  remote: Remote,
  { actor }: ReceivedFrom,
  noteUri: string,
): Promise<Note | undefined> {
  const { db, uris } = remote.app
  const known = await findNoteRowByUri(db, noteUri)
  if (known || uris.isLocal(noteUri) || !(await hasLocalFollower(db, actor.id))) return known
  const id = await loadNote(remote, noteUri)
  return id === undefined ? undefined : findNoteRow(db, id)
}

function visibilityOf({ node, actor }: ReceivedFrom): Visibility {
  const visibility = visibilityFrom(audienceFrom(node), actor.followers_uri)
  return visibility === 'direct' ? 'followers' : visibility
}

function publishedOf({ clock }: App, { node }: ReceivedFrom): Date {
  const now = clock.now()
  const published = dateOf(node, as('published'))
  return published && published < now ? published : now
}
