import { isBlocking } from '#src/db/blocks.ts'
import { findNoteRowByUri, findVisibleNote } from '#src/db/notes.ts'
import { isBuried, lockUris } from '#src/db/remote-notes.ts'
import { addLike } from '#src/notes/like.ts'
import { hasContent } from '../convert/reaction.ts'
import type { Remote } from '../remote.ts'
import type { Outcome } from './outcome.ts'
import { onReaction } from './reaction.ts'
import type { ReceivedFrom } from './received.ts'

/** The actor likes a note they can see. With content it is a reaction (Misskey), which is no like. */
export async function onLike(remote: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { app } = remote
  const { node, uri, objectUri, actor } = received
  if (hasContent(node)) return onReaction(remote, received)
  if (!uri || objectUri === undefined) return 'incomplete'
  const row = await findNoteRowByUri(app.db, objectUri)
  const note = row && (await findVisibleNote(app.db, row.id, actor.id))
  if (row && !note && (await isBlocking(app.db, row.account_id, actor.id))) return 'blocked'
  if (!note || note.boost_of_id !== null) return 'nothing there'
  return app.db.transaction().execute(async (trx) => {
    await lockUris(trx, [uri])
    if (await isBuried(trx, { uri, byUri: actor.uri, now: app.clock.now() })) return 'gone'
    return (await addLike(trx, note, { accountId: actor.id, uri })) ? 'done' : 'known already'
  })
}
