import { emojiOf } from '#src/base/emoji.ts'
import { as, misskey, type Node, textOf } from '../remote/linked-data.ts'
import type { Server } from './account.ts'
import type { Activity } from './activity.ts'
import { type EmojiTag, emojiTagsFrom, toEmoji, toEmojiTag } from './emoji.ts'
import { type JsonObject, reactionContext } from './vocabulary.ts'

export type Reacting = {
  uri: string
  actor: string
  noteUri: string
  authorUri: string
  /** As `reactions.name`. */
  name: string
  emojiUrl: string | null
}

/**
 * EmojiReact (FEP-c0e0), never a Like with content: Misskey, Akkoma and Mitra take both, but Mastodon would count the
 * Like among the favourites, which it is not, and leaves an EmojiReact aside.
 */
export function toReaction(reacting: Reacting, server: Server): Activity {
  return { '@context': reactionContext, ...react(reacting, server) }
}

export function toUndoReaction(reacting: Reacting, server: Server): Activity {
  const { uri, actor, authorUri } = reacting
  return {
    '@context': reactionContext,
    id: `${uri}/undo`,
    type: 'Undo',
    actor,
    to: [authorUri],
    object: react(reacting, server),
  }
}

function react(reacting: Reacting, server: Server): Activity {
  const { uri, actor, noteUri, authorUri, name, emojiUrl } = reacting
  const [shortcode = ''] = name.split('@')
  return {
    id: uri,
    type: 'EmojiReact',
    actor,
    to: [authorUri],
    object: noteUri,
    content: emojiUrl === null ? name : `:${shortcode}:`,
    ...(emojiUrl !== null && { tag: [tagOf(name, emojiUrl, server)] }),
  }
}

function tagOf(name: string, url: string, { uris }: Server): JsonObject {
  const [shortcode = '', domain] = name.split('@')
  return domain === undefined ? toEmoji({ shortcode, url }, uris) : toEmojiTag(shortcode, url)
}

/** A character, or a picture with a name on its server. */
export type IncomingReaction = { emoji: string } | { tag: EmojiTag }

/** What an EmojiReact or a Like says by its content; a Like without says nothing, and neither does what is no emoji. */
export function reactionFrom(node: Node): IncomingReaction | undefined {
  const content = contentOf(node)
  if (content === undefined) return undefined
  const emoji = emojiOf(content)
  if (emoji) return { emoji }
  // Misskey may write where a custom one is from.
  const shortcode = /^:([^:@]{1,100})(?:@[^:@]{1,255})?:$/.exec(content)?.[1]
  const tag = emojiTagsFrom(node).find((one) => one.shortcode === shortcode)
  return tag && { tag }
}

/** Whether a Like is a reaction by what it holds, good or not. */
export function hasContent(node: Node): boolean {
  return contentOf(node) !== undefined
}

function contentOf(node: Node): string | undefined {
  const content = textOf(node, as('content')) ?? textOf(node, misskey('_misskey_reaction'))
  return content?.trim() || undefined
}
