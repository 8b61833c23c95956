import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { getOwnMedia, updateOwnMedia } from '#src/db/media.ts'
import { UPLOAD_MAX_BYTES } from '#src/media/picture.ts'
import { deleteUpload, storeUpload } from '#src/media/store.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form } from '../bodies.ts'
import { toMediaAttachment } from './entities/media-attachment.ts'
import { descriptionOf, focusOf, mediaChanges, mediaForm } from './media-form.ts'
import { bytesOf, fileField, idParam } from './params.ts'

const uploadForm = mediaForm.extend({ file: fileField })
// The other fields and the seams of the multipart body.
const uploadBodyBytes = UPLOAD_MAX_BYTES + 1_048_576

/**
 * https://docs.joinmastodon.org/methods/media/, mounted at `/api/v1/media`; uploading also at `/api/v2/media`.
 * Pictures are processed before the answer, so it is always 200 and never 202.
 */
export function mediaRoutes(app: App) {
  const write = requireScope('write:media')
  return new Hono<Env>()
    .post('/', write, form(uploadForm, { maxBytes: uploadBodyBytes }), async (c) => {
      const fields = c.req.valid('form')
      const bytes = await bytesOf(fields.file)
      if (!bytes) throw new AppError('invalid', "Validation failed: File can't be blank")
      const media = await storeUpload(app, {
        accountId: c.var.viewer.accountId,
        bytes,
        description: descriptionOf(fields.description) ?? '',
        focus: focusOf(fields.focus),
      })
      return c.json(toMediaAttachment(app, media))
    })
    .get('/:id', write, async (c) =>
      c.json(toMediaAttachment(app, await getOwnMedia(app.db, idParam(c), c.var.viewer.accountId))),
    )
    .put('/:id', write, form(mediaForm), async (c) => {
      const { accountId } = c.var.viewer
      const changes = mediaChanges(c.req.valid('form'))
      const id = idParam(c)
      const media =
        Object.keys(changes).length > 0
          ? await updateOwnMedia(app.db, id, accountId, changes)
          : await getOwnMedia(app.db, id, accountId)
      return c.json(toMediaAttachment(app, media))
    })
    .delete('/:id', write, async (c) => {
      await deleteUpload(app, c.var.viewer.accountId, idParam(c))
      return c.json({})
    })
}
