import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import type { Clock } from '#src/base/clock.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { lockAccount } from '#src/db/accounts.ts'
import {
  deleteFilter,
  deleteFilteredNote,
  deleteFilterKeyword,
  type FilteredNote,
  type FilterKeyword,
  findFilter,
  findFilteredNote,
  findFilterKeyword,
  insertFilter,
  insertFilteredNote,
  insertFilterKeyword,
  measureFilters,
  updateFilter,
  updateFilterKeyword,
  type WholeFilter,
} from '#src/db/filters.ts'
import { getVisibleOriginal } from '#src/db/notes.ts'
import { publishStreamEvent } from '#src/db/stream-events.ts'
import type { Database, Id } from '#src/db/tables.ts'
import type { FilterAction } from '#src/db/tables-filters.ts'
import { filterContexts } from './filtered.ts'

/** What is not given stays as it is, or as it begins. */
export type FilterForm = {
  title?: string | undefined
  contexts?: string[] | undefined
  action?: string | undefined
  /** From now on; null for no end. */
  expiresInSeconds?: number | null | undefined
  keywords?: KeywordChange[] | undefined
}

export type KeywordForm = { keyword?: string | undefined; isWholeWord?: boolean | undefined }

/** A new keyword, or with an id a change of one of the filter. */
export type KeywordChange = KeywordForm & { id?: Id | undefined; isRemoved?: boolean | undefined }

/** In characters: title and keyword as Mastodon's. The others keep what a page costs, and how long a list is, within bounds. */
export const filterLimits = { title: 256, keyword: 512, filters: 200, letters: 20_000, notes: 1_000 } as const

/** The first is how a filter begins. */
export const filterActions = ['warn', 'blur', 'hide'] as const satisfies readonly FilterAction[]

/** @throws AppError invalid, in Mastodon's words; notFound for the id of a keyword, since there is none yet */
export async function createFilter(app: App, accountId: Id, given: FilterForm): Promise<WholeFilter> {
  const { title = '', contexts = [] } = given
  const form = { ...given, title, contexts }
  checkFilter(form)
  return changing(app, accountId, async (trx) => {
    const values = { account_id: accountId, title, contexts, ...valuesOf(app.clock, form) }
    const filterId = await insertFilter(trx, values)
    for (const change of form.keywords ?? []) await applyKeyword(trx, { filterId, known: [] }, change)
    return getFilter(trx, accountId, filterId)
  })
}

/** @throws AppError notFound, for somebody else's too, and for keywords of other filters; invalid */
export function changeFilter(app: App, accountId: Id, id: Id, form: FilterForm): Promise<WholeFilter> {
  return changing(app, accountId, async (trx) => {
    await applyForm(trx, app, await getFilter(trx, accountId, id), form)
    return getFilter(trx, accountId, id)
  })
}

/** @throws AppError notFound for keywords of other filters; invalid */
export async function applyForm(
  trx: Transaction<Database>,
  { clock }: Pick<App, 'clock'>,
  { id, keywords: known }: WholeFilter,
  form: FilterForm,
): Promise<void> {
  checkFilter(form)
  await updateFilter(trx, id, valuesOf(clock, form))
  for (const change of form.keywords ?? []) await applyKeyword(trx, { filterId: id, known }, change)
}

/** @throws AppError notFound, for somebody else's too */
export function removeFilter(app: App, accountId: Id, id: Id): Promise<void> {
  return changing(app, accountId, async (trx) => {
    await getFilter(trx, accountId, id)
    await deleteFilter(trx, id)
  })
}

/** @throws AppError notFound; invalid */
export function addKeyword(app: App, accountId: Id, filterId: Id, form: KeywordForm): Promise<FilterKeyword> {
  return changing(app, accountId, async (trx) => {
    await getFilter(trx, accountId, filterId)
    checkKeyword(form.keyword ?? '')
    return getFilterKeyword(trx, accountId, await insertFilterKeyword(trx, newKeyword(filterId, form)))
  })
}

/** @throws AppError notFound; invalid */
export function changeKeyword(app: App, accountId: Id, id: Id, form: KeywordForm): Promise<FilterKeyword> {
  return changing(app, accountId, async (trx) => {
    const before = await getFilterKeyword(trx, accountId, id)
    checkKeyword(form.keyword ?? before.keyword)
    await updateFilterKeyword(trx, id, changesOf(form))
    return getFilterKeyword(trx, accountId, id)
  })
}

/** @throws AppError notFound */
export function removeKeyword(app: App, accountId: Id, id: Id): Promise<void> {
  return changing(app, accountId, async (trx) => {
    await getFilterKeyword(trx, accountId, id)
    await deleteFilterKeyword(trx, id)
  })
}

/**
 * Lets a filter name a note; a boost stands for what it boosts.
 * @throws AppError notFound, for a note that the person may not see too; invalid when it is named already
 */
export function filterNote(
  app: App,
  accountId: Id,
  filterId: Id,
  noteId: Id | undefined,
): Promise<FilteredNote> {
  return changing(app, accountId, async (trx) => {
    await getFilter(trx, accountId, filterId)
    if (noteId === undefined) throw notFound()
    const note = await getVisibleOriginal(trx, noteId, accountId)
    const id = await insertFilteredNote(trx, { filter_id: filterId, note_id: note.id })
    if (id === undefined) throw invalid(['Status has already been taken'])
    return getFilteredNote(trx, accountId, id)
  })
}

