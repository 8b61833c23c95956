import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { type Account, findAccountByUri } from '#src/db/accounts.ts'
import { findNoteRow, findNoteRowByUri } from '#src/db/notes.ts'
import { listNotesByAuthorization } from '#src/db/quotes.ts'
import { buryUri, lockUris } from '#src/db/remote-notes.ts'
import type { Database } from '#src/db/tables.ts'
import { removeRemoteNote } from '#src/notes/boost.ts'
import { buryAccount } from '#src/notes/erase-account.ts'
import { deliverChange, setQuoteState } from '#src/notes/quote.ts'
import type { Remote } from '../remote/remote.ts'
import { isSameOrigin } from '../trust.ts'
import type { Outcome } from './outcome.ts'
import type { Received } from './received.ts'

/** A note of the actor's, or the actor, is gone, or a quote no longer allowed. Nothing is read from elsewhere for it: most of these concern nobody here. */
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
    if (actor && (await endQuotes(trx, app, { actor, proof: objectUri }))) return 'done'
    await buryUri(trx, { uri: objectUri, byUri: actorUri, kind: 'note', now })
    return 'nothing there'
  })
}

/** Takes back what an author allowed: the notes that quote with this proof no longer show theirs. */
async function endQuotes(
  trx: Transaction<Database>,
  app: App,
  { actor, proof }: { actor: Account; proof: string },
): Promise<boolean> {
  let isAny = false
  for (const quoting of await listNotesByAuthorization(trx, proof)) {
    const quoted = quoting.quote_of_id === null ? undefined : await findNoteRow(trx, quoting.quote_of_id)
    if (quoted?.account_id !== actor.id) continue
    isAny = true
    const revoked = await setQuoteState(trx, quoting, { state: 'revoked', authorizationUri: null })
    if (revoked?.is_local) await deliverChange(trx, app, revoked)
  }
  return isAny
}
