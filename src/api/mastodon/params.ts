import type { Context } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import type { Id } from '#src/db/tables.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { Slice } from '#src/timelines/slice.ts'
import type { Env } from '../bearer.ts'
import { isId } from '../bodies.ts'
import { linkPages } from '../paging.ts'
import { toStatus } from './entities/status.ts'

/** The id in a path; what cannot be one stands for nothing. Throws AppError notFound. */
export function idParam(c: Context): Id {
  const id = c.req.param('id')
  if (!isId(id)) throw notFound()
  return id
}

/** Who is asking, where strangers may ask too. */
export function viewerIdOf(c: Context<Env>): Id | null {
  return c.var.viewer?.accountId ?? null
}

/** A page of notes as the API answers it. */
export function statusPage(app: App, c: Context, { items, cursors }: Slice<NoteView>) {
  linkPages(app, c, cursors)
  return c.json(items.map((view) => toStatus(app, view)))
}

/** A picture of a multipart form; anything else counts as not given. */
export const fileField = z
  .unknown()
  .optional()
  .transform((value) => (value instanceof File ? value : undefined))

export async function bytesOf(file: File | undefined): Promise<Uint8Array | undefined> {
  return file && file.size > 0 ? new Uint8Array(await file.arrayBuffer()) : undefined
}
