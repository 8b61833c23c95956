import type { NoteView, Parent } from '#src/notes/view.ts'
import type { Visit } from '../session.ts'
import { Icon } from './Icon.tsx'
import { displayName, notePath } from './Names.tsx'

type Props = { view: NoteView; visit: Visit }

export function lineagePath({ account, note }: Pick<NoteView, 'account' | 'note'>): string {
  return `${notePath(account, note.id)}/lineage`
}

/** Whose picture this one was made from. */
export const RemixLine = ({ view, visit }: Props) => {
  const { remixOf } = view
  if (!remixOf) return null
  return (
    <p class="context">
      <Icon name="brush" />
      <a href={lineagePath(view)}>
        <bdi>{remixWords(remixOf, visit)}</bdi>
      </a>
    </p>
  )
}

function remixWords(parent: Parent, { words }: Visit): string {
  return parent.state === 'available'
    ? words.remixes.of(displayName(parent.view.account))
    : words.remixes.ofUnknown
}

/** From a picture's provenance to its whole line. */
export const LineageLink = ({ view, visit }: Props) => (
  <p>
    <a href={lineagePath(view)}>{visit.words.remixes.lineage}</a>
    {view.note.remixes_count > 0 && <> · {visit.words.remixes.remixes(view.note.remixes_count)}</>}
  </p>
)
