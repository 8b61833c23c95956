import type { Media } from '#src/db/media.ts'
import { maxAttachments } from '#src/db/media.ts'
import type { Note } from '#src/db/notes.ts'
import { mediaTypeOfKey } from '#src/media/storage.ts'
import type { RemoteAttachment } from '#src/notes/draft.ts'
import { as, linksOf, type Node, nodesOf, numbersOf, textOf, toot, typeOf } from '../remote/linked-data.ts'
import { mediaProvenanceFrom, toMediaProvenance } from './provenance.ts'
import type { JsonObject } from './vocabulary.ts'

type UrlOf = (key: string) => string

/** Undefined for a file we do not hold. GoToSocial reads the alt text from `summary`, everyone else from `name`. */
export function toAttachment(
  media: Media,
  { prompt_visibility }: Pick<Note, 'prompt_visibility'>,
  urlOf: UrlOf,
): JsonObject | undefined {
  if (media.file_key === null) return undefined
  const description = media.description === '' ? null : media.description
  const hasFocus = media.focus_x !== null && media.focus_y !== null
  return {
    type: 'Document',
    mediaType: mediaTypeOfKey(media.file_key),
    url: urlOf(media.file_key),
    name: description,
    summary: description,
    ...(media.width !== null && media.height !== null && { width: media.width, height: media.height }),
    ...(media.blurhash !== null && { blurhash: media.blurhash }),
    ...(hasFocus && { focalPoint: [media.focus_x, media.focus_y] }),
    ...toMediaProvenance(media, prompt_visibility),
  }
}

/** A profile's picture or header, or null where there is none. */
export function toImage(key: string | null, urlOf: UrlOf): JsonObject | undefined {
  return key === null ? undefined : { type: 'Image', mediaType: mediaTypeOfKey(key), url: urlOf(key) }
}

const attachmentTypes = ['Image', 'Video', 'Audio', 'Document'] as const
const maxRead = 16
const maxDescriptionLength = 5_000
const maxSide = 100_000

/** The pictures, films and sounds of an incoming note, at most as many as a note of ours may have. */
export function attachmentsFrom(note: Node): RemoteAttachment[] {
  return nodesOf(note, as('attachment'))
    .slice(0, maxRead)
    .map(attachmentFrom)
    .filter((attachment) => attachment !== undefined)
    .slice(0, maxAttachments)
}

function attachmentFrom(node: Node): RemoteAttachment | undefined {
  const type = typeOf(node, attachmentTypes)
  const link = linksOf(node, as('url'))[0] ?? linksOf(node, as('href'))[0]
  if (!type || !link) return undefined
  const mediaType = mediaTypeFrom(textOf(node, as('mediaType')) ?? link.mediaType)
  const [focusX, focusY] = numbersOf(node, toot('focalPoint'))
  const hasFocus = isBetween(focusX, -1, 1) && isBetween(focusY, -1, 1)
  const sizes = { width: sideFrom(node, 'width'), height: sideFrom(node, 'height') }
  return {
    kind: kindFrom(type, mediaType),
    media_type: mediaType ?? 'application/octet-stream',
    remote_url: link.href,
    preview_remote_url: kindFrom(type, mediaType) === 'image' ? null : imageUrlFrom(node, 'icon'),
    description: (textOf(node, as('name')) ?? textOf(node, as('summary')) ?? '').slice(
      0,
      maxDescriptionLength,
    ),
    blurhash: blurhashFrom(textOf(node, toot('blurhash'))),
    ...(sizes.width && sizes.height ? sizes : {}),
    ...(hasFocus && { focus_x: focusX, focus_y: focusY }),
    ...mediaProvenanceFrom(node),
  }
}

function mediaTypeFrom(text: string | undefined): string | undefined {
  return /^[a-z]+\/[a-z0-9.+-]{1,80}(?=$|;)/i.exec(text ?? '')?.[0].toLowerCase()
}

type Kind = NonNullable<RemoteAttachment['kind']>

function kindFrom(type: (typeof attachmentTypes)[number], mediaType: string | undefined): Kind {
  const family = mediaType?.split('/')[0]
  if (family === 'image' || family === 'video' || family === 'audio') return family
  return type === 'Image' ? 'image' : type === 'Video' ? 'video' : type === 'Audio' ? 'audio' : 'unknown'
}

function sideFrom(node: Node, side: 'width' | 'height'): number | undefined {
  const [length] = numbersOf(node, as(side))
  return isBetween(length, 1, maxSide) ? Math.round(length) : undefined
}

function isBetween(value: number | undefined, least: number, most: number): value is number {
  return value !== undefined && value >= least && value <= most
}

// https://github.com/woltapp/blurhash/blob/master/Algorithm.md: base 83, its length in its first digit.
function blurhashFrom(text: string | undefined): string | null {
  return text && /^[A-Za-z0-9#$%*+,\-.:;=?@[\]^_{|}~]{6,166}$/.test(text) ? text : null
}

type Playable = 'Video' | 'Audio' | 'Image'

// As much as a page needs: PeerTube lists each film in every size it has.
const mostLines = 720

/**
 * The file that a film, a sound or a picture of another server is, where it says one that browsers play. PeerTube
 * lists files under the playlist they belong to as well.
 */
export function playableFrom(node: Node, type: Playable): RemoteAttachment | undefined {
  const family = type.toLowerCase()
  const links = linksOf(node, as('url')).flatMap((link) => [link, ...linksOf(link.node, as('tag'))])
  const files = links.flatMap(({ href, mediaType, node: link }) => {
    const known = mediaTypeFrom(mediaType)
    if (!known?.startsWith(`${family}/`) || /mpegurl/.test(known)) return []
    return [{ href, mediaType: known, width: sideFrom(link, 'width'), height: sideFrom(link, 'height') }]
  })
  const bySize = files.toSorted((one, other) => (other.height ?? 0) - (one.height ?? 0))
  const mp4 = bySize.filter(({ mediaType }) => mediaType === 'video/mp4')
  const choice = mp4.length > 0 ? mp4 : bySize
  const file = choice.find(({ height }) => (height ?? 0) <= mostLines) ?? choice.at(-1)
  if (!file) return undefined
  const { href, mediaType, width, height } = file
  return {
    kind: family === 'video' ? 'video' : family === 'audio' ? 'audio' : 'image',
    media_type: mediaType,
    remote_url: href,
    preview_remote_url: type === 'Image' ? null : (coverFrom(node)?.remote_url ?? null),
    description: (textOf(node, as('name')) ?? '').slice(0, maxDescriptionLength),
    ...(width && height ? { width, height } : {}),
  }
}

/** The picture that stands for a thing: what it calls its image, else the largest of its icons. */
export function coverFrom(node: Node): RemoteAttachment | undefined {
  const images = nodesOf(node, as('image'))
  const icons = nodesOf(node, as('icon')).toSorted(
    (one, other) => (sideFrom(other, 'width') ?? 0) - (sideFrom(one, 'width') ?? 0),
  )
  for (const picture of [...images, ...icons]) {
    const found = attachmentFrom(picture)
    if (found?.kind === 'image') return found
  }
  return undefined
}

/** The address of an account's picture or header. */
export function imageUrlFrom(actor: Node, property: 'icon' | 'image'): string | null {
  const [image] = nodesOf(actor, as(property))
  return (image && linksOf(image, as('url'))[0]?.href) ?? null
}
