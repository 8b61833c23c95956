import type { NoteVersion } from '#src/notes/versions.ts'
import type { Visit } from '../session.ts'
import { EmojifiedHtml, EmojifiedText } from './Emojified.tsx'
import { Time } from './Time.tsx'

/** What a note said before, newest first, for who asks. */
export const NoteVersions = ({ versions, visit }: { versions: NoteVersion[]; visit: Visit }) => {
  const { edits, note } = visit.words
  if (versions.length < 2) return null
  return (
    <details class="versions">
      <summary>
        {note.edited} · {edits.versions(versions.length)}
      </summary>
      <ol reversed>
        {versions.toReversed().map((version, age) => (
          <li>
            <p class="hint">
              <Time at={version.writtenAt} visit={visit} isAbsolute />
              {age === versions.length - 1 && ` · ${edits.first}`}
            </p>
            <Version version={version} visit={visit} />
          </li>
        ))}
      </ol>
    </details>
  )
}

const Version = ({ version, visit }: { version: NoteVersion; visit: Visit }) => {
  const { summary, contentHtml, emojis, media, pollOptions } = version
  return (
    <>
      {summary && (
        <p>
          <strong>
            <bdi>
              <EmojifiedText text={summary} emojis={emojis} visit={visit} />
            </bdi>
          </strong>
        </p>
      )}
      {contentHtml && (
        <div class="content" dir="auto">
          <EmojifiedHtml html={contentHtml} emojis={emojis} visit={visit} />
        </div>
      )}
      {pollOptions && (
        <ul>
          {pollOptions.map((title) => (
            <li>
              <bdi>{title}</bdi>
            </li>
          ))}
        </ul>
      )}
      {media.map(({ description }) => description && <p class="hint">{description}</p>)}
    </>
  )
}
