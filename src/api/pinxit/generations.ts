import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { cancelOrDiscard } from '#src/studio/cancel.ts'
import { requestGeneration } from '#src/studio/request.ts'
import { listGenerations, loadGeneration } from '#src/studio/view.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, isId, textField } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { toGeneration } from './entities/generation.ts'
import { generationEvents } from './events.ts'

const longestKey = 255

const generationForm = z.object({
  prompt: textField,
  aspect: textField,
  count: z.preprocess(
    (value) => (value === '' || value === null ? undefined : value),
    z.coerce.number().optional(),
  ),
  quality: textField,
  remix_of: textField,
  // One or several; forms send what was left empty.
  media_ids: z
    .unknown()
    .optional()
    .transform((value) => [value ?? []].flat().map(String).filter(Boolean)),
})

const canRead = requireScope('read', 'write:media')
const canWrite = requireScope('write:media')

export function generationRoutes(app: App) {
  return new Hono<Env>({ strict: false })
    .get('/', canRead, async (c) => {
      const generations = await listGenerations(app, c.var.viewer.accountId, readPage(c))
      linkPages(
        app,
        c,
        generations.map(({ id }) => id),
      )
      return c.json(generations.map((generation) => toGeneration(app, generation)))
    })
    .post('/', canWrite, form(generationForm), async (c) => {
      const fields = c.req.valid('form')
      const wanted = {
        prompt: fields.prompt ?? '',
        // Forms send what was left empty.
        aspect: fields.aspect || undefined,
        count: fields.count,
        quality: fields.quality || undefined,
        mediaIds: pictureIds(fields.media_ids),
        remixOfId: fields.remix_of ? parentId(fields.remix_of) : undefined,
      }
      const key = idempotencyKeyOf(c.req.header('idempotency-key'))
      return c.json(toGeneration(app, await requestGeneration(app, c.var.viewer, wanted, key)), 202)
    })
    .get('/:id', canRead, async (c) => {
      const { accountId } = c.var.viewer
      return c.json(toGeneration(app, await loadGeneration(app, accountId, idOf(c.req.param('id')))))
    })
    .get('/:id/events', canRead, (c) =>
      generationEvents(app, c, c.var.viewer.accountId, idOf(c.req.param('id'))),
    )
    .delete('/:id', canWrite, async (c) => {
      const { accountId } = c.var.viewer
      return c.json(toGeneration(app, await cancelOrDiscard(app, accountId, idOf(c.req.param('id')))))
    })
}

// Junk is refused, not left out: nobody wants to pay for a picture that was not made from theirs.
function pictureIds(ids: string[]): string[] {
  if (ids.every(isId)) return ids
  throw new AppError('invalid', 'Validation failed: A picture to edit was not found', { code: 'media_ids' })
}

function idOf(text: string): string {
  if (!isId(text)) throw notFound()
  return text
}

function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length <= longestKey) return header || undefined
  throw new AppError('malformed', `Idempotency-Key is longer than ${longestKey} characters`)
}

function parentId(id: string): string {
  if (isId(id)) return id
  throw new AppError('invalid', 'Validation failed: The picture to remix was not found', { code: 'remix_of' })
}
