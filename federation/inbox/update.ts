import { findNoteRowByUri } from '#src/db/notes.ts'
import { loadAccount, reviseAccount } from '../remote/accounts.ts'
import type { Node } from '../remote/linked-data.ts'
import { reviseRemoteNote } from '../remote/notes.ts'
import type { Remote } from '../remote/remote.ts'
import { storeRemoteNote } from '../remote/store-notes.ts'
import { isSameOrigin } from '../trust.ts'
import { completeObject, isBy } from './create.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** The actor, or a note of theirs, changed. An Update may overtake its Create, and is then the Create. */
export async function onUpdate(remote: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { actor, objectUri } = received
  if (objectUri === undefined) return 'incomplete'
  if (!isSameOrigin(objectUri, actor.uri)) return 'not theirs'
  if (objectUri === actor.uri) {
    const isWhole = received.object && (await reviseAccount(remote, received.object, actor))
    if (!isWhole) await loadAccount(remote, actor.uri, { fresh: true })
    return 'done'
  }
  const note = await findNoteRowByUri(remote.app.db, objectUri)
  if (note && note.account_id !== actor.id) return 'not theirs'
  const node = await objectOf(remote, received, objectUri)
  if (!node) return 'unconfirmed'
  if (!isBy(node, actor.uri)) return 'not theirs'
  if (note) return reviseRemoteNote(remote.app, node, actor, note)
  const noteId = await storeRemoteNote(remote.app, node, actor, { isAsked: false })
  return noteId === undefined ? 'not for us' : 'done'
}

async function objectOf(
  remote: Remote,
  received: ReceivedFrom,
  objectUri: string,
): Promise<Node | undefined> {
  if (received.object) return completeObject(received)
  const fetched = await remote.fetch(objectUri, { fresh: true })
  return fetched.outcome === 'found' && fetched.uri === objectUri ? fetched.node : undefined
}
