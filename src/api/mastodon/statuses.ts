import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { type Account, getAccount } from '#src/db/accounts.ts'
import { listBoosters, listLikers } from '#src/db/likes.ts'
import { getVisibleOriginal } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { boostNote, unboostNote } from '#src/notes/boost.ts'
import { createNote, editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { bookmarkNote, likeNote, unbookmarkNote, unlikeNote } from '#src/notes/like.ts'
import { muteConversation, unmuteConversation } from '#src/notes/mute-conversation.ts'
import { pinNote, unpinNote } from '#src/notes/pin.ts'
import { scheduleNote } from '#src/notes/schedule.ts'
import { listVersions } from '#src/notes/versions.ts'
import { loadNoteView, loadNoteViews, type NoteView } from '#src/notes/view.ts'
import { wantReplies } from '#src/notes/want-replies.ts'
import { readThread } from '#src/timelines/thread.ts'
import { allowScope, type Env, requireScope } from '../bearer.ts'
import { flag, form, idList, query, textField } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { toAccount } from './entities/account.ts'
import { toScheduledStatus } from './entities/scheduled-status.ts'
import { toDeletedStatus, toStatus, toStatusSource } from './entities/status.ts'
import { toStatusEdit } from './entities/status-edit.ts'
import { fromMastodonVisibility } from './entities/visibility.ts'
import { idParam, viewerIdOf } from './params.ts'
import { quoteRoutes } from './quotes.ts'
import { momentOf } from './scheduled-statuses.ts'
import { readEdit, readNewNote, statusForm } from './status-form.ts'

/** https://docs.joinmastodon.org/methods/statuses/, mounted at `/api/v1/statuses`. */
export function statusRoutes(app: App) {
  return new Hono<Env>()
    .route('/', writingRoutes(app))
    .route('/', readingRoutes(app))
    .route('/', reactionRoutes(app))
    .route('/', quoteRoutes(app))
}

function writingRoutes(app: App) {
  const write = requireScope('write:statuses')
  return new Hono<Env>()
    .post('/', write, form(statusForm), async (c) => {
      const author = await getAccount(app.db, c.var.viewer.accountId)
      const fields = c.req.valid('form')
      const note = await readNewNote(app, author, fields)
      const request = {
        idempotencyKey: idempotencyKeyOf(c),
        applicationId: c.var.token?.applicationId ?? null,
      }
      if (!fields.scheduled_at) return c.json(toStatus(app, await createNote(app, author, note, request)))
      const scheduledAt = momentOf(fields.scheduled_at)
      return c.json(
        toScheduledStatus(app, await scheduleNote(app, author, note, { ...request, scheduledAt })),
      )
    })
    .put('/:id', write, form(statusForm), async (c) => {
      const { accountId } = c.var.viewer
      const before = await getOwnNote(app, accountId, idParam(c))
      const edit = readEdit(before, c.req.valid('form'))
      return c.json(toStatus(app, await editNote(app, accountId, before.note.id, edit)))
    })
    .delete('/:id', write, form(z.object({ delete_media: flag })), async (c) => {
      const options = { deletesMedia: c.req.valid('form').delete_media }
      return c.json(toDeletedStatus(app, await deleteNote(app, c.var.viewer.accountId, idParam(c), options)))
    })
    .get('/:id/source', requireScope('read:statuses'), async (c) =>
      c.json(toStatusSource(await getOwnNote(app, c.var.viewer.accountId, idParam(c)))),
    )
}

const idsQuery = z.object({ id: idList(20) })

function readingRoutes(app: App) {
  const read = allowScope('read:statuses')
  return new Hono<Env>()
    .get('/', read, query(idsQuery), async (c) => {
      const views = await loadNoteViews(app.db, c.req.valid('query').id, viewerIdOf(c))
      return c.json(views.map((view) => toStatus(app, view)))
    })
    .get('/:id', read, async (c) =>
      c.json(toStatus(app, await loadNoteView(app.db, idParam(c), viewerIdOf(c)))),
    )
    .get('/:id/context', read, async (c) => {
      const viewerId = viewerIdOf(c)
      const { note, ancestors, descendants } = await readThread(app, viewerId, idParam(c))
      await wantReplies(app, viewerId, note)
      const present = (view: NoteView) => toStatus(app, view)
      return c.json({ ancestors: ancestors.map(present), descendants: descendants.map(present) })
    })
    .get('/:id/history', read, async (c) => {
      const note = await getVisibleOriginal(app.db, idParam(c), viewerIdOf(c))
      const view = await loadNoteView(app.db, note.id, viewerIdOf(c))
      const versions = await listVersions(app.db, view)
      return c.json(versions.map((version) => toStatusEdit(app, view.account, version)))
    })
    .get('/:id/favourited_by', allowScope('read:accounts'), async (c) => {
      const note = await getVisibleOriginal(app.db, idParam(c), viewerIdOf(c))
      const likers = await listLikers(app.db, note.id, readPage(c, { usual: 40, most: 80 }))
      return accountPage(
        app,
        c,
        likers,
        likers.map((liker) => liker.like_id),
      )
    })
    .get('/:id/reblogged_by', allowScope('read:accounts'), async (c) => {
      const note = await getVisibleOriginal(app.db, idParam(c), viewerIdOf(c))
      const boosters = await listBoosters(app.db, note.id, readPage(c, { usual: 40, most: 80 }))
      return accountPage(
        app,
        c,
        boosters,
        boosters.map((booster) => booster.boost_id),
      )
    })
}

const boostForm = z.object({ visibility: textField })

function reactionRoutes(app: App) {
  const routes = new Hono<Env>()
  const reactions = {
    favourite: { scope: 'write:favourites', react: likeNote },
    unfavourite: { scope: 'write:favourites', react: unlikeNote },
    unreblog: { scope: 'write:statuses', react: unboostNote },
    pin: { scope: 'write:accounts', react: pinNote },
    unpin: { scope: 'write:accounts', react: unpinNote },
    bookmark: { scope: 'write:bookmarks', react: bookmarkNote },
    mute: { scope: 'write:mutes', react: muteConversation },
    unmute: { scope: 'write:mutes', react: unmuteConversation },
    unbookmark: { scope: 'write:bookmarks', react: unbookmarkNote },
  }
  for (const [name, { scope, react }] of Object.entries(reactions)) {
    routes.post(`/:id/${name}`, requireScope(scope), async (c) =>
      c.json(toStatus(app, await react(app, c.var.viewer.accountId, idParam(c)))),
    )
  }
  return routes.post('/:id/reblog', requireScope('write:statuses'), form(boostForm), async (c) => {
    const visibility = fromMastodonVisibility(c.req.valid('form').visibility || 'public')
    if (!visibility)
      throw new AppError('invalid', 'Validation failed: Visibility is not included in the list')
    return c.json(toStatus(app, await boostNote(app, c.var.viewer.accountId, idParam(c), visibility)))
  })
}

function accountPage(app: App, c: Context, accounts: Account[], cursors: Id[]) {
  linkPages(app, c, cursors)
  return c.json(accounts.map((account) => toAccount(app, account)))
}

/** Somebody else's is not there, whether the viewer may see it or not. */
async function getOwnNote(app: App, viewerId: Id, noteId: Id): Promise<NoteView> {
  const view = await loadNoteView(app.db, noteId, viewerId)
  if (view.note.account_id !== viewerId || view.boostOf) throw notFound()
  return view
}

// It is a key of an index, which holds no longer ones.
const longestIdempotencyKey = 255

function idempotencyKeyOf(c: Context): string | undefined {
  const key = c.req.header('idempotency-key')
  if (key !== undefined && key.length > longestIdempotencyKey) {
    throw new AppError('invalid', 'Validation failed: Idempotency-Key is too long')
  }
  return key || undefined
}
