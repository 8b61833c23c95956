import type { PreviewCard as Card } from '#src/db/preview-cards.ts'
import type { Visit } from '../session.ts'

/** What a note's link leads to, in the page's own words; one link as a whole. */
export const PreviewCard = ({ card, visit }: { card: Card; visit: Visit }) => {
  const picture = card.image_remote_url && visit.app.remoteFiles.urlOf(card.image_remote_url, 'small')
  return (
    <a
      class="link-card"
      href={card.url}
      rel="nofollow noopener noreferrer"
      target="_blank"
      lang={card.language ?? undefined}
      dir="auto"
    >
      {picture && (
        <img
          src={picture}
          alt={card.image_description}
          width={160}
          height={120}
          loading="lazy"
          decoding="async"
        />
      )}
      <span class="link-words">
        <span class="link-site">{card.provider_name}</span>
        <strong>{card.title}</strong>
        {card.description && <span class="link-description">{card.description}</span>}
      </span>
    </a>
  )
}
