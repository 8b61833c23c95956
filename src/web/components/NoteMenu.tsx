import type { NoteView } from '#src/notes/view.ts'
import type { Visit } from '../session.ts'
import { Hidden } from './Hidden.tsx'
import { Icon } from './Icon.tsx'

type Props = { view: NoteView; visit: Visit; isMain: boolean }

/** What is done rarely: muting the conversation, reporting somebody else's note, deleting one's own. */
export const NoteMenu = ({ view, visit, isMain }: Props) => {
  const { words, viewer } = visit
  const { note, account } = view
  if (!viewer) return null
  const isMuted = view.viewer?.muted ?? false
  const back = backTo(view, visit)
  return (
    <details class="menu">
      <summary aria-label={words.note.more}>
        <Icon name="more" />
      </summary>
      <div class="menu-items">
        {account.id === viewer.account.id && (
          <p>
            <a class="button" href={`/compose?edit=${note.id}`}>
              {words.edits.edit}
            </a>
          </p>
        )}
        <form method="post" action={`/notes/${note.id}/${isMuted ? 'unmute' : 'mute'}`}>
          <Hidden visit={visit} back={back} />
          <button type="submit" class="button">
            {isMuted ? words.refusals.unmuteConversation : words.refusals.muteConversation}
          </button>
        </form>
        {account.id === viewer.account.id && note.visibility !== 'direct' && (
          <PinForm view={view} visit={visit} />
        )}
        {account.id === viewer.account.id ? (
          <form method="post" action={`/notes/${note.id}/delete`}>
            <Hidden visit={visit} back={isMain ? '/' : visit.here} />
            <p>{words.note.removeQuestion}</p>
            <button type="submit" class="button danger">
              {words.note.remove}
            </button>
          </form>
        ) : (
          <p>
            <a class="button" href={`/report?account=${account.id}&note=${note.id}`}>
              {words.reports.report}
            </a>
          </p>
        )}
      </div>
    </details>
  )
}

/** The page it stands on, at this note: what was pressed far down must not lead to the top. */
const backTo = ({ note }: NoteView, { here }: Visit): string => `${here}#note-${note.id}`

/** On an own note alone: whether it stands first on the profile. */
const PinForm = ({ view, visit }: { view: NoteView; visit: Visit }) => {
  const isPinned = view.viewer?.pinned ?? false
  return (
    <form method="post" action={`/notes/${view.note.id}/${isPinned ? 'unpin' : 'pin'}`}>
      <Hidden visit={visit} back={backTo(view, visit)} />
      <button type="submit" class="button">
        {isPinned ? visit.words.identity.unpin : visit.words.identity.pin}
      </button>
    </form>
  )
}
