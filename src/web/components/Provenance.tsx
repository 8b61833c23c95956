import type { Media } from '#src/db/media.ts'
import { isMadeByAi } from '#src/media/provenance.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { Visit } from '../session.ts'
import { LineageLink } from './Remix.tsx'

/** Whether a picture says of itself that AI made it, or a procedure did; undefined when it says nothing. */
export function madeBy(media: Pick<Media, 'digital_source_type'>): 'ai' | 'sketch' | undefined {
  if (isMadeByAi(media)) return 'ai'
  return media.digital_source_type === null ? undefined : 'sketch'
}

export const Badge = ({ kind, visit }: { kind: 'ai' | 'sketch'; visit: Visit }) => (
  <span class={`badge ${kind}`}>{visit.words.provenance[kind]}</span>
)

/** The label of a note's painted pictures, and behind it how they were made. */
export const Provenance = ({ view, visit }: { view: NoteView; visit: Visit }) => {
  const painted = view.media.find((media) => madeBy(media))
  const kind = painted && madeBy(painted)
  if (!painted || !kind) return null
  const { provenance } = visit.words
  return (
    <details class="provenance">
      <summary title={provenance.show}>
        <Badge kind={kind} visit={visit} />
        <span class="sr-only">{provenance.show}</span>
      </summary>
      <div class="panel">
        <p>{kind === 'ai' ? provenance.aiLead : provenance.sketchLead}</p>
        <Facts view={view} media={painted} visit={visit} />
        <LineageLink view={view} visit={visit} />
      </div>
    </details>
  )
}

const Facts = ({ view, media, visit }: { view: NoteView; media: Media; visit: Visit }) => {
  const { words, language, app } = visit
  const { provenance } = words
  const { note, account } = view
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(media.created_at)
  return (
    <dl>
      <dt>{provenance.maker}</dt>
      <dd>
        <bdi>{account.name || account.username}</bdi>
      </dd>
      {media.generator_name && <dt>{provenance.model}</dt>}
      {media.generator_name && (
        <dd>
          <Maker name={media.generator_name} url={media.generator_url} />
        </dd>
      )}
      {note.is_local && <dt>{provenance.date}</dt>}
      {note.is_local && <dd>{date}</dd>}
      <dt>{provenance.prompt}</dt>
      <dd class="prompt">
        {note.prompt_visibility === 'public' && media.prompt ? media.prompt : provenance.promptHidden}
      </dd>
      {note.is_local && <dt>{provenance.remix}</dt>}
      {note.is_local && <dd>{provenance.remixPolicy[note.remix_policy]}</dd>}
      {media.original_key && <dt>{provenance.original}</dt>}
      {media.original_key && (
        <dd>
          <a href={app.storage.urlOf(media.original_key)}>{provenance.openOriginal}</a>
        </dd>
      )}
    </dl>
  )
}

const Maker = ({ name, url }: { name: string; url: string | null }) => {
  // Of another server's making, so it may be anything.
  const isLink = url !== null && /^https?:\/\//i.test(url)
  return isLink ? (
    <a href={url} rel="nofollow noopener noreferrer" target="_blank">
      {name}
    </a>
  ) : (
    <span>{name}</span>
  )
}
