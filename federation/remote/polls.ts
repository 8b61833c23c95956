import type { App } from '#src/app.ts'
import { findAccount } from '#src/db/accounts.ts'
import { findNoteRow, lockLivingNote, type Note } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import type { PollDraft } from '#src/notes/draft.ts'
import { recountPoll } from '#src/notes/poll.ts'
import { pollFrom } from '../convert/poll.ts'
import type { Outcome } from '../inbox/outcome.ts'
import { as, idOf, idsOf } from './linked-data.ts'
import type { Remote } from './remote.ts'

/** Takes the counts that a poll's own server says. Other options would be an edit, which has to say so. */
export function recountRemotePoll({ db }: App, known: Note, poll: PollDraft): Promise<Outcome> {
  return db.transaction().execute(async (trx) => {
    const note = await lockLivingNote(trx, known.id)
    if (!note) return 'gone'
    return (await recountPoll(trx, note, poll)) ? 'done' : 'incomplete'
  })
}

/**
 * Reads a poll anew from its server.
 * @throws FetchFailed when that does not answer now
 */
export async function refetchPoll(remote: Remote, noteId: Id): Promise<void> {
  const { app } = remote
  const note = await findNoteRow(app.db, noteId)
  const author = note && !note.is_local && (await findAccount(app.db, note.account_id))
  if (!author || note.deleted_at) return
  const fetched = await remote.fetch(note.uri, { fresh: true })
  if (fetched.outcome !== 'found' || idOf(fetched.node) !== note.uri) return
  if (!idsOf(fetched.node, as('attributedTo')).includes(author.uri)) return
  const poll = pollFrom(fetched.node, app.clock.now())
  if (poll) await recountRemotePoll(app, note, poll)
}
