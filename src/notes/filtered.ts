import type { Kysely } from 'kysely'
import { wordsOfSanitizedHtml } from '#src/base/html.ts'
import { searchFor } from '#src/base/keyword-search.ts'
import { type LivingFilter, listLivingFilters } from '#src/db/filters.ts'
import type { ListedNote } from '#src/db/listed-notes.ts'
import type { Media } from '#src/db/media.ts'
import type { Note } from '#src/db/notes.ts'
import type { Poll } from '#src/db/polls.ts'
import type { AiDisplay, Database, Id } from '#src/db/tables.ts'
import { isMadeByAi } from '#src/media/provenance.ts'

/** Where a filter may apply. https://docs.joinmastodon.org/entities/Filter/#context */
export const filterContexts = ['home', 'notifications', 'public', 'thread', 'account'] as const
export type FilterContext = (typeof filterContexts)[number]

export type AppliedFilter = Pick<LivingFilter, 'id' | 'title' | 'contexts' | 'action' | 'expires_at'>

/** A filter that a note meets, by which of its words or because it names the note. */
export type FilterResult = {
  filter: AppliedFilter
  /** As they stand in the note. */
  keywordMatches: string[]
  noteMatches: Id[]
}

/** What of a note is looked at. */
export type Filterable = {
  note: Pick<Note, 'id' | 'summary' | 'content_html'>
  media: Pick<Media, 'description' | 'digital_source_type'>[]
  poll: Pick<Poll, 'options'> | null
}

// Of what a stranger's server may have sent; nobody here writes that much.
const mostSearched = 20_000

/**
 * The id of the filter that stands for what someone wants to become of AI pictures. It is in no list, and no filter that
 * is stored has it. A number, because that is what apps expect.
 */
export const aiFilterId = '0'

/**
 * How the viewer's filters apply to some notes. Asks the database only where there are filters; a page is one query.
 * @returns what one of the notes meets
 */
export async function filteringFor(
  db: Kysely<Database>,
  notes: readonly ListedNote[],
  viewerId: Id | null,
): Promise<(one: Filterable) => FilterResult[]> {
  const state = notes[0]?.state
  if (viewerId === null || !state) return () => []
  const ids = notes.map(({ id }) => id)
  const match = matcherOf(state.has_filters ? await listLivingFilters(db, viewerId, ids) : [])
  return (one) => [...match(one), ...aiResult(state.ai_display, one)]
}

/** What a note meets of these filters, in their order. */
export function matcherOf(filters: readonly LivingFilter[]): (one: Filterable) => FilterResult[] {
  if (filters.length === 0) return () => []
  const keywords = filters.flatMap((filter) => filter.keywords.map((keyword) => ({ ...keyword, filter })))
  const search = searchFor(
    keywords.map(({ keyword, is_whole_word }) => ({ text: keyword, isWholeWord: is_whole_word })),
  )
  return (one) => {
    const found = keywords.length > 0 ? search(searchableTextOf(one)) : new Map<number, string>()
    return filters.flatMap((filter) => {
      const words = [...found].filter(([place]) => keywords[place]?.filter === filter).map(([, word]) => word)
      const noteMatches = filter.note_ids.filter((id) => id === one.note.id)
      if (words.length === 0 && noteMatches.length === 0) return []
      return [{ filter, keywordMatches: [...new Set(words)], noteMatches }]
    })
  }
}

/** As Mastodon: the warning, the text, what a poll offers and how pictures are described. */
function searchableTextOf({ note, media, poll }: Filterable): string {
  return [
    note.summary,
    wordsOfSanitizedHtml(note.content_html),
    ...(poll?.options ?? []).map(({ title }) => title),
    ...media.map(({ description }) => description),
  ]
    .join('\n\n')
    .slice(0, mostSearched)
}

function aiResult(display: AiDisplay, { note, media }: Filterable): FilterResult[] {
  if (display === 'show' || !media.some(isMadeByAi)) return []
  const filter: AppliedFilter = {
    id: aiFilterId,
    title: 'AI pictures',
    contexts: [...filterContexts],
    action: display,
    expires_at: null,
  }
  return [{ filter, keywordMatches: [], noteMatches: [note.id] }]
}
