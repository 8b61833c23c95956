import type { Insertable, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import {
  deleteOwnUnposted,
  deleteUnpostedMedia,
  getOwnMedia,
  insertMedia,
  type Media,
} from '#src/db/media.ts'
import type { Database, Id, MediaTable } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { type PictureFile, type PictureRefusal, type ProcessedPicture, refusalMessages } from './picture.ts'
import type { DigitalSourceType } from './provenance.ts'
import { newMediaKey } from './storage.ts'

export type Upload = {
  accountId: Id
  bytes: Uint8Array
  description?: string
  /** From -1 to 1: left to right, bottom to top. */
  focus?: { x: number; y: number } | undefined
}

/** Keeps what a person sent, as the picture to show and a small one. @throws AppError invalid, unavailable */
export async function storeUpload(app: App, upload: Upload): Promise<Media> {
  const picture = await app.pictures.processPicture(upload.bytes, { source: 'upload' })
  if (picture.outcome === 'refused') {
    throw new AppError('invalid', `Validation failed: ${refusalMessages[picture.reason]}`, {
      code: picture.reason,
    })
  }
  return keep(app, picture, {
    account_id: upload.accountId,
    description: upload.description ?? '',
    focus_x: upload.focus?.x ?? null,
    focus_y: upload.focus?.y ?? null,
    digital_source_type: picture.digitalSourceType ?? null,
  })
}

export type Painting = {
  id: Id
  accountId: Id
  /** As the provider sent them; kept so. */
  bytes: Uint8Array
  digitalSourceType: DigitalSourceType
  generator: { name: string; url: string | null }
  prompt: string
}

export type StoredPainting =
  | { outcome: 'stored'; media: Media }
  | { outcome: 'refused'; reason: PictureRefusal }

/**
 * Keeps a painted picture: the provider's own bytes, and derivatives that say by XMP how it was made. Until it is
 * given to its generation it is pruned like an upload that nobody posts. @throws AppError unavailable
 */
export async function storePainting(app: App, painting: Painting): Promise<StoredPainting> {
  const { digitalSourceType, generator } = painting
  const picture = await app.pictures.processPicture(painting.bytes, { source: 'painting', digitalSourceType })
  if (picture.outcome === 'refused') return picture
  const media = await keep(
    app,
    picture,
    {
      id: painting.id,
      account_id: painting.accountId,
      digital_source_type: digitalSourceType,
      generator_name: generator.name,
      generator_url: generator.url,
      prompt: painting.prompt,
    },
    newMediaKey(picture.original.extension),
  )
  return { outcome: 'stored', media }
}

/** Takes back pictures that were stored and are not wanted after all. */
export async function dropStored(trx: Transaction<Database>, media: readonly Media[]): Promise<void> {
  if (media.length === 0) return
  const keys = await deleteUnpostedMedia(trx, { ids: media.map(({ id }) => id) })
  if (keys.length > 0) await enqueue(trx, 'deleteFiles', { keys })
}

/**
 * Takes back a picture before it is posted.
 * @throws AppError notFound, for somebody else's too; invalid for one that stands on a note
 */
export async function deleteUpload({ db }: Pick<App, 'db'>, accountId: Id, id: Id): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const keys = await deleteOwnUnposted(trx, id, accountId)
    if (keys) return enqueue(trx, 'deleteFiles', { keys })
    await getOwnMedia(trx, id, accountId)
    throw new AppError('invalid', 'Media attachment is currently used by a status')
  })
}

type Described = Pick<Insertable<MediaTable>, 'account_id'> & Partial<Insertable<MediaTable>>

// The row comes first: after a crash between the two, pruning finds the files by it.
async function keep(
  app: App,
  picture: ProcessedPicture,
  described: Described,
  originalKey?: string,
): Promise<Media> {
  const { derivative, small, original } = picture
  const keyed: [string, PictureFile][] = [
    [newMediaKey(derivative.extension), derivative],
    [newMediaKey(small.extension), small],
  ]
  if (originalKey) keyed.push([originalKey, original])
  const media = await insertMedia(app.db, {
    ...described,
    kind: 'image',
    media_type: derivative.mediaType,
    original_key: originalKey ?? null,
    file_key: keyed[0]?.[0] ?? null,
    small_key: keyed[1]?.[0] ?? null,
    width: derivative.width,
    height: derivative.height,
    small_width: small.width,
    small_height: small.height,
    blurhash: picture.blurhash,
    byte_size: String(derivative.bytes.byteLength),
    sha256: picture.sha256,
  })
  try {
    await Promise.all(keyed.map(([key, file]) => app.storage.put(key, file.bytes)))
    return media
  } catch (error) {
    await app.db.transaction().execute((trx) => dropStored(trx, [media]))
    throw new AppError('unavailable', 'The picture could not be stored', { cause: error })
  }
}
