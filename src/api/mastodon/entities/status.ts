import type { RemixPolicy } from '#src/db/tables.ts'
import { isMadeByAi } from '#src/media/provenance.ts'
import { shownHtmlOf } from '#src/notes/quoted.ts'
import type { NoteView, Parent } from '#src/notes/view.ts'
import { acctOf, type Server, toAccount, toCustomEmoji } from './account.ts'
import { toFilterResult } from './filter.ts'
import { toMediaAttachment } from './media-attachment.ts'
import { toPoll } from './poll.ts'
import { toPreviewCard } from './preview-card.ts'
import { type QuoteEntity, toQuote, toQuoteApproval } from './quote.ts'
import { toReaction } from './reaction.ts'
import { toMastodonVisibility } from './visibility.ts'

export type StatusEntity = Omit<ReturnType<typeof toOriginal>, 'reblog'> & { reblog: StatusEntity | null }

/**
 * https://docs.joinmastodon.org/entities/Status/ with our `emoji_reactions` and `pinxit`. A boost repeats what
 * it boosts, for apps that show it without looking inside.
 */
export function toStatus(server: Server, view: NoteView): StatusEntity {
  if (!view.boostOf) return toOriginal(server, view)
  const { note, account, boostOf } = view
  const reblog = toStatus(server, boostOf)
  return {
    ...reblog,
    id: note.id,
    uri: note.uri,
    url: note.url,
    created_at: note.published_at.toISOString(),
    edited_at: null,
    visibility: toMastodonVisibility[note.visibility],
    account: toAccount(server, account),
    application: null,
    reblog,
  }
}

/** What its author gets back when it is deleted: with the text, to write it anew. */
export function toDeletedStatus(server: Server, view: NoteView) {
  return { ...toStatus(server, view), text: view.note.text ?? '' }
}

/** https://docs.joinmastodon.org/entities/StatusSource/ */
export function toStatusSource({ note }: NoteView) {
  return { id: note.id, text: note.text ?? '', spoiler_text: note.summary }
}

function toOriginal(server: Server, view: NoteView) {
  const { note } = view
  return {
    id: note.id,
    created_at: note.published_at.toISOString(),
    edited_at: note.edited_at?.toISOString() ?? null,
    in_reply_to_id: note.in_reply_to_id,
    in_reply_to_account_id: note.in_reply_to_account_id,
    sensitive: note.is_sensitive,
    spoiler_text: note.summary,
    visibility: toMastodonVisibility[note.visibility],
    language: note.language,
    uri: note.uri,
    url: note.url,
    replies_count: note.replies_count,
    reblogs_count: note.boosts_count,
    favourites_count: note.likes_count,
    quotes_count: note.quotes_count,
    quote_approval: toQuoteApproval(view),
    content: shownHtmlOf(view),
    reblog: null,
    application: view.application && { name: view.application.name, website: view.application.website },
    account: toAccount(server, view.account),
    media_attachments: view.media.map((media) => toMediaAttachment(server, media)),
    mentions: view.mentions.map((mention) => ({
      id: mention.id,
      username: mention.username,
      url: mention.url,
      acct: acctOf(mention),
    })),
    tags: view.tags.map((name) => ({ name, url: server.uris.tagPage(name) })),
    emojis: note.emojis.map((emoji) => toCustomEmoji(server, emoji)),
    emoji_reactions: view.reactions.map((reaction) => toReaction(server, reaction)),
    card: view.card && toPreviewCard(server, view.card),
    poll: toPoll(server, view),
    quote: toQuoteOf(server, view),
    ...(view.viewer && toViewerState(view.viewer)),
    ...(view.viewer && isPinnable(note) && { pinned: view.viewer.pinned }),
    pinxit: toProvenance(server, view),
  }
}

/** Apps offer to pin where they are told whether it is pinned: others' pins are always the viewer's no. */
const isPinnable = ({ visibility, boost_of_id }: NoteView['note']): boolean =>
  visibility !== 'direct' && boost_of_id === null

function toQuoteOf(server: Server, view: NoteView): QuoteEntity | null {
  return toQuote(view, (quoted) => toStatus(server, quoted))
}

function toViewerState(viewer: NonNullable<NoteView['viewer']>) {
  return {
    favourited: viewer.liked,
    reblogged: viewer.boosted,
    bookmarked: viewer.bookmarked,
    muted: viewer.muted,
    filtered: viewer.filtered.map(toFilterResult),
  }
}

/** What a painted or sketched note declares; null for every other. */
function toProvenance(server: Server, { note, media, remixOf }: NoteView): Provenance | null {
  // One painting among sketches makes it a note with a painting.
  const made = media.filter((one) => one.digital_source_type !== null)
  const best = made.find(isMadeByAi) ?? made[0]
  if (!best?.digital_source_type) return null
  const { generator_name: name, generator_url: url, prompt } = best
  const isPromptShown = note.prompt_visibility === 'public' && prompt !== null
  return {
    ai_generated: isMadeByAi(best),
    digital_source_type: best.digital_source_type,
    ...(name !== null && { generator: { name, url } }),
    ...(isPromptShown && { prompt }),
    remix_policy: note.remix_policy,
    ...(remixOf && { remix_of: toRemixItem(server, remixOf) }),
    remix_count: note.remixes_count,
  }
}

type Provenance = {
  ai_generated: boolean
  digital_source_type: string
  generator?: { name: string; url: string | null }
  prompt?: string
  remix_policy: RemixPolicy
  remix_of?: RemixItem
  remix_count: number
}

type RemixItem = {
  uri: string
  state: Parent['state']
  status: StatusEntity | null
  account: ReturnType<typeof toAccount> | null
}

/** Where a picture comes from, also when that is gone or hidden. */
export function toRemixItem(server: Server, parent: Parent): RemixItem {
  const { uri, state } = parent
  if (state !== 'available') return { uri, state, status: null, account: null }
  return {
    uri,
    state,
    status: toStatus(server, parent.view),
    account: toAccount(server, parent.view.account),
  }
}
