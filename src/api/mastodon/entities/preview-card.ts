import type { PreviewCard } from '#src/db/preview-cards.ts'
import type { Server } from './account.ts'

/** https://docs.joinmastodon.org/entities/PreviewCard/ */
export function toPreviewCard({ remoteFiles }: Pick<Server, 'remoteFiles'>, card: PreviewCard) {
  const hasAuthor = card.author_name !== '' || card.author_url !== ''
  return {
    url: card.url,
    title: card.title,
    description: card.description,
    language: card.language,
    type: 'link',
    author_name: card.author_name,
    author_url: card.author_url,
    authors: hasAuthor ? [{ name: card.author_name, url: card.author_url, account: null }] : [],
    provider_name: card.provider_name,
    provider_url: '',
    html: '',
    width: card.image_width ?? 0,
    height: card.image_height ?? 0,
    image: card.image_remote_url && remoteFiles.urlOf(card.image_remote_url, 'small'),
    image_description: card.image_description,
    embed_url: '',
    blurhash: null,
    published_at: card.published_at?.toISOString() ?? null,
  }
}
