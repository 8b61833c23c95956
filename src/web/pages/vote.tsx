import { voteInPoll } from '#src/notes/poll.ts'
import { Poll } from '../components/Poll.tsx'
import { goBack, wantsPiece } from '../forms.ts'
import { idParam, type PageContext, requireViewer } from '../session.ts'

/** What was chosen under a question. Nothing chosen is no vote. */
export async function vote(c: PageContext) {
  const viewer = requireViewer(c)
  const noteId = idParam(c)
  const choices = c.var.form.getAll('choice').map(Number)
  if (choices.length === 0) return goBack(c)
  const { visit } = c.var
  const view = await voteInPoll(visit.app, viewer.account.id, noteId, choices)
  return wantsPiece(c) ? c.html(<Poll view={view} visit={visit} />) : goBack(c)
}
