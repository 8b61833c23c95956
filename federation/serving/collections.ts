import type { App } from '#src/app.ts'
import { type Account, findAccount } from '#src/db/accounts.ts'
import { findNoteRow, findVisibleNote, type Note } from '#src/db/notes.ts'
import {
  countConversation,
  type FollowSide,
  listConversationUris,
  listFollowUris,
  listPublishedIds,
  listReplyUris,
} from '#src/db/published.ts'
import type { Id } from '#src/db/tables.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'
import { toAnnounce, toCreate } from '../convert/activity.ts'
import { toNote, toOwnReplies } from '../convert/note.ts'
import { type JsonObject, noteContext, plainContext } from '../convert/vocabulary.ts'
import type { Serving } from './actors.ts'
import { documentResponse, notFoundResponse, toDocument } from './documents.ts'
import { featuredCollection, featuredTagsCollection } from './featured.ts'
import { labelsPictures } from './objects.ts'

const outboxPage = 20
const followsPage = 100
const repliesPage = 50
const conversationPage = 100

const accountCollections = ['outbox', 'followers', 'following', 'featured', 'featured-tags'] as const
type AccountCollection = (typeof accountCollections)[number]
const noteCollections = ['replies', 'likes', 'shares'] as const
type NoteCollection = (typeof noteCollections)[number]

export const isAccountCollection = (name: string): name is AccountCollection =>
  accountCollections.some((known) => known === name)
export const isNoteCollection = (name: string): name is NoteCollection =>
  noteCollections.some((known) => known === name)

/** GET of a collection of an actor; a page of it where `page` stands in the query. */
export async function accountCollectionResponse(
  serving: Serving,
  request: Request,
  { id, name }: { id: Id; name: AccountCollection },
): Promise<Response> {
  const account = await findAccount(serving.app.db, id)
  if (!account || account.domain !== null || account.deleted_at || account.suspended_at)
    return notFoundResponse()
  const page = pageOf(request)
  return respond(request, await accountCollection(serving, account, name, page))
}

/** Undefined for the collection itself. `beforeId` is where the page starts. */
type Page = { beforeId: Id | undefined } | undefined

function pageOf(request: Request): Page {
  const { searchParams } = new URL(request.url)
  const before = searchParams.get('before')
  return searchParams.has('page') || before ? { beforeId: cursorOf(before) } : undefined
}

function accountCollection(
  serving: Serving,
  account: Account,
  name: AccountCollection,
  page: Page,
): Promise<JsonObject> | JsonObject {
  const { uris } = serving.server
  switch (name) {
    case 'outbox':
      return page ? outboxOf(serving, account, page) : ordered(uris.outbox(account.id), account.notes_count)
    case 'followers':
      return page
        ? followsOf(serving.app, account, name, page)
        : ordered(uris.followers(account.id), account.followers_count)
    case 'following':
      return page
        ? followsOf(serving.app, account, name, page)
        : ordered(uris.following(account.id), account.following_count)
    case 'featured':
      return featuredCollection(serving, account)
    case 'featured-tags':
      return featuredTagsCollection(serving, account)
  }
}

const bare = (id: string): JsonObject => ({ '@context': plainContext, id })

function ordered(id: string, totalItems: number): JsonObject {
  return { ...bare(id), type: 'OrderedCollection', totalItems, first: `${id}?page=true` }
}

type PageParts = {
  collection: string
  beforeId: Id | undefined
  nextBefore: Id | undefined
  context?: unknown
}

function orderedPage({ collection, beforeId, nextBefore, context }: PageParts, items: unknown[]): JsonObject {
  return {
    '@context': context ?? plainContext,
    id: beforeId === undefined ? `${collection}?page=true` : `${collection}?page=true&before=${beforeId}`,
    type: 'OrderedCollectionPage',
    partOf: collection,
    ...(nextBefore !== undefined && { next: `${collection}?page=true&before=${nextBefore}` }),
    orderedItems: items,
  }
}

async function outboxOf(
  { app, server }: Serving,
  account: Account,
  { beforeId }: { beforeId: Id | undefined },
): Promise<JsonObject> {
  const ids = await listPublishedIds(app.db, account.id, { limit: outboxPage, beforeId })
  const [views, isLabelled] = await Promise.all([loadNoteViews(app.db, ids, null), labelsPictures(app)])
  const collection = server.uris.outbox(account.id)
  const nextBefore = ids.length === outboxPage ? ids.at(-1) : undefined
  const items = views.map((view) => toOutboxItem(view, isLabelled, server))
  return orderedPage({ collection, beforeId, nextBefore, context: noteContext }, items)
}

