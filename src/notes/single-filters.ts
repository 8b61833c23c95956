import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { deleteFilter, deleteFilterKeyword, type FilterKeyword, type WholeFilter } from '#src/db/filters.ts'
import type { Id } from '#src/db/tables.ts'
import { applyForm, changing, createFilter, type FilterForm, getFilter, getFilterKeyword } from './filters.ts'

// Of old, a filter was one phrase. To apps that know no better, each keyword is such a filter.

/** A keyword, and the filter it belongs to. */
export type SingleFilter = { filter: WholeFilter; keyword: FilterKeyword }

export type SingleFilterForm = {
  phrase?: string | undefined
  contexts?: string[] | undefined
  isHiding?: boolean | undefined
  isWholeWord?: boolean | undefined
  /** From now on; null for no end. */
  expiresInSeconds?: number | null | undefined
}

/** @throws AppError invalid */
export async function createSingleFilter(
  app: App,
  accountId: Id,
  { phrase, contexts, isHiding, isWholeWord, expiresInSeconds }: SingleFilterForm,
): Promise<SingleFilter> {
  const filter = await createFilter(app, accountId, {
    title: phrase,
    contexts,
    action: isHiding ? 'hide' : 'warn',
    expiresInSeconds,
    keywords: [{ keyword: phrase, isWholeWord }],
  })
  const [keyword] = filter.keywords
  if (!keyword) throw new Error('A filter without its keyword')
  return { filter, keyword }
}

/**
 * What concerns the whole filter changes only where it has no other keyword.
 * @throws AppError notFound; invalid
 */
export function changeSingleFilter(
  app: App,
  accountId: Id,
  id: Id,
  form: SingleFilterForm,
): Promise<SingleFilter> {
  return changing(app, accountId, async (trx) => {
    const before = await getSingleFilter(trx, accountId, id)
    const whole = changesOfWhole(before, form)
    if (before.filter.keywords.length > 1 && isChange(before.filter, whole)) {
      throw new AppError(
        'invalid',
        'Validation failed: Other keywords share these settings, which takes an application that knows of them',
      )
    }
    const keywords = [{ id, keyword: form.phrase, isWholeWord: form.isWholeWord }]
    await applyForm(trx, app, before.filter, { ...whole, keywords })
    return getSingleFilter(trx, accountId, id)
  })
}

/** The filter goes with its last keyword, unless it names notes: apps of old see nothing else of it. */
export function removeSingleFilter(app: App, accountId: Id, id: Id): Promise<void> {
  return changing(app, accountId, async (trx) => {
    const { filter } = await getSingleFilter(trx, accountId, id)
    const isAll = filter.keywords.length === 1 && filter.notes.length === 0
    await (isAll ? deleteFilter(trx, filter.id) : deleteFilterKeyword(trx, id))
  })
}

/** @throws AppError notFound, for somebody else's too */
export async function getSingleFilter(db: App['db'], accountId: Id, id: Id): Promise<SingleFilter> {
  const keyword = await getFilterKeyword(db, accountId, id)
  return { filter: await getFilter(db, accountId, keyword.filter_id), keyword }
}

function changesOfWhole({ filter, keyword }: SingleFilter, form: SingleFilterForm): FilterForm {
  const { phrase, contexts, isHiding, expiresInSeconds } = form
  // A title of its own stays, and so does a blur, which is no hiding.
  const isTitled = filter.keywords.length > 1 || filter.title !== keyword.keyword.trim()
  const isHidden = filter.action === 'hide'
  return {
    title: isTitled ? undefined : phrase,
    contexts,
    action: isHiding === undefined || isHiding === isHidden ? undefined : isHiding ? 'hide' : 'warn',
    expiresInSeconds,
  }
}

function isChange(filter: WholeFilter, { contexts, action, expiresInSeconds }: FilterForm): boolean {
  const isElsewhere = contexts && new Set(contexts).symmetricDifference(new Set(filter.contexts)).size > 0
  // No end is given where there is none: old apps send all that they show.
  const isEndless = expiresInSeconds === null && filter.expires_at === null
  return Boolean(isElsewhere) || action !== undefined || (expiresInSeconds !== undefined && !isEndless)
}
