import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { listFilters } from '#src/db/filters.ts'
import {
  addKeyword,
  changeFilter,
  changeKeyword,
  createFilter,
  type FilterForm,
  filterNote,
  getFilter,
  getFilteredNote,
  getFilterKeyword,
  removeFilter,
  removeKeyword,
  unfilterNote,
} from '#src/notes/filters.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, optionalFlag, optionalId, textField } from '../bodies.ts'
import { toFilterKeyword, toFilterStatus, toWholeFilter } from './entities/filter.ts'
import { contextList, expiresIn } from './filter-fields.ts'
import { idParam } from './params.ts'

const keyword = z
  .object({ id: optionalId, keyword: textField, whole_word: optionalFlag, _destroy: optionalFlag })
  .transform(({ id, keyword, whole_word, _destroy }) => ({
    id,
    keyword,
    isWholeWord: whole_word,
    isRemoved: _destroy,
  }))

/** A list, or `keywords_attributes[0][keyword]` as forms write it. */
const keywordsAttributes = z
  .union([z.array(keyword), z.record(z.string(), keyword).transform((byPlace) => Object.values(byPlace))])
  .nullish()

const filterForm = z
  .object({
    title: textField,
    context: contextList,
    filter_action: textField,
    expires_in: expiresIn,
    keywords_attributes: keywordsAttributes,
  })
  .transform(
    (fields): FilterForm => ({
      title: fields.title,
      contexts: fields.context,
      action: fields.filter_action,
      expiresInSeconds: fields.expires_in,
      keywords: fields.keywords_attributes ?? undefined,
    }),
  )

const keywordForm = z
  .object({ keyword: textField, whole_word: optionalFlag })
  .transform(({ keyword, whole_word }) => ({ keyword, isWholeWord: whole_word }))

const statusForm = z.object({ status_id: optionalId.catch(undefined) })

/** https://docs.joinmastodon.org/methods/filters/, mounted at `/api/v2/filters`. */
export function filterRoutes(app: App) {
  return new Hono<Env>()
    .route('/', wholeRoutes(app))
    .route('/', keywordRoutes(app))
    .route('/', filteredNoteRoutes(app))
}

const read = requireScope('read:filters')
const write = requireScope('write:filters')

function wholeRoutes(app: App) {
  return new Hono<Env>()
    .get('/', read, async (c) => {
      const filters = await listFilters(app.db, c.var.viewer.accountId)
      return c.json(filters.map(toWholeFilter))
    })
    .post('/', write, form(filterForm), async (c) =>
      c.json(toWholeFilter(await createFilter(app, c.var.viewer.accountId, c.req.valid('form')))),
    )
    .get('/:id', read, async (c) =>
      c.json(toWholeFilter(await getFilter(app.db, c.var.viewer.accountId, idParam(c)))),
    )
    .put('/:id', write, form(filterForm), async (c) =>
      c.json(toWholeFilter(await changeFilter(app, c.var.viewer.accountId, idParam(c), c.req.valid('form')))),
    )
    .delete('/:id', write, async (c) => {
      await removeFilter(app, c.var.viewer.accountId, idParam(c))
      return c.json({})
    })
}

function keywordRoutes(app: App) {
  return new Hono<Env>()
    .get('/:id/keywords', read, async (c) => {
      const { keywords } = await getFilter(app.db, c.var.viewer.accountId, idParam(c))
      return c.json(keywords.map(toFilterKeyword))
    })
    .post('/:id/keywords', write, form(keywordForm), async (c) =>
      c.json(toFilterKeyword(await addKeyword(app, c.var.viewer.accountId, idParam(c), c.req.valid('form')))),
    )
    .get('/keywords/:id', read, async (c) =>
      c.json(toFilterKeyword(await getFilterKeyword(app.db, c.var.viewer.accountId, idParam(c)))),
    )
    .put('/keywords/:id', write, form(keywordForm), async (c) =>
      c.json(
        toFilterKeyword(await changeKeyword(app, c.var.viewer.accountId, idParam(c), c.req.valid('form'))),
      ),
    )
    .delete('/keywords/:id', write, async (c) => {
      await removeKeyword(app, c.var.viewer.accountId, idParam(c))
      return c.json({})
    })
}

function filteredNoteRoutes(app: App) {
  return new Hono<Env>()
    .get('/:id/statuses', read, async (c) => {
      const { notes } = await getFilter(app.db, c.var.viewer.accountId, idParam(c))
      return c.json(notes.map(toFilterStatus))
    })
    .post('/:id/statuses', write, form(statusForm), async (c) => {
      const { status_id: noteId } = c.req.valid('form')
      return c.json(toFilterStatus(await filterNote(app, c.var.viewer.accountId, idParam(c), noteId)))
    })
    .get('/statuses/:id', read, async (c) =>
      c.json(toFilterStatus(await getFilteredNote(app.db, c.var.viewer.accountId, idParam(c)))),
    )
    .delete('/statuses/:id', write, async (c) => {
      await unfilterNote(app, c.var.viewer.accountId, idParam(c))
      return c.json({})
    })
}