function toOutboxItem(view: NoteView, isLabelled: boolean, server: Serving['server']): JsonObject {
  const { note, account, boostOf } = view
  const { '@context': _context, ...activity } = boostOf
    ? toAnnounce(note, account, { uri: boostOf.note.uri, authorUri: boostOf.account.uri }, server)
    : toCreate(note, toNote(view, { ownReplyUris: [], isLabelled }, server))
  return activity
}

async function followsOf(
  { db, uris }: App,
  account: Account,
  side: FollowSide,
  { beforeId }: { beforeId: Id | undefined },
): Promise<JsonObject> {
  const rows = await listFollowUris(db, account.id, side, { limit: followsPage, beforeId })
  const collection = uris[side](account.id)
  const nextBefore = rows.length === followsPage ? rows.at(-1)?.follow_id : undefined
  return orderedPage(
    { collection, beforeId, nextBefore },
    rows.map(({ uri }) => uri),
  )
}

/** GET of a collection of a public note. Who liked and boosted it is counted, not told. */
export async function noteCollectionResponse(
  { app }: Serving,
  request: Request,
  { id, name }: { id: Id; name: NoteCollection },
): Promise<Response> {
  const note = await findVisibleNote(app.db, id, null)
  if (!note?.is_local || note.boost_of_id !== null) return notFoundResponse()
  if (name === 'replies') return respond(request, await repliesOf(app, note, new URL(request.url)))
  const totalItems = name === 'likes' ? note.likes_count : note.boosts_count
  return respond(request, { ...bare(app.uris[name](id)), type: 'Collection', totalItems })
}

/** The author's own answers first, since they belong to the text; then everyone else's. */
async function repliesOf(app: App, note: Note, { searchParams }: URL): Promise<JsonObject> {
  const by = searchParams.get('page') === 'others' ? 'others' : 'author'
  const afterId = cursorOf(searchParams.get('after'))
  const rows = await listReplyUris(app.db, {
    noteId: note.id,
    authorId: note.account_id,
    by,
    limit: repliesPage,
    afterId,
  })
  const collection = app.uris.replies(note.id)
  const items = rows.map(({ uri }) => uri)
  if (by === 'others') {
    const last = rows.length === repliesPage ? rows.at(-1)?.id : undefined
    return {
      ...bare(`${collection}?page=others${afterId ? `&after=${afterId}` : ''}`),
      type: 'CollectionPage',
      partOf: collection,
      ...(last !== undefined && { next: `${collection}?page=others&after=${last}` }),
      items,
    }
  }
  const first = toOwnReplies(collection, items)
  if (searchParams.has('page')) return { '@context': plainContext, ...first }
  return { ...bare(collection), type: 'Collection', totalItems: note.replies_count, first }
}

/**
 * GET of a conversation that began here: its notes, oldest first (FEP-f228, FEP-7888).
 * @param rootId the note it began with
 */
export async function conversationResponse(
  { app }: Serving,
  request: Request,
  rootId: Id,
): Promise<Response> {
  const collection = app.uris.conversation(rootId)
  const root = await findNoteRow(app.db, rootId)
  const author = root?.is_local && root.conversation_uri === collection ? root.account_id : undefined
  const totalItems = author === undefined ? 0 : await countConversation(app.db, collection)
  if (author === undefined || totalItems === 0) return notFoundResponse()
  const { searchParams } = new URL(request.url)
  if (!searchParams.has('page'))
    return respond(request, { ...ordered(collection, totalItems), attributedTo: app.uris.actor(author) })
  const afterId = cursorOf(searchParams.get('after'))
  const rows = await listConversationUris(app.db, collection, { limit: conversationPage, afterId })
  const last = rows.length === conversationPage ? rows.at(-1)?.id : undefined
  return respond(request, {
    ...bare(`${collection}?page=true${afterId === undefined ? '' : `&after=${afterId}`}`),
    type: 'OrderedCollectionPage',
    partOf: collection,
    ...(last !== undefined && { next: `${collection}?page=true&after=${last}` }),
    orderedItems: rows.map(({ uri }) => uri),
  })
}

/** Where a page starts; what no id can be is no start. 64-bit numbers: anything longer would make Postgres complain. */
function cursorOf(text: string | null): Id | undefined {
  return /^\d{1,18}$/.test(text ?? '') ? (text ?? undefined) : undefined
}

function respond(request: Request, json: JsonObject): Response {
  return documentResponse(request, toDocument(json))
}
