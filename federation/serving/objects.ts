import type { App } from '#src/app.ts'
import { findNoteRow, findVisibleNote, type Note } from '#src/db/notes.ts'
import { listPolls } from '#src/db/polls.ts'
import { listReplyUris } from '#src/db/published.ts'
import type { Id } from '#src/db/tables.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import { loadNoteView, type NoteView } from '#src/notes/view.ts'
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
  toDocument,
  tombstoneResponse,
} from './documents.ts'

const embeddedReplies = 20

/**
 * GET of a note or a boost: for everyone when it is public, for readers who prove who they are otherwise; 410 where
 * a public one was.
 */
export async function noteResponse(
  serving: Serving & { loadFedify: LoadFedify },
  request: Request,
  id: Id,
): Promise<Response> {
  const { app, loadFedify } = serving
  const row = await findNoteRow(app.db, id)
  if (!row?.is_local) return notFoundResponse()
  if (row.deleted_at)
    return isForEveryone(row) ? tombstoneResponse(request, toTombstone(row)) : notFoundResponse()
  if (isForEveryone(row)) {
    const isShutOut = await isFromShutOut(loadFedify, app, { request, authorId: row.account_id })
    return isShutOut ? notFoundResponse() : openNoteResponse(serving, request, row)
  }
  const readerId = await findSignedReader(loadFedify, app, request)
  if (readerId === null || !(await findVisibleNote(app.db, id, readerId))) return notFoundResponse()
  return privateResponse(request, await buildDocument(serving, row, readerId))
}

async function openNoteResponse(serving: Serving, request: Request, row: Note): Promise<Response> {
  const { app, documents } = serving
  if (!(await findVisibleNote(app.db, row.id, null))) return notFoundResponse()
  const { edited_at, likes_count, boosts_count, replies_count } = row
  const poll = row.object_type === 'Question' ? await pollStateOf(app.db, row.id) : ''
  const isLabelled = await labelsPictures(app)
  const quote = [row.quote_state, row.quote_authorization_uri, row.quote_policy].join(' ')
  const counts = [likes_count, boosts_count, replies_count].join(' ')
  const version = [edited_at?.getTime(), counts, isLabelled, poll, quote].join(' ')
  const document = await documents.get(`note ${row.id} ${version}`, () => buildDocument(serving, row, null))
  return documentResponse(request, document)
}

/** Changes with every vote, and when it ends. */
async function pollStateOf(db: App['db'], noteId: Id): Promise<string> {
  const [poll] = await listPolls(db, [noteId], null)
  return poll ? `${poll.options.map(({ votes }) => votes).join('-')} ${poll.closed_at !== null}` : ''
}

/** GET of the Create that a public note came with, or of a boost's Announce: their ids can be looked up. */
export async function activityResponse(
  serving: Serving & { loadFedify: LoadFedify },
  request: Request,
  id: Id,
): Promise<Response> {
  const { app, server, loadFedify } = serving
  const note = await findVisibleNote(app.db, id, null)
  if (!note?.is_local) return notFoundResponse()
  if (await isFromShutOut(loadFedify, app, { request, authorId: note.account_id })) return notFoundResponse()
  const view = await loadNoteView(app.db, id, null)
  const activity = view.boostOf
    ? toBoost(view, view.boostOf, server)
    : toCreate(note, await buildNote(serving, view))
  return documentResponse(request, toDocument(activity))
}

async function buildDocument(
  { app, server }: Pick<Serving, 'app' | 'server'>,
  row: Note,
  readerId: Id | null,
): Promise<JsonObject> {
  const view = await loadNoteView(app.db, row.id, readerId)
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
    listReplyUris(app.db, {
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
