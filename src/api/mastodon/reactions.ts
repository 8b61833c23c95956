import { type Context, Hono } from 'hono'
import type { App } from '#src/app.ts'
import { removeUnstorable } from '#src/base/html.ts'
import { listReactors } from '#src/db/reactions.ts'
import { reactToNote, unreactToNote } from '#src/notes/react.ts'
import { loadNoteView, originalOf } from '#src/notes/view.ts'
import { allowScope, type Env, requireScope } from '../bearer.ts'
import { toAccount } from './entities/account.ts'
import { toReaction } from './entities/reaction.ts'
import { toStatus } from './entities/status.ts'
import { idParam, viewerIdOf } from './params.ts'

const maxReactors = 400

/**
 * Pleroma's addition to the API, since Mastodon has none and apps that show reactions know this one:
 * https://docs.pleroma.social/backend/development/API/pleroma_api/#emoji-reactions.
 * Mounted at `/api/v1/pleroma/statuses`.
 */
export function reactionRoutes(app: App) {
  const write = requireScope('write:statuses')
  const read = allowScope('read:statuses')
  return new Hono<Env>()
    .put('/:id/reactions/:emoji', write, async (c) =>
      c.json(toStatus(app, await reactToNote(app, c.var.viewer.accountId, idParam(c), emojiParam(c)))),
    )
    .delete('/:id/reactions/:emoji', write, async (c) =>
      c.json(toStatus(app, await unreactToNote(app, c.var.viewer.accountId, idParam(c), emojiParam(c)))),
    )
    .get('/:id/reactions', read, async (c) => c.json(await listReactions(app, c)))
    .get('/:id/reactions/:emoji', read, async (c) => c.json(await listReactions(app, c, emojiParam(c))))
}

/** How often and by whom, all of them or one. */
async function listReactions(app: App, c: Context<Env>, name?: string) {
  const view = originalOf(await loadNoteView(app.db, idParam(c), viewerIdOf(c)))
  const reactors = await listReactors(app.db, view.note.id, maxReactors)
  return view.reactions
    .filter((reaction) => name === undefined || reaction.name === name)
    .map((reaction) => ({
      ...toReaction(app, reaction),
      accounts: reactors
        .filter((reactor) => reactor.reaction === reaction.name)
        .map((reactor) => toAccount(app, reactor)),
    }))
}

function emojiParam(c: Context): string {
  return removeUnstorable(c.req.param('emoji') ?? '')
}
