import { reactToNote, unreactToNote } from '#src/notes/react.ts'
import { choiceOf, goBack, textOf } from '../forms.ts'
import { idParam, type PageContext, requireViewer } from '../session.ts'

/** Gives a note a reaction, or takes one back. */
export async function toggleReaction(c: PageContext) {
  const viewer = requireViewer(c)
  const { visit, form } = c.var
  const react = choiceOf(form, 'intent', ['give', 'take']) === 'give' ? reactToNote : unreactToNote
  await react(visit.app, viewer.account.id, idParam(c), textOf(form, 'name'))
  return goBack(c)
}
