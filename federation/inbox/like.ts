import { addLike } from '#src/notes/like.ts'
import { hasContent } from '../convert/reaction.ts'
import type { Remote } from '../remote/remote.ts'
import { applyOnce } from './apply.ts'
import type { Outcome } from './outcome.ts'
import { onReaction } from './reaction.ts'
import type { ReceivedFrom } from './received.ts'
import { findVisibleObject } from './visible-object.ts'

/** The actor likes a note they can see. With content it is a reaction (Misskey), which is no like. */
export async function onLike(remote: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { app } = remote
  const { node, uri, actor } = received
  if (hasContent(node)) return onReaction(remote, received)
  if (!uri) return 'incomplete'
  const note = await findVisibleObject(app, received)
  if (typeof note === 'string') return note
  return applyOnce(app, { uri, byUri: actor.uri }, async (trx) =>
    (await addLike(trx, note, { accountId: actor.id, uri })) ? 'done' : 'known already',
  )
}
