import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { getVisibleOriginal } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { voteInPoll } from '#src/notes/poll.ts'
import { loadNoteView, type NoteView } from '#src/notes/view.ts'
import { allowScope, type Env, requireScope } from '../bearer.ts'
import { form } from '../bodies.ts'
import { toPoll } from './entities/poll.ts'
import { idParam, viewerIdOf } from './params.ts'

/** Numbers of options, counted from 0, as JSON or as text. */
const votesForm = z.object({
  choices: z.preprocess(
    (value) => (Array.isArray(value) || value === undefined ? value : [value]),
    z
      .array(z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]))
      .min(1)
      .max(100),
  ),
})

/** https://docs.joinmastodon.org/methods/polls/, mounted at `/api/v1/polls`. A poll has the id of its note. */
export function pollRoutes(app: App) {
  return new Hono<Env>()
    .get('/:id', allowScope('read:statuses'), async (c) =>
      c.json(present(app, await loadPollView(app, idParam(c), viewerIdOf(c)))),
    )
    .post('/:id/votes', requireScope('write:statuses'), form(votesForm), async (c) => {
      const { choices } = c.req.valid('form')
      return c.json(present(app, await voteInPoll(app, c.var.viewer.accountId, idParam(c), choices)))
    })
}

async function loadPollView(app: App, id: Id, viewerId: Id | null): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, id, viewerId)
  return loadNoteView(app.db, note.id, viewerId)
}

function present(app: App, view: NoteView) {
  const poll = toPoll(app, view)
  if (!poll) throw notFound()
  return poll
}
