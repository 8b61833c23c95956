import { findOwnEmoji } from '#src/db/custom-emojis.ts'
import { toCustomEmoji } from '#src/media/emojis.ts'
import { toEmojiDocument } from '../convert/emoji.ts'
import type { Serving } from './actors.ts'
import { documentResponse, notFoundResponse, toDocument } from './documents.ts'

/** GET of a custom emoji of ours: its tag in notes names this address. */
export async function emojiResponse(
  { app, server }: Pick<Serving, 'app' | 'server'>,
  request: Request,
  shortcode: string,
): Promise<Response> {
  const emoji = await findOwnEmoji(app.db, shortcode)
  if (!emoji) return notFoundResponse()
  return documentResponse(request, toDocument(toEmojiDocument(toCustomEmoji(app, emoji), server.uris)))
}
