import type { Uris } from '#src/base/uris.ts'
import type { CustomEmoji } from '#src/db/tables.ts'
import { mediaTypeOfKey } from '#src/media/storage.ts'
import { as, hasType, idOf, type Node, nodesOf, textOf, toot } from '../remote/linked-data.ts'
import { imageUrlFrom } from './media.ts'
import { emojiContext, type JsonObject } from './vocabulary.ts'

/** The tag by which an emoji of ours goes along with a note, an actor or a reaction, as Mastodon has it. */
export function toEmoji({ shortcode, url, updated }: CustomEmoji, uris: Uris): JsonObject {
  return { id: uris.emoji(shortcode), ...(updated && { updated }), ...toEmojiTag(shortcode, url) }
}

/** As `toEmoji`, for one whose document is not ours to name. */
export function toEmojiTag(shortcode: string, url: string): JsonObject {
  return {
    type: 'Emoji',
    name: `:${shortcode}:`,
    icon: { type: 'Image', mediaType: mediaTypeOfUrl(url), url },
  }
}

export function toEmojiDocument(emoji: CustomEmoji, uris: Uris): JsonObject {
  return { '@context': emojiContext, ...toEmoji(emoji, uris) }
}

// What cannot be told from its name is a PNG as likely as anything.
function mediaTypeOfUrl(url: string): string {
  const mediaType = mediaTypeOfKey(URL.parse(url)?.pathname ?? '')
  return mediaType.startsWith('image/') ? mediaType : 'image/png'
}

/** `uri`: under which its server keeps it. */
export type EmojiTag = CustomEmoji & { uri: string | undefined }

const maxEmojis = 50

/** The custom emoji that a note or an account brings with it, each once. */
export function emojisFrom(node: Node): CustomEmoji[] {
  return emojiTagsFrom(node).map(({ shortcode, url }) => ({ shortcode, url }))
}

export function emojiTagsFrom(node: Node): EmojiTag[] {
  const emojis = new Map<string, EmojiTag>()
  for (const tag of nodesOf(node, as('tag'))) {
    const emoji = emojiFrom(tag)
    if (!emoji || emojis.has(emoji.shortcode)) continue
    emojis.set(emoji.shortcode, emoji)
    if (emojis.size === maxEmojis) break
  }
  return [...emojis.values()]
}

function emojiFrom(tag: Node): EmojiTag | undefined {
  const shortcode = /^:?([a-z0-9_+-]{1,100}):?$/i.exec(textOf(tag, as('name')) ?? '')?.[1]
  const url = imageUrlFrom(tag, 'icon')
  if (!hasType(tag, toot('Emoji')) || !shortcode || !url) return undefined
  return { shortcode, url, uri: idOf(tag) }
}
