import { listEmojis } from '#src/media/emojis.ts'
import { reactToNote, unreactToNote } from '#src/notes/react.ts'
import { Reactions } from '../components/Reactions.tsx'
import { choiceOf, goBack, localPath, textOf, wantsPiece } from '../forms.ts'
import { idParam, type PageContext, requireViewer } from '../session.ts'

/** Gives a note a reaction, or takes one back. */
export async function toggleReaction(c: PageContext) {
  const viewer = requireViewer(c)
  const { visit, form } = c.var
  const react = choiceOf(form, 'intent', ['give', 'take']) === 'give' ? reactToNote : unreactToNote
  const view = await react(visit.app, viewer.account.id, idParam(c), textOf(form, 'name'))
  if (!wantsPiece(c)) return goBack(c)
  const emojis = await listEmojis(visit.app)
  const back = localPath(form.get('back'), '/')
  return c.html(<Reactions view={view} visit={visit} emojis={emojis} back={back} />)
}
