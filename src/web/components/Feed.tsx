import type { Child } from 'hono/jsx'
import type { NoteView } from '#src/notes/view.ts'
import type { Slice } from '#src/timelines/slice.ts'
import { isLeftOut } from '../filtering.ts'
import type { Visit } from '../session.ts'
import { NoteCard } from './NoteCard.tsx'

export const pageLength = 20

type Props = { slice: Slice<NoteView>; visit: Visit; empty?: Child }

/** Notes one below the other, and the way to older ones. */
export const Feed = ({ slice, visit, empty }: Props) => {
  const { words } = visit
  const { cursors } = slice
  const items = slice.items.filter((view) => !isLeftOut(view, visit))
  const firstPicture = items.findIndex((view) => (view.boostOf ?? view).media.length > 0)
  if (items.length === 0 && cursors.length === 0)
    return <div class="empty">{empty ?? <p>{words.feed.empty}</p>}</div>
  return (
    <>
      <div class="feed" role="feed" aria-label={words.feed.label}>
        {items.map((view, index) => (
          <NoteCard
            view={view}
            visit={visit}
            isFirst={index === firstPicture}
            position={{ index: index + 1, size: items.length }}
          />
        ))}
      </div>
      <Paging visit={visit} cursors={cursors} />
    </>
  )
}

/** Further down, and from there back to the top. */
export const Paging = ({ visit, cursors }: { visit: Visit; cursors: string[] }) => {
  const { words, here } = visit
  const url = new URL(here, 'http://here.invalid')
  const isDown = url.searchParams.has('max_id')
  const last = cursors.length === pageLength ? cursors.at(-1) : undefined
  if (!isDown && !last) return null
  const to = (maxId?: string) => {
    const target = new URL(url)
    target.searchParams.delete('max_id')
    if (maxId) target.searchParams.set('max_id', maxId)
    return target.pathname + target.search
  }
  return (
    <nav class="paging" aria-label={words.feed.older}>
      {isDown && (
        <a class="button" href={to()} rel="first">
          {words.feed.newer}
        </a>
      )}
      {last && (
        <a class="button" href={to(last)} rel="next">
          {words.feed.older}
        </a>
      )}
    </nav>
  )
}
