import type { Account } from '#src/db/accounts.ts'
import type { NoteVersion } from '#src/notes/versions.ts'
import { type Server, toAccount, toCustomEmoji } from './account.ts'
import { toMediaAttachment } from './media-attachment.ts'

/** https://docs.joinmastodon.org/entities/StatusEdit/ */
export function toStatusEdit(server: Server, author: Account, version: NoteVersion) {
  return {
    content: version.contentHtml,
    spoiler_text: version.summary,
    sensitive: version.isSensitive,
    created_at: version.writtenAt.toISOString(),
    account: toAccount(server, author),
    ...(version.pollOptions && { poll: { options: version.pollOptions.map((title) => ({ title })) } }),
    media_attachments: version.media.map((media) => toMediaAttachment(server, media)),
    emojis: version.emojis.map((emoji) => toCustomEmoji(server, emoji)),
  }
}
