import type { FilterAction } from '#src/db/tables-filters.ts'
import { aiFilterId, type FilterContext } from '#src/notes/filtered.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { Visit } from './session.ts'

/** By what becomes of a note on this page, the titles of the reader's filters that want it so. */
export type Filtering = Partial<Record<FilterAction, string>>

/** What the reader's filters do to a note where they meet it. Nobody's own notes are filtered. */
export function filteringOf(view: NoteView, { here, viewer, words }: Visit): Filtering {
  const context = contextOf(here)
  const isOwn = (view.boostOf ?? view).account.id === viewer?.account.id
  if (!view.viewer || isOwn || context === undefined) return {}
  const filtering: Filtering = {}
  for (const { filter } of view.viewer.filtered) {
    if (!filter.contexts.includes(context)) continue
    filtering[filter.action] ??= filter.id === aiFilterId ? words.filters.aiPictures : filter.title
  }
  return filtering
}

/** Whether the reader wants nothing at all of it. */
export function isLeftOut(view: NoteView, visit: Visit): boolean {
  return filteringOf(view, visit).hide !== undefined
}

const contexts: [RegExp, FilterContext][] = [
  [/^\/$/, 'home'],
  [/^\/notifications$/, 'notifications'],
  [/^\/(?:local|federated|explore|search|tags\/.*)$/, 'public'],
  [/^\/@[^/]+\/\d+(?:\/lineage)?$/, 'thread'],
  [/^\/@[^/]+(?:\/(?:pictures|tagged\/.*))?$/, 'account'],
]

/** As which place of Mastodon's a page counts; undefined where people come for the very note, such as to report it. */
function contextOf(here: string): FilterContext | undefined {
  const path = here.replace(/\?.*$/s, '').replace(/(?<=.)\/+$/, '')
  return contexts.find(([pattern]) => pattern.test(path))?.[1]
}
