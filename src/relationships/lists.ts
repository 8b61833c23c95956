import type { App } from '#src/app.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { lockAccount } from '#src/db/accounts.ts'
import { deleteExclusiveFromHome, returnToHome } from '#src/db/home-entries.ts'
import { deleteListEntries, fillList, refillList } from '#src/db/list-entries.ts'
import {
  countLists,
  deleteList,
  deleteMembers,
  insertList,
  insertMembers,
  type List,
  type ListWishes,
  listListable,
  lockList,
  updateList,
} from '#src/db/lists.ts'
import type { Id } from '#src/db/tables.ts'
import type { RepliesPolicy } from '#src/db/tables-lists.ts'

// Mastodon's.
const maxLists = 50
const longestTitle = 256
const repliesPolicies: readonly string[] = ['followed', 'list', 'none'] satisfies RepliesPolicy[]

/** What someone wants of a list; what is not given stays, or is as usual. */
export type ListForm = {
  title?: string | undefined
  repliesPolicy?: string | undefined
  isExclusive?: boolean | undefined
}

const usualList: ListWishes = { title: '', replies_policy: 'list', is_exclusive: false }

/** @throws AppError invalid for a title or policy that cannot be, and for the fifty-first list */
export async function createList(app: App, ownerId: Id, form: ListForm): Promise<List> {
  const wishes = wishesFrom(form, usualList)
  return app.db.transaction().execute(async (trx) => {
    await lockAccount(trx, ownerId)
    if ((await countLists(trx, ownerId)) >= maxLists)
      throw invalid('You have reached the maximum number of lists')
    return insertList(trx, ownerId, wishes)
  })
}

/**
 * What the list and the home feed show follows at once.
 * @throws AppError invalid; notFound, for somebody else's too
 */
export async function changeList(app: App, ownerId: Id, listId: Id, form: ListForm): Promise<List> {
  return app.db.transaction().execute(async (trx) => {
    const before = await lockList(trx, ownerId, listId)
    const list = await updateList(trx, listId, wishesFrom(form, before))
    if (list.replies_policy !== before.replies_policy) await refillList(trx, listId)
    if (list.is_exclusive && !before.is_exclusive) await deleteExclusiveFromHome(trx, ownerId)
    if (!list.is_exclusive && before.is_exclusive) await returnToHome(trx, list)
    return list
  })
}

/** @throws AppError notFound, for somebody else's too */
export async function removeList(app: App, ownerId: Id, listId: Id): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    const list = await lockList(trx, ownerId, listId)
    if (list.is_exclusive) {
      await updateList(trx, listId, { is_exclusive: false })
      await returnToHome(trx, list)
    }
    await deleteList(trx, listId)
  })
}

/**
 * Puts people on a list, all of them or none, with their last notes.
 * @param accountIds as sent
 * @throws AppError notFound for someone who is not followed, or is not there, and for somebody else's list; invalid
 * for who is on it already
 */
export async function addMembers(app: App, ownerId: Id, listId: Id, accountIds: Id[]): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    const list = await lockList(trx, ownerId, listId)
    const listable = await listListable(trx, ownerId, accountIds)
    if (listable.length < accountIds.length) throw notFound()
    const added = await insertMembers(trx, list, accountIds)
    if (added.length < accountIds.length) throw invalid('Account has already been taken')
    await fillList(trx, listId, added)
    if (list.is_exclusive) await deleteExclusiveFromHome(trx, ownerId)
  })
}

/**
 * Takes people off a list; who is not on it changes nothing.
 * @throws AppError notFound for somebody else's list
 */
export async function removeMembers(app: App, ownerId: Id, listId: Id, accountIds: Id[]): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    const list = await lockList(trx, ownerId, listId)
    await deleteMembers(trx, listId, accountIds)
    if (list.is_exclusive) await returnToHome(trx, list)
    await deleteListEntries(trx, listId, accountIds)
  })
}

function wishesFrom({ title, repliesPolicy, isExclusive }: ListForm, usual: ListWishes): ListWishes {
  const wishes = {
    title: title ?? usual.title,
    replies_policy: repliesPolicy ?? usual.replies_policy,
    is_exclusive: isExclusive ?? usual.is_exclusive,
  }
  if (wishes.title.trim() === '') throw invalid("Title can't be blank")
  if ([...wishes.title].length > longestTitle)
    throw invalid(`Title is too long (maximum is ${longestTitle} characters)`)
  const { replies_policy } = wishes
  if (!isRepliesPolicy(replies_policy)) throw invalid('Replies policy is not included in the list')
  return { ...wishes, replies_policy }
}

const isRepliesPolicy = (text: string): text is RepliesPolicy => repliesPolicies.includes(text)

const invalid = (fault: string) => new AppError('invalid', `Validation failed: ${fault}`)
