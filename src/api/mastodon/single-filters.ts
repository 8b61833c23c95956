import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { listFilters } from '#src/db/filters.ts'
import {
  changeSingleFilter,
  createSingleFilter,
  getSingleFilter,
  removeSingleFilter,
  type SingleFilter,
  type SingleFilterForm,
} from '#src/notes/single-filters.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, optionalFlag, textField } from '../bodies.ts'
import { toV1Filter } from './entities/filter.ts'
import { contextList, expiresIn } from './filter-fields.ts'
import { idParam } from './params.ts'

const singleFilterForm = z
  .object({
    phrase: textField,
    context: contextList,
    irreversible: optionalFlag,
    whole_word: optionalFlag,
    expires_in: expiresIn,
  })
  .transform(
    (fields): SingleFilterForm => ({
      phrase: fields.phrase,
      contexts: fields.context,
      isHiding: fields.irreversible,
      isWholeWord: fields.whole_word,
      expiresInSeconds: fields.expires_in,
    }),
  )

/** https://docs.joinmastodon.org/methods/filters/#v1, mounted at `/api/v1/filters`. */
export function singleFilterRoutes(app: App) {
  const read = requireScope('read:filters')
  const write = requireScope('write:filters')
  return new Hono<Env>()
    .get('/', read, async (c) => {
      const filters = await listFilters(app.db, c.var.viewer.accountId)
      return c.json(
        filters.flatMap((filter) => filter.keywords.map((keyword) => toV1Filter(filter, keyword))),
      )
    })
    .post('/', write, form(singleFilterForm), async (c) =>
      c.json(present(await createSingleFilter(app, c.var.viewer.accountId, c.req.valid('form')))),
    )
    .get('/:id', read, async (c) =>
      c.json(present(await getSingleFilter(app.db, c.var.viewer.accountId, idParam(c)))),
    )
    .put('/:id', write, form(singleFilterForm), async (c) =>
      c.json(present(await changeSingleFilter(app, c.var.viewer.accountId, idParam(c), c.req.valid('form')))),
    )
    .delete('/:id', write, async (c) => {
      await removeSingleFilter(app, c.var.viewer.accountId, idParam(c))
      return c.json({})
    })
}

const present = ({ filter, keyword }: SingleFilter) => toV1Filter(filter, keyword)
