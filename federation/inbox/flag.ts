import { htmlToPlainText } from '#src/base/html.ts'
import { type Account, findAccount } from '#src/db/accounts.ts'
import { listLivingAccountsByUris, lockUris } from '#src/db/remote-notes.ts'
import { listLocalNotesByUris } from '#src/db/reports.ts'
import type { Id } from '#src/db/tables.ts'
import { hasReportedEnough, mostReportedNotes, storeReport } from '#src/moderation/report.ts'
import { as, idsOf, textOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { applyOnce } from './apply.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

const maxCommentLength = 5_000

/**
 * The actor, often another server as such, reports someone here: by their id, by ids of their notes (Lemmy), or both,
 * in any order (Mbin). It is for those who look after this server.
 */
export async function onFlag({ app }: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { node, uri, actor } = received
  const objectUris = [...new Set(idsOf(node, as('object')))]
  if (!uri || objectUris.length === 0) return 'incomplete'
  const here = objectUris.filter((one) => app.uris.isLocal(one)).slice(0, mostReportedNotes + 1)
  const notes = await listLocalNotesByUris(app.db, here)
  const target = await findReported(app, here, notes[0]?.account_id)
  if (!target) return 'nothing there'
  const comment = htmlToPlainText(textOf(node, [as('content'), as('summary')]) ?? '').slice(
    0,
    maxCommentLength,
  )
  return applyOnce(app, { uri, byUri: actor.uri }, async (trx) => {
    const domain = actor.domain ?? ''
    // One after the other, or several would be the last that is heard.
    await lockUris(trx, [`reports of ${domain}`])
    if (await hasReportedEnough(trx, domain, app.clock.now())) return 'too many'
    const report = await storeReport(trx, {
      uri,
      account_id: actor.id,
      target_id: target.id,
      note_ids: notes.filter((note) => note.account_id === target.id).map((note) => note.id),
      comment,
    })
    return report ? 'done' : 'known already'
  })
}

/** The account that is named, or else the author of what is. */
async function findReported(
  { db }: Remote['app'],
  uris: string[],
  authorId: Id | undefined,
): Promise<Account | undefined> {
  const [named] = await listLivingAccountsByUris(db, uris)
  const account = named ?? (authorId === undefined ? undefined : await findAccount(db, authorId))
  const isHere = account?.domain === null && account.kind !== 'Application'
  return isHere && !account.deleted_at && !account.suspended_at ? account : undefined
}
