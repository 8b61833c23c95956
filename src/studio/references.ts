import { buffer } from 'node:stream/consumers'
import type { App } from '#src/app.ts'
import type { Generation } from '#src/db/generations.ts'
import { getOwnMedia } from '#src/db/media.ts'

/** A picture to edit, as JPEG or WebP of at most 2 MB. */
export type Reference = { bytes: Uint8Array; digitalSourceType: string | null }

/** @throws AppError notFound when one was deleted meanwhile */
export async function loadReferences(app: App, generation: Generation): Promise<Reference[]> {
  const references: Reference[] = []
  for (const id of generation.reference_media_ids) {
    const media = await getOwnMedia(app.db, id, generation.account_id)
    const stored = media.file_key ? await app.storage.get(media.file_key) : undefined
    if (!stored) throw new Error(`The file of media ${id} is gone`)
    const bytes = await buffer(stored.stream)
    references.push({ bytes, digitalSourceType: media.digital_source_type })
  }
  return references
}
