import type { FilteredNote, FilterKeyword, WholeFilter } from '#src/db/filters.ts'
import type { AppliedFilter, FilterResult } from '#src/notes/filtered.ts'

/** https://docs.joinmastodon.org/entities/Filter/ with what it looks for. */
export function toWholeFilter(filter: WholeFilter) {
  return {
    ...toFilter(filter),
    keywords: filter.keywords.map(toFilterKeyword),
    statuses: filter.notes.map(toFilterStatus),
  }
}

/** https://docs.joinmastodon.org/entities/FilterKeyword/ */
export function toFilterKeyword({ id, keyword, is_whole_word }: FilterKeyword) {
  return { id, keyword, whole_word: is_whole_word }
}

/** https://docs.joinmastodon.org/entities/FilterStatus/ */
export function toFilterStatus({ id, note_id }: FilteredNote) {
  return { id, status_id: note_id }
}

/** https://docs.joinmastodon.org/entities/FilterResult/ */
export function toFilterResult({ filter, keywordMatches, noteMatches }: FilterResult) {
  return {
    filter: toFilter(filter),
    keyword_matches: keywordMatches.length > 0 ? keywordMatches : null,
    status_matches: noteMatches.length > 0 ? noteMatches : null,
  }
}

/** https://docs.joinmastodon.org/entities/V1_Filter/: of old, each keyword was a filter. */
export function toV1Filter(filter: WholeFilter, { id, keyword, is_whole_word }: FilterKeyword) {
  return {
    id,
    phrase: keyword,
    context: filter.contexts,
    whole_word: is_whole_word,
    expires_at: filter.expires_at?.toISOString() ?? null,
    irreversible: filter.action === 'hide',
  }
}

function toFilter({ id, title, contexts, expires_at, action }: AppliedFilter) {
  return {
    id,
    title,
    context: contexts,
    expires_at: expires_at?.toISOString() ?? null,
    filter_action: action,
  }
}
