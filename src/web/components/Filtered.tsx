import type { Media } from '#src/db/media.ts'
import { placeholderUrl } from '../placeholder.ts'
import type { Visit } from '../session.ts'

type Props = {
  /** Of the filter; nothing is filtered without one. */
  title: string | undefined
  visit: Visit
  children: unknown
}

/** What a filter warns of is opened by the reader. */
export const Filtered = ({ title, visit, children }: Props) => {
  if (title === undefined) return <>{children}</>
  return (
    <details class="warned filtered">
      <summary>
        <bdi>{visit.words.filters.filtered(title)}</bdi>
      </summary>
      {children}
    </details>
  )
}

/** Pictures behind a button that looks like the first of them, out of focus. */
export const Blurred = ({ title, media, visit, children }: Props & { media: Media[] }) => {
  if (title === undefined || media.length === 0) return <>{children}</>
  const placeholder = placeholderUrl(media[0]?.blurhash ?? null)
  return (
    <details class="warned blurred">
      <summary>
        {placeholder && <img src={placeholder} alt="" />}
        <bdi>{visit.words.filters.filtered(title)}</bdi>
      </summary>
      {children}
    </details>
  )
}
