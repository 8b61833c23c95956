import type { ReactionCount } from '#src/db/reactions.ts'
import type { CustomEmoji } from '#src/db/tables.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { Visit } from '../session.ts'
import { urlOfEmoji } from './Emojified.tsx'
import { Hidden } from './Hidden.tsx'

const common = ['👍', '❤️', '😂', '😮', '😢', '🔥', '🎉', '👏', '🙏', '🤔', '👀', '🎨']

type Props = {
  view: NoteView
  visit: Visit
  /** This server's own, to choose from. */
  emojis: CustomEmoji[]
}

/** What people gave a note, each a button that gives or takes back one's own, and more to choose from. */
export const Reactions = ({ view, visit, emojis }: Props) => {
  const { reactions, note } = view
  const words = visit.words.reactions
  if (reactions.length === 0 && !visit.viewer) return null
  return (
    <section class="reactions" aria-label={words.label} id={`reactions-${note.id}`}>
      {reactions.map((reaction) => (
        <Given reaction={reaction} noteId={note.id} visit={visit} />
      ))}
      {visit.viewer && <Picker noteId={note.id} visit={visit} emojis={emojis} />}
    </section>
  )
}

type GivenProps = { reaction: ReactionCount; noteId: string; visit: Visit }

const Given = ({ reaction, noteId, visit }: GivenProps) => {
  const { name, count, is_own, emoji_url } = reaction
  const label = visit.words.reactions.given(emoji_url === null ? name : `:${name}:`, count)
  return (
    <form method="post" action={`/notes/${noteId}/reactions`}>
      <Hidden visit={visit} />
      <input type="hidden" name="name" value={name} />
      <button
        type="submit"
        name="intent"
        value={is_own ? 'take' : 'give'}
        class="reaction"
        aria-pressed={is_own ? 'true' : 'false'}
        aria-label={label}
        title={label}
        disabled={!visit.viewer}
      >
        <Drawn name={name} url={emoji_url} visit={visit} />
        <span aria-hidden="true">
          {new Intl.NumberFormat(visit.language, { notation: 'compact' }).format(count)}
        </span>
      </button>
    </form>
  )
}

const Picker = ({ noteId, visit, emojis }: { noteId: string; visit: Visit; emojis: CustomEmoji[] }) => {
  const words = visit.words.reactions
  const choices = [
    ...common.map((name) => ({ name, url: null })),
    ...emojis.map(({ shortcode, url }) => ({ name: shortcode, url })),
  ]
  return (
    <details class="picker">
      <summary class="reaction" aria-label={words.add} title={words.add}>
        <span aria-hidden="true">☺+</span>
      </summary>
      <form method="post" action={`/notes/${noteId}/reactions`} aria-label={words.choose}>
        <Hidden visit={visit} />
        <input type="hidden" name="intent" value="give" />
        {choices.map(({ name, url }) => (
          <button type="submit" name="name" value={name} class="reaction" aria-label={words.give(name)}>
            <Drawn name={name} url={url} visit={visit} />
          </button>
        ))}
      </form>
    </details>
  )
}

const Drawn = ({ name, url, visit }: { name: string; url: string | null; visit: Visit }) =>
  url === null ? (
    <span aria-hidden="true">{name}</span>
  ) : (
    <img class="emoji" src={urlOfEmoji(visit)(url)} alt="" loading="lazy" />
  )
