import { findAccount } from '#src/db/accounts.ts'
import { personalInbox } from '#src/db/audiences.ts'
import { findNoteRow } from '#src/db/notes.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { toReaction, toUndoReaction } from '../convert/reaction.ts'
import { type Outgoing, ship } from './send.ts'

/** EmojiReact or its Undo, to the author of the note alone. */
export async function deliverReaction(
  outgoing: Outgoing,
  { accountId, noteId, reactionUri, name, emojiUrl, isUndo }: JobPayload<'deliverReaction'>,
  job: RunningJob,
): Promise<void> {
  const { db } = outgoing.app
  const note = await findNoteRow(db, noteId)
  const author = note && (await findAccount(db, note.account_id))
  if (!note || !author) return
  const reacting = {
    uri: reactionUri,
    actor: outgoing.server.uris.actor(accountId),
    noteUri: note.uri,
    authorUri: author.uri,
    name,
    emojiUrl,
  }
  await ship(outgoing, job, {
    activity: (isUndo ? toUndoReaction : toReaction)(reacting, outgoing.server),
    senderId: accountId,
    targets: personalInbox(note.account_id),
    orderingKey: reactionUri,
  })
}
