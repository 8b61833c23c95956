import type { App } from '#src/app.ts'
import type { Media } from '#src/db/media.ts'
import { SMALL_MAX_SIDE } from './picture.ts'

type Place = Pick<App, 'storage' | 'remoteFiles'>

export type ShownMedia = {
  url: string
  /** A smaller one to show in a feed; null where there is none. Its size is null where it is not known. */
  small: { url: string; width: number | null; height: number | null } | null
}

/** Where an attachment lies for those who look at it here; what we cannot show is left to its own server. */
export function shownMedia({ storage, remoteFiles }: Place, media: Media): ShownMedia {
  const { file_key, small_key, remote_url, preview_remote_url, kind } = media
  if (file_key !== null) {
    const small = small_key && {
      url: storage.urlOf(small_key),
      width: media.small_width,
      height: media.small_height,
    }
    return { url: storage.urlOf(file_key), small: small || null }
  }
  const address = remote_url ?? ''
  if (kind === 'image') {
    const small = { url: remoteFiles.urlOf(address, 'small'), ...smallSizeOf(media) }
    return { url: remoteFiles.urlOf(address, 'original'), small }
  }
  if (kind === 'unknown') return { url: address, small: null }
  const poster = preview_remote_url && remoteFiles.urlOf(preview_remote_url, 'small')
  return {
    url: remoteFiles.urlOf(address, 'stream'),
    small: poster ? { url: poster, width: null, height: null } : null,
  }
}

function smallSizeOf({ width, height }: Media): { width: number | null; height: number | null } {
  if (!width || !height) return { width: null, height: null }
  const scale = Math.min(1, SMALL_MAX_SIDE / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}
