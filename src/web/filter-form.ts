import type { WholeFilter } from '#src/db/filters.ts'
import type { FilterAction } from '#src/db/tables-filters.ts'
import { filterContexts } from '#src/notes/filtered.ts'
import { type FilterForm, filterActions, type KeywordChange } from '#src/notes/filters.ts'
import { choiceOf, textOf } from './forms.ts'
import { isId } from './session.ts'

/** How long a filter may last, as the form offers it; null for no end, undefined for the end that it has. */
const durationSeconds = {
  keep: undefined,
  forever: null,
  halfHour: 1_800,
  hour: 3_600,
  sixHours: 21_600,
  halfDay: 43_200,
  day: 86_400,
  week: 604_800,
} as const

export type FilterDuration = keyof typeof durationSeconds

export const filterDurations = [
  'keep',
  'forever',
  'halfHour',
  'hour',
  'sixHours',
  'halfDay',
  'day',
  'week',
] as const satisfies readonly FilterDuration[]

/** A filter as its form shows it. */
export type FilledFilter = {
  title: string
  action: FilterAction
  contexts: string[]
  duration: FilterDuration
  keywords: { id?: string | undefined; keyword: string; isWholeWord: boolean }[]
}

const spareKeywords = 3
// There is room for no more, however short they are.
const mostKeywords = 20_000

const spare = () => Array.from({ length: spareKeywords }, () => ({ keyword: '', isWholeWord: true }))

export const newFilter: FilledFilter = {
  title: '',
  action: 'warn',
  contexts: [...filterContexts],
  duration: 'forever',
  keywords: spare(),
}

export function filledFrom({ title, action, contexts, keywords }: WholeFilter): FilledFilter {
  const known = keywords.map(({ id, keyword, is_whole_word }) => ({
    id,
    keyword,
    isWholeWord: is_whole_word,
  }))
  return { title, action, contexts, duration: 'keep', keywords: [...known, ...spare()] }
}

export function readFilled(form: FormData): FilledFilter {
  const keywords: FilledFilter['keywords'] = []
  for (let place = 0; place < mostKeywords && form.has(`keyword-${place}`); place += 1) {
    const id = form.get(`id-${place}`)
    keywords.push({
      ...(isId(id) && { id }),
      keyword: textOf(form, `keyword-${place}`),
      isWholeWord: form.has(`whole-${place}`),
    })
  }
  return {
    title: textOf(form, 'title'),
    action: choiceOf(form, 'action', filterActions),
    contexts: form.getAll('context').map(String),
    duration: choiceOf(form, 'duration', filterDurations),
    keywords,
  }
}

/** What a form asks for: a keyword whose place was emptied goes, and an empty place is none. */
export function toFilterForm({ title, action, contexts, duration, keywords }: FilledFilter): FilterForm {
  const changes = keywords.flatMap(({ id, keyword, isWholeWord }): KeywordChange[] => {
    if (keyword.trim() !== '') return [{ id, keyword, isWholeWord }]
    return id === undefined ? [] : [{ id, isRemoved: true }]
  })
  return { title, action, contexts, expiresInSeconds: durationSeconds[duration], keywords: changes }
}
