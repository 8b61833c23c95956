import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { normalizeTag } from '#src/base/text.ts'
import { getAccount } from '#src/db/accounts.ts'
import { getList } from '#src/db/lists.ts'
import type { Page } from '#src/db/paging.ts'
import { findPreviewCardId } from '#src/db/preview-cards.ts'
import type { Id } from '#src/db/tables.ts'
import { listTagged } from '#src/db/tagged-notes.ts'
import {
  type AccountNotesOptions,
  listBookmarked,
  listDirect,
  listHome,
  listInList,
  listLiked,
  listLinking,
  listNotesOf,
  listPublic,
  type PublicOptions,
} from '#src/db/timelines.ts'
import type { NoteView } from '#src/notes/view.ts'
import { type Slice, sliceOf } from './slice.ts'

// Every feed is read the same way: a keyset scan, then what is shown of it, in a constant number of queries.

type Reader = Pick<App, 'db'>

export async function readHome({ db }: Reader, viewerId: Id, page: Page): Promise<Slice<NoteView>> {
  return sliceOf(db, await listHome(db, viewerId, page), viewerId)
}

export async function readDirect({ db }: Reader, viewerId: Id, page: Page): Promise<Slice<NoteView>> {
  return sliceOf(db, await listDirect(db, viewerId, page), viewerId)
}

export async function readPublic(
  { db }: Reader,
  viewerId: Id | null,
  page: Page,
  options: PublicOptions,
): Promise<Slice<NoteView>> {
  return sliceOf(db, await listPublic(db, viewerId, page, options), viewerId)
}

/** @throws AppError notFound, for somebody else's list too */
export async function readList(
  { db }: Reader,
  viewerId: Id,
  listId: Id,
  page: Page,
): Promise<Slice<NoteView>> {
  const [notes] = await Promise.all([listInList(db, listId, viewerId, page), getList(db, viewerId, listId)])
  return sliceOf(db, notes, viewerId)
}

/** As typed, without the sign. */
export type TagFeed = PublicOptions & { tag: string; any?: string[]; all?: string[]; none?: string[] }

/** What carries the tag or any of the others, and of those what carries all of these and none of those. */
export async function readTag(
  { db }: Reader,
  viewerId: Id | null,
  page: Page,
  feed: TagFeed,
): Promise<Slice<NoteView>> {
  const { tag, any = [], all = [], none = [], ...options } = feed
  const which = {
    any: [tag, ...any].map(normalizeTag),
    all: all.map(normalizeTag),
    none: none.map(normalizeTag),
  }
  return sliceOf(db, await listTagged(db, which, viewerId, page, options), viewerId)
}

/**
 * What is said of a web page.
 * @throws AppError notFound for one that nobody linked to
 */
export async function readLinking(
  { db }: Reader,
  viewerId: Id | null,
  page: Page,
  url: string,
): Promise<Slice<NoteView>> {
  const cardId = await findPreviewCardId(db, url)
  if (cardId === undefined) throw notFound()
  return sliceOf(db, await listLinking(db, cardId, viewerId, page), viewerId)
}

export type AccountFeed = AccountNotesOptions & { accountId: Id }

/** @throws AppError notFound */
export async function readAccount(
  { db }: Reader,
  viewerId: Id | null,
  page: Page,
  feed: AccountFeed,
): Promise<Slice<NoteView>> {
  const tag = feed.tag === undefined ? undefined : normalizeTag(feed.tag)
  const [notes] = await Promise.all([
    listNotesOf(db, feed.accountId, viewerId, page, { ...feed, tag }),
    getAccount(db, feed.accountId),
  ])
  return sliceOf(db, notes, viewerId)
}

/** Newest bookmark first. */
export async function readBookmarks({ db }: Reader, viewerId: Id, page: Page): Promise<Slice<NoteView>> {
  return sliceOf(db, await listBookmarked(db, viewerId, page), viewerId, ({ cursor }) => cursor)
}

/** Newest like first. */
export async function readLikes({ db }: Reader, viewerId: Id, page: Page): Promise<Slice<NoteView>> {
  return sliceOf(db, await listLiked(db, viewerId, page), viewerId, ({ cursor }) => cursor)
}
