import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { getList, listLists, listMembers } from '#src/db/lists.ts'
import type { Id } from '#src/db/tables.ts'
import {
  addMembers,
  changeList,
  createList,
  type ListForm,
  removeList,
  removeMembers,
} from '#src/relationships/lists.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, isId, optionalFlag, textField, textList } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { toAccount } from './entities/account.ts'
import { toList } from './entities/list.ts'
import { idParam } from './params.ts'

const listForm = z.object({ title: textField, replies_policy: textField, exclusive: optionalFlag }).transform(
  ({ title, replies_policy, exclusive }): ListForm => ({
    title,
    repliesPolicy: replies_policy,
    isExclusive: exclusive,
  }),
)

/** https://docs.joinmastodon.org/methods/lists/, mounted at `/api/v1/lists`. */
export function listRoutes(app: App) {
  const read = requireScope('read:lists')
  const write = requireScope('write:lists')
  return new Hono<Env>()
    .get('/', read, async (c) => c.json((await listLists(app.db, c.var.viewer.accountId)).map(toList)))
    .post('/', write, form(listForm), async (c) =>
      c.json(toList(await createList(app, c.var.viewer.accountId, c.req.valid('form')))),
    )
    .get('/:id', read, async (c) => c.json(toList(await getList(app.db, c.var.viewer.accountId, idParam(c)))))
    .put('/:id', write, form(listForm), async (c) =>
      c.json(toList(await changeList(app, c.var.viewer.accountId, idParam(c), c.req.valid('form')))),
    )
    .delete('/:id', write, async (c) => {
      await removeList(app, c.var.viewer.accountId, idParam(c))
      return c.json({})
    })
    .route('/', memberRoutes(app))
}

const people = { usual: 40, most: 80 }
/** More than fit into a request otherwise. */
const mostAtOnce = 1_000
const membersForm = z.object({ account_ids: textList(mostAtOnce) })

function memberRoutes(app: App) {
  const write = requireScope('write:lists')
  return new Hono<Env>()
    .get('/:id/accounts', requireScope('read:lists'), async (c) => {
      const list = await getList(app.db, c.var.viewer.accountId, idParam(c))
      const page = c.req.query('limit') === '0' ? undefined : readPage(c, people)
      const members = await listMembers(app.db, list.id, page)
      if (page)
        linkPages(
          app,
          c,
          members.map(({ id }) => id),
        )
      return c.json(members.map((member) => toAccount(app, member)))
    })
    .post('/:id/accounts', write, form(membersForm), async (c) => {
      const ids = c.req.valid('form').account_ids
      await addMembers(app, c.var.viewer.accountId, idParam(c), idsFrom(ids))
      return c.json({})
    })
    .delete('/:id/accounts', write, form(membersForm), async (c) => {
      const ids = c.req.valid('form').account_ids.filter(isId)
      await removeMembers(app, c.var.viewer.accountId, idParam(c), ids)
      return c.json({})
    })
}

/** What cannot be an id stands for nobody. @throws AppError notFound */
function idsFrom(texts: string[]): Id[] {
  if (!texts.every(isId)) throw notFound()
  return texts
}
