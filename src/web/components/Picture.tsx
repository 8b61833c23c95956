import { raw } from 'hono/html'
import type { Media } from '#src/db/media.ts'
import { shownMedia } from '#src/media/shown.ts'
import { placeholderUrl } from '../placeholder.ts'
import type { Visit } from '../session.ts'

type Props = {
  media: Media
  visit: Visit
  /** The first picture of a page is what it waits for. */
  isFirst?: boolean
  /** Where it leads; to nothing unless given. */
  href?: string | undefined
}

/** A picture at its true shape, over its blurred self, with its description. */
export const Picture = ({ media, visit, isFirst, href }: Props) => {
  const image = <PictureImage media={media} visit={visit} isFirst={isFirst ?? false} />
  return (
    <figure class="picture">
      {href ? (
        <a class="frame" href={href}>
          {image}
        </a>
      ) : (
        <div class="frame">{image}</div>
      )}
      {media.description && (
        <details class="alt">
          <summary>
            {visit.words.note.alt} <span class="sr-only">{visit.words.note.altTitle}</span>
          </summary>
          <p>{media.description}</p>
        </details>
      )}
    </figure>
  )
}

type ImageProps = { media: Media; visit: Visit; isFirst: boolean; alt?: string }

/** The picture alone. @param alt in place of its description, where what stands around says what it is */
export const PictureImage = ({ media, visit, isFirst, alt }: ImageProps) => {
  const { width, height } = sizeOf(media)
  const { url, small } = shownMedia(visit.app, media)
  const placeholder = placeholderUrl(media.blurhash)
  const isSized = small?.width && media.width && small.width < media.width
  return (
    <>
      {placeholder && <img class="placeholder" src={placeholder} alt="" width={width} height={height} />}
      <img
        src={url}
        srcset={isSized ? `${small.url} ${small.width}w, ${url} ${media.width}w` : undefined}
        sizes={isSized ? '(min-width: 700px) 600px, 100vw' : undefined}
        alt={alt ?? (media.description || visit.words.note.noAlt)}
        width={width}
        height={height}
        loading={isFirst ? 'eager' : 'lazy'}
        fetchpriority={isFirst ? 'high' : undefined}
        decoding="async"
      />
    </>
  )
}

/** A remote picture may come without its size; then its place is a square. */
function sizeOf(media: Media): { width: number; height: number } {
  return { width: media.width ?? 1024, height: media.height ?? 1024 }
}

/** Where the picture to show lies. */
export function urlOf({ app }: Pick<Visit, 'app'>, media: Media): string {
  return shownMedia(app, media).url
}

type AttachmentsProps = { media: Media[]; visit: Visit; href?: string | undefined; isFirst?: boolean }

/** All that hangs on a note: pictures beside each other, films and sounds to play, the rest as links. */
export const Attachments = ({ media, visit, href, isFirst }: AttachmentsProps) => {
  if (media.length === 0) return raw('')
  return (
    <div class="attachments" data-count={Math.min(media.length, 4)}>
      {media.map((one, index) => (
        <Attachment
          media={one}
          visit={visit}
          href={href ?? urlOf(visit, one)}
          isFirst={Boolean(isFirst) && index === 0}
        />
      ))}
    </div>
  )
}

const Attachment = ({
  media,
  visit,
  href,
  isFirst,
}: Required<Omit<Props, 'href'>> & { href: string | undefined }) => {
  const { url, small } = shownMedia(visit.app, media)
  const label = media.description || visit.words.note.attachment
  if (media.kind === 'image') return <Picture media={media} visit={visit} href={href} isFirst={isFirst} />
  // What the film shows is told by its description: servers send no captions along.
  if (media.kind === 'video' || media.kind === 'audio') {
    const attributes = { src: url, controls: true, 'aria-label': label }
    return media.kind === 'video' ? (
      <video
        {...attributes}
        preload="none"
        poster={small?.url}
        width={media.width ?? undefined}
        height={media.height ?? undefined}
      >
        <track kind="captions" />
      </video>
    ) : (
      <audio {...attributes} preload="none">
        <track kind="captions" />
      </audio>
    )
  }
  return (
    <a href={url} rel="nofollow noopener noreferrer" target="_blank">
      {label}
    </a>
  )
}
