import { findNoteRowByUri, findVisibleNote } from '#src/db/notes.ts'
import { isBuried, lockUris } from '#src/db/remote-notes.ts'
import { addLike } from '#src/notes/like.ts'
import { as, textOf } from '../linked-data.ts'
import type { Remote } from '../remote.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** The actor likes a note they can see. With content it is a reaction (Misskey), which is no like. */
export async function onLike(
  { app }: Remote,
  { node, uri, objectUri, actor }: ReceivedFrom,
): Promise<Outcome> {
  if (!uri || objectUri === undefined) return 'incomplete'
  if (textOf(node, as('content'))) return 'unknown activity'
  const row = await findNoteRowByUri(app.db, objectUri)
  const note = row && (await findVisibleNote(app.db, row.id, actor.id))
  if (!note || note.boost_of_id !== null) return 'nothing there'
  return app.db.transaction().execute(async (trx) => {
    await lockUris(trx, [uri])
    if (await isBuried(trx, { uri, byUri: actor.uri, now: app.clock.now() })) return 'gone'
    return (await addLike(trx, note, { accountId: actor.id, uri })) ? 'done' : 'known already'
  })
}
