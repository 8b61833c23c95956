import { findAccountByUri } from '#src/db/accounts.ts'
import { addBlock } from '#src/relationships/block.ts'
import { as, valuesOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { applyOnce } from './apply.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** The actor wants to be neither seen nor followed by one of us. */
export async function onBlock({ app }: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { node, uri, objectUri, actor } = received
  if (!uri || objectUri === undefined) return 'incomplete'
  // Lemmy's moderators ban someone from a community, which is the target.
  if (valuesOf(node, as('target')).length > 0) return 'unknown object'
  const target = await findAccountByUri(app.db, objectUri)
  if (target?.domain !== null || target.kind === 'Application') return 'nothing there'
  if (target.deleted_at || target.suspended_at) return 'gone'
  return applyOnce(app, { uri, byUri: actor.uri }, async (trx) =>
    (await addBlock(trx, actor, target, { uri })) ? 'done' : 'known already',
  )
}
