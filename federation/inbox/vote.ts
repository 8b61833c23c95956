import { findNoteRowByUri, findVisibleNote, newId } from '#src/db/notes.ts'
import { listPollTitles } from '#src/db/polls.ts'
import { addVotes, type VoteRefusal } from '#src/notes/poll.ts'
import type { voteFrom } from '../convert/poll.ts'
import { idOf, type Node } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

const outcomes: Record<VoteRefusal, Outcome> = {
  'no poll': 'nothing there',
  ended: 'stale',
  'own poll': 'not theirs',
  blocked: 'blocked',
  'no such option': 'unknown object',
  'voted already': 'known already',
}

/** The actor votes in a poll of ours, for one option at a time. It is no note, and nobody is told of it. */
export async function onVote(
  { app }: Remote,
  { actor }: ReceivedFrom,
  { node, vote }: { node: Node; vote: NonNullable<ReturnType<typeof voteFrom>> },
): Promise<Outcome> {
  const uri = idOf(node)
  if (uri === undefined) return 'incomplete'
  const row = await findNoteRowByUri(app.db, vote.pollUri)
  const note = row?.is_local ? await findVisibleNote(app.db, row.id, actor.id) : undefined
  if (!note) return 'nothing there'
  const id = await newId(app.db)
  return app.db.transaction().execute(async (trx) => {
    const position = (await listPollTitles(trx, note.id)).indexOf(vote.name)
    const votes = [{ id, position, uri }]
    const refusal = await addVotes(trx, note, {
      accountId: actor.id,
      votes,
      now: app.clock.now(),
      isSeries: true,
    })
    return refusal ? outcomes[refusal] : 'done'
  })
}
