import { buffer } from 'node:stream/consumers'
import type { App } from '#src/app.ts'
import type { Generation } from '#src/db/generations.ts'
import { getOwnMedia, listMediaOfNotes, type Media } from '#src/db/media.ts'
import { findRemixableNote } from '#src/db/remixes.ts'

/** A picture to edit, as JPEG or WebP of at most 2 MB. */
export type Reference = { bytes: Uint8Array; digitalSourceType: string | null }

export const mostReferences = 4

/**
 * The own pictures to edit, and the one that is remixed where it can be had and its author still allows it.
 * @throws AppError notFound when an own one was deleted meanwhile
 */
export async function loadReferences(app: App, generation: Generation): Promise<Reference[]> {
  const references: Reference[] = []
  for (const id of generation.reference_media_ids) {
    const media = await getOwnMedia(app.db, id, generation.account_id)
    const bytes = media.file_key ? await readFile(app, media.file_key) : undefined
    if (!bytes) throw new Error(`The file of media ${id} is gone`)
    references.push({ bytes, digitalSourceType: media.digital_source_type })
  }
  const remixed = references.length < mostReferences ? await loadRemixed(app, generation) : undefined
  return remixed ? [...references, remixed] : references
}

async function loadRemixed(app: App, generation: Generation): Promise<Reference | undefined> {
  const { remix_of_id: parentId, account_id: accountId } = generation
  const canEdit = 'capabilities' in app.images && app.images.capabilities.edit
  if (parentId === null || !canEdit || !(await findRemixableNote(app.db, parentId, accountId)))
    return undefined
  const pictures = await listMediaOfNotes(app.db, [parentId])
  const picture = pictures.find((media) => media.kind === 'image' && media.digital_source_type !== null)
  const key = picture && (await keyOf(app, picture))
  const bytes = key ? await readFile(app, key) : undefined
  return picture && bytes && { bytes, digitalSourceType: picture.digital_source_type }
}

/** Of another server's picture, that of the copy which is shown here. */
async function keyOf({ remoteFiles }: App, { file_key, remote_url }: Media): Promise<string | undefined> {
  if (file_key !== null) return file_key
  const copy = remote_url === null ? undefined : await remoteFiles.copy(remote_url, 'original')
  return copy?.state === 'stored' ? (copy.file_key ?? undefined) : undefined
}

async function readFile({ storage }: App, key: string): Promise<Uint8Array | undefined> {
  const stored = await storage.get(key)
  return stored && buffer(stored.stream)
}
