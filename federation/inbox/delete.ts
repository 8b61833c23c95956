import { findAccountByUri } from '#src/db/accounts.ts'
import { findNoteRowByUri } from '#src/db/notes.ts'
import { buryUri, lockUris } from '#src/db/remote-notes.ts'
import { removeRemoteNote } from '#src/notes/boost.ts'
import { buryAccount } from '#src/notes/erase-account.ts'
import type { Remote } from '../remote.ts'
import { isSameOrigin } from '../trust.ts'
import type { Outcome } from './outcome.ts'
import type { Received } from './received.ts'

/** A note of the actor's, or the actor, is gone. Nothing is read from elsewhere for it: most of these concern nobody here. */
export async function onDelete({ app }: Remote, { actorUri, objectUri }: Received): Promise<Outcome> {
  if (objectUri === undefined) return 'incomplete'
  if (!isSameOrigin(objectUri, actorUri)) return 'not theirs'
  const now = app.clock.now()
  return app.db.transaction().execute(async (trx) => {
    await lockUris(trx, [objectUri])
    const actor = await findAccountByUri(trx, actorUri)
    if (objectUri === actorUri) {
      if (!actor || actor.deleted_at) return 'nothing there'
      await buryAccount(trx, actor, now)
      return 'done'
    }
    const note = await findNoteRowByUri(trx, objectUri)
    if (note && note.account_id !== actor?.id) return 'not theirs'
    if (note) return (await removeRemoteNote(trx, note)) ? 'done' : 'gone'
    await buryUri(trx, { uri: objectUri, byUri: actorUri, kind: 'note', now })
    return 'nothing there'
  })
}
