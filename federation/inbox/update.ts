import { findNoteRowByUri } from '#src/db/notes.ts'
import type { Node } from '../linked-data.ts'
import type { Remote } from '../remote.ts'
import { loadAccount, reviseAccount } from '../remote-accounts.ts'
import { reviseRemoteNote, storeRemoteNote } from '../remote-notes.ts'
import { isSameOrigin } from '../trust.ts'
import { completeObject, isBy } from './create.ts'
import type { ReceivedFrom } from './received.ts'

/** The actor, or a note of theirs, changed. An Update may overtake its Create, and is then the Create. */
export async function onUpdate(remote: Remote, received: ReceivedFrom): Promise<void> {
  const { actor, objectUri } = received
  if (objectUri === undefined || !isSameOrigin(objectUri, actor.uri)) return
  if (objectUri === actor.uri) {
    const isWhole = received.object && (await reviseAccount(remote, received.object, actor))
    if (!isWhole) await loadAccount(remote, actor.uri, { fresh: true })
    return
  }
  const note = await findNoteRowByUri(remote.app.db, objectUri)
  if (note && note.account_id !== actor.id) return
  const node = await objectOf(remote, received, objectUri)
  if (!node || !isBy(node, actor.uri)) return
  if (note) await reviseRemoteNote(remote.app, node, actor, note)
  else await storeRemoteNote(remote.app, node, actor, { isAsked: false })
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
