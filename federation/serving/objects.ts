import type { App } from '#src/app.ts'
import { findNoteRow, findVisibleNote, type Note } from '#src/db/notes.ts'
import { listReplyUris } from '#src/db/published.ts'
import type { Id } from '#src/db/tables.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import { loadNoteView, loadNoteViews, type NoteView } from '#src/notes/view.ts'
import { readSetting } from '#src/policies/settings.ts'
import type { Server } from '../convert/account.ts'
import { toAnnounce, toCreate } from '../convert/activity.ts'
import { type NoteOptions, toNote, toNoteDocument } from '../convert/note.ts'
import { type JsonObject, plainContext } from '../convert/vocabulary.ts'
import type { LoadFedify } from '../fedify.ts'
import { findSignedReader, isFromShutOut } from '../trust.ts'
import type { Serving } from './actors.ts'
import {
  documentResponse,
  notFoundResponse,
  privateResponse,
  type Shown,
  shownResponse,
  toDocument,
} from './documents.ts'

const embeddedReplies = 20

/**
 * GET of a note or a boost: for everyone when it is public, for readers who prove who they are otherwise; 410 where
 * a public one was.
 */
export async function noteResponse(serving: AskedFor, request: Request, id: Id): Promise<Response> {
  const shown = await serving.documents.get(`note ${id}`, () => showNote(serving, id))
  if (shown.state === 'closed') return closedNoteResponse(serving, request, id)
  const isShutOut =
    shown.state === 'open' &&
    (await isFromShutOut(serving.loadFedify, serving, { request, authorId: shown.authorId }))
  return isShutOut ? notFoundResponse() : shownResponse(request, shown)
}

type AskedFor = Serving & { loadFedify: LoadFedify }

async function showNote(serving: Serving, id: Id): Promise<Shown> {
  const { db } = serving.app
  const [view] = await loadNoteViews(db, [id], null)
  if (view?.note.is_local) {
    const document = toDocument(await buildDocument(serving, view))
    return { state: 'open', document, authorId: view.account.id }
  }
  const row = await findNoteRow(db, id)
  if (!row?.is_local) return { state: 'nowhere' }
  if (!isForEveryone(row)) return { state: row.deleted_at ? 'nowhere' : 'closed' }
  return row.deleted_at ? { state: 'gone', document: toDocument(toTombstone(row)) } : { state: 'nowhere' }
}

async function closedNoteResponse(serving: AskedFor, request: Request, id: Id): Promise<Response> {
  const readerId = await findSignedReader(serving.loadFedify, serving.app, request)
  const [view] = readerId === null ? [] : await loadNoteViews(serving.app.db, [id], readerId)
  return view ? privateResponse(request, await buildDocument(serving, view)) : notFoundResponse()
}

/** GET of the Create that a public note came with, or of a boost's Announce: their ids can be looked up. */
export async function activityResponse(serving: AskedFor, request: Request, id: Id): Promise<Response> {
  const { app, server, loadFedify } = serving
  const note = await findVisibleNote(app.db, id, null)
  if (!note?.is_local) return notFoundResponse()
  if (await isFromShutOut(loadFedify, serving, { request, authorId: note.account_id }))
    return notFoundResponse()
  const view = await loadNoteView(app.db, id, null)
  const activity = view.boostOf
    ? toBoost(view, view.boostOf, server)
    : toCreate(note, await buildNote(serving, view))
  return documentResponse(request, toDocument(activity))
}

async function buildDocument(
  { app, server }: Pick<Serving, 'app' | 'server'>,
  view: NoteView,
): Promise<JsonObject> {
  if (view.boostOf) return toBoost(view, view.boostOf, server)
  return toNoteDocument(view, await noteOptions(app, view.note), server)
}

function toBoost({ note, account }: NoteView, boostOf: NoteView, server: Server): JsonObject {
  return toAnnounce(note, account, { uri: boostOf.note.uri, authorUri: boostOf.account.uri }, server)
}

/** The object of an activity about a local note. */
export async function buildNote(
  { app, server }: Pick<Serving, 'app' | 'server'>,
  view: NoteView,
): Promise<JsonObject> {
  return toNote(view, await noteOptions(app, view.note), server)
}

async function noteOptions(app: App, note: Note): Promise<NoteOptions> {
  const [ownReplies, isLabelled] = await Promise.all([
    // Most have none.
    note.replies_count === 0
      ? []
      : listReplyUris(app.db, {
          noteId: note.id,
          authorId: note.account_id,
          by: 'author',
          limit: embeddedReplies,
        }),
    labelsPictures(app),
  ])
  return { ownReplyUris: ownReplies.map(({ uri }) => uri), isLabelled }
}

/** The operator's switch for the visible line under pictures; on unless turned off. */
export async function labelsPictures({ db }: Pick<App, 'db'>): Promise<boolean> {
  return readSetting(db, 'label_pictures')
}

function toTombstone({ uri }: Note): JsonObject {
  return { '@context': plainContext, id: uri, type: 'Tombstone' }
}
