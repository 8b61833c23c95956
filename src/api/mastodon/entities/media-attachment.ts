import type { Media } from '#src/db/media.ts'
import { type ShownMedia, shownMedia } from '#src/media/shown.ts'
import type { Server } from './account.ts'

/**
 * https://docs.joinmastodon.org/entities/MediaAttachment/, and `pinxit` for what declares how it was made:
 * a painting's `original_url` is the provider's untouched, signed file.
 */
export function toMediaAttachment(server: Pick<Server, 'storage' | 'remoteFiles'>, media: Media) {
  const { url, small } = shownMedia(server, media)
  return {
    id: media.id,
    type: media.kind,
    url,
    // Apps take it for a picture, which a film or a sound may lack.
    preview_url: small?.url ?? (media.kind === 'image' ? url : null),
    remote_url: media.remote_url,
    preview_remote_url: media.preview_remote_url,
    text_url: null,
    meta: toMeta(media, small),
    description: media.description === '' ? null : media.description,
    blurhash: media.blurhash,
    pinxit:
      media.digital_source_type === null
        ? null
        : {
            original_url: media.original_key === null ? url : server.storage.urlOf(media.original_key),
            digital_source_type: media.digital_source_type,
          },
  }
}

function toMeta(media: Media, shownSmall: ShownMedia['small']) {
  const original = toDimensions(media.width, media.height)
  const small = shownSmall && toDimensions(shownSmall.width, shownSmall.height)
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
