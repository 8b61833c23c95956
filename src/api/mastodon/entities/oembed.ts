import type { App } from '#src/app.ts'
import { escapeHtml, toParagraph } from '#src/base/html.ts'
import { shownHtmlOf } from '#src/notes/quoted.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { Server } from './account.ts'
import { toMediaAttachment } from './media-attachment.ts'

const secondsToKeep = 86_400

/** https://oembed.com/#section2, as Mastodon answers it: https://docs.joinmastodon.org/entities/OEmbedResponse/ */
export function toOembed(
  server: Server & Pick<App, 'handleHost'>,
  view: NoteView,
  { width, height }: { width: number; height: number | null },
) {
  const { account } = view
  return {
    type: 'rich',
    version: '1.0',
    title: `New status by ${account.username}`,
    author_name: account.name || account.username,
    author_url: account.url,
    provider_name: server.handleHost,
    provider_url: `${server.publicUrl}/`,
    cache_age: secondsToKeep,
    html: toBlockquote(server, view, width),
    width,
    height,
  }
}

// Without a script: it has to look well wherever it is put.
function toBlockquote(server: Server & Pick<App, 'handleHost'>, view: NoteView, width: number): string {
  const { note, account } = view
  const address = escapeHtml(note.url)
  const author = escapeHtml(`${account.name || account.username} (@${account.username}@${server.handleHost})`)
  const isHidden = note.is_sensitive || note.summary !== ''
  const words = isHidden ? toParagraph(note.summary) : shownHtmlOf(view)
  const pictures = isHidden ? '' : toPictures(server, view)
  return (
    `<blockquote cite="${address}" style="max-width: ${width}px">${words}${pictures}` +
    `<footer>${author}, <a href="${address}"><time datetime="${note.published_at.toISOString()}">` +
    `${note.published_at.toISOString().slice(0, 10)}</time></a></footer></blockquote>`
  )
}

function toPictures(server: Server, { media }: NoteView): string {
  return media
    .map((one) => toMediaAttachment(server, one))
    .filter(({ type }) => type === 'image')
    .map(
      ({ preview_url, description }) =>
        `<img src="${escapeHtml(preview_url ?? '')}" alt="${escapeHtml(description ?? '')}" style="max-width: 100%">`,
    )
    .join('')
}