/** @throws AppError notFound */
export function unfilterNote(app: App, accountId: Id, id: Id): Promise<void> {
  return changing(app, accountId, async (trx) => {
    await getFilteredNote(trx, accountId, id)
    await deleteFilteredNote(trx, id)
  })
}

/** @throws AppError notFound */
export async function getFilter(db: App['db'], accountId: Id, id: Id): Promise<WholeFilter> {
  const filter = await findFilter(db, accountId, id)
  if (!filter) throw notFound()
  return filter
}

/** @throws AppError notFound */
export async function getFilterKeyword(db: App['db'], accountId: Id, id: Id): Promise<FilterKeyword> {
  const keyword = await findFilterKeyword(db, accountId, id)
  if (!keyword) throw notFound()
  return keyword
}

/** @throws AppError notFound */
export async function getFilteredNote(db: App['db'], accountId: Id, id: Id): Promise<FilteredNote> {
  const filtered = await findFilteredNote(db, accountId, id)
  if (!filtered) throw notFound()
  return filtered
}

/**
 * Every change of someone's filters goes through here: one after the other, since two at once must not both be the last
 * that there is room for.
 */
export function changing<T>(
  app: Pick<App, 'db'>,
  accountId: Id,
  change: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
  return app.db.transaction().execute(async (trx) => {
    await lockAccount(trx, accountId)
    const changed = await change(trx)
    const { filters, letters, notes } = await measureFilters(trx, accountId)
    if (filters > filterLimits.filters) throw invalid(['You have too many filters'], 'limit')
    if (letters > filterLimits.letters) throw invalid(['You have too many keywords'], 'limit')
    if (notes > filterLimits.notes) throw invalid(['This filter has too many statuses'], 'limit')
    await publishStreamEvent(trx, 'filters', [accountId])
    return changed
  })
}

type Keywords = { filterId: Id; known: readonly FilterKeyword[] }

async function applyKeyword(
  trx: Transaction<Database>,
  { filterId, known }: Keywords,
  change: KeywordChange,
): Promise<void> {
  const { id, isRemoved } = change
  if (id === undefined) {
    if (!isRemoved && !isBlank(change)) await insertFilterKeyword(trx, newKeyword(filterId, change))
    return
  }
  if (!known.some((keyword) => keyword.id === id)) throw notFound()
  if (isRemoved) await deleteFilterKeyword(trx, id)
  else await updateFilterKeyword(trx, id, changesOf(change))
}

/** Forms send places that nobody filled in. */
const isBlank = ({ keyword, isWholeWord }: KeywordForm) => !keyword?.trim() && isWholeWord === undefined

function newKeyword(filterId: Id, { keyword = '', isWholeWord = true }: KeywordForm) {
  return { filter_id: filterId, keyword, is_whole_word: isWholeWord }
}

function changesOf({ keyword, isWholeWord }: KeywordForm) {
  return {
    ...(keyword !== undefined && { keyword }),
    ...(isWholeWord !== undefined && { is_whole_word: isWholeWord }),
  }
}

function valuesOf(clock: Clock, { title, contexts, action, expiresInSeconds }: FilterForm) {
  const endIn = (seconds: number) => new Date(clock.now().getTime() + seconds * 1_000)
  return {
    ...(title !== undefined && { title: title.trim() }),
    ...(contexts !== undefined && { contexts: [...new Set(contexts)] }),
    ...(isFilterAction(action) && { action }),
    ...(expiresInSeconds !== undefined && {
      expires_at: expiresInSeconds === null ? null : endIn(expiresInSeconds),
    }),
  }
}

const isFilterAction = (action: string | undefined): action is FilterAction =>
  filterActions.some((known) => known === action)

/** What is missing in a form for something new counts as empty. */
function checkFilter({ title, contexts, action, keywords = [] }: FilterForm): void {
  const faults: string[] = []
  if (title?.trim() === '') faults.push("Title can't be blank")
  if (title !== undefined) faults.push(...lengthFaults('Title', title.trim(), filterLimits.title))
  if (contexts?.length === 0) faults.push("Context can't be blank")
  if (contexts && (contexts.length === 0 || contexts.some((context) => !isFilterContext(context))))
    faults.push('Context None or invalid context supplied')
  if (action !== undefined && !isFilterAction(action)) faults.push('Action is not included in the list')
  for (const change of keywords) {
    if (!change.isRemoved) faults.push(...keywordFaults('Keywords keyword', change))
  }
  if (faults.length > 0) throw invalid([...new Set(faults)])
}

const isFilterContext = (text: string): boolean => filterContexts.some((context) => context === text)

function checkKeyword(keyword: string): void {
  const faults = keywordFaults('Keyword', { keyword, isWholeWord: true })
  if (faults.length > 0) throw invalid(faults)
}

function keywordFaults(what: string, change: KeywordChange): string[] {
  const { id, keyword = '' } = change
  const isUnchanged = id !== undefined && change.keyword === undefined
  if (isUnchanged || (id === undefined && isBlank(change))) return []
  if (keyword.trim() === '') return [`${what} can't be blank`]
  return lengthFaults(what, keyword, filterLimits.keyword)
}

function lengthFaults(what: string, text: string, most: number): string[] {
  return Array.from(text).length > most ? [`${what} is too long (maximum is ${most} characters)`] : []
}

function invalid(faults: string[], code?: 'limit'): AppError {
  return new AppError('invalid', `Validation failed: ${faults.join(', ')}`, { ...(code && { code }) })
}
