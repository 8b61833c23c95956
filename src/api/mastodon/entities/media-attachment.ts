import type { Media } from '#src/db/media.ts'
import type { Server } from './account.ts'

/**
 * https://docs.joinmastodon.org/entities/MediaAttachment/, and `pinxit` for what declares how it was made:
 * a painting's `original_url` is the provider's untouched, signed file.
 */
export function toMediaAttachment({ storage }: Pick<Server, 'storage'>, media: Media) {
  const url = media.file_key === null ? media.remote_url : storage.urlOf(media.file_key)
  return {
    id: media.id,
    type: media.kind,
    url,
    preview_url: media.small_key === null ? url : storage.urlOf(media.small_key),
    remote_url: media.remote_url,
    preview_remote_url: null,
    text_url: null,
    meta: toMeta(media),
    description: media.description === '' ? null : media.description,
    blurhash: media.blurhash,
    pinxit:
      media.digital_source_type === null
        ? null
        : {
            original_url: media.original_key === null ? url : storage.urlOf(media.original_key),
            digital_source_type: media.digital_source_type,
          },
  }
}

function toMeta(media: Media) {
  const original = toDimensions(media.width, media.height)
  const small = toDimensions(media.small_width, media.small_height)
  return {
    ...(original && { original }),
    ...(small && { small }),
    ...(media.focus_x !== null &&
      media.focus_y !== null && { focus: { x: media.focus_x, y: media.focus_y } }),
  }
}

function toDimensions(width: number | null, height: number | null) {
  if (!width || !height) return undefined
  return { width, height, size: `${width}x${height}`, aspect: width / height }
}
