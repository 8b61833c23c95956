import type { App } from '#src/app.ts'
import { normalizeTag } from '#src/base/text.ts'
import { getAccount } from '#src/db/accounts.ts'
import type { Page } from '#src/db/paging.ts'
import type { Id } from '#src/db/tables.ts'
import {
  type AccountNotesOptions,
  listAccountNoteIds,
  listBookmarkedIds,
  listHomeIds,
  listLikedIds,
  listPublicIds,
  listTagIds,
  type PublicOptions,
} from '#src/db/timelines.ts'
import type { NoteView } from '#src/notes/view.ts'
import { type Slice, sliceOfMarked, sliceOfNotes } from './slice.ts'

// Every feed is read the same way: a keyset scan for ids, then their views, in a constant number of queries.

type Reader = Pick<App, 'db'>

export async function readHome({ db }: Reader, viewerId: Id, page: Page): Promise<Slice<NoteView>> {
  return sliceOfNotes(db, await listHomeIds(db, viewerId, page), viewerId)
}

export async function readPublic(
  { db }: Reader,
  viewerId: Id | null,
  page: Page,
  options: PublicOptions,
): Promise<Slice<NoteView>> {
  return sliceOfNotes(db, await listPublicIds(db, viewerId, page, options), viewerId)
}

export type TagFeed = PublicOptions & { tag: string }

/** @param feed.tag as typed, without the sign */
export async function readTag(
  { db }: Reader,
  viewerId: Id | null,
  page: Page,
  feed: TagFeed,
): Promise<Slice<NoteView>> {
  return sliceOfNotes(db, await listTagIds(db, normalizeTag(feed.tag), viewerId, page, feed), viewerId)
}

export type AccountFeed = AccountNotesOptions & { accountId: Id }

/** @throws AppError notFound */
export async function readAccount(
  { db }: Reader,
  viewerId: Id | null,
  page: Page,
  feed: AccountFeed,
): Promise<Slice<NoteView>> {
  await getAccount(db, feed.accountId)
  const tag = feed.tag === undefined ? undefined : normalizeTag(feed.tag)
  const ids = await listAccountNoteIds(db, feed.accountId, viewerId, page, { ...feed, tag })
  return sliceOfNotes(db, ids, viewerId)
}

/** Newest bookmark first. */
export async function readBookmarks({ db }: Reader, viewerId: Id, page: Page): Promise<Slice<NoteView>> {
  return sliceOfMarked(db, await listBookmarkedIds(db, viewerId, page), viewerId)
}

/** Newest like first. */
export async function readLikes({ db }: Reader, viewerId: Id, page: Page): Promise<Slice<NoteView>> {
  return sliceOfMarked(db, await listLikedIds(db, viewerId, page), viewerId)
}
