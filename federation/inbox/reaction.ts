import type { Kysely, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import type { Account } from '#src/db/accounts.ts'
import { findOwnEmoji } from '#src/db/custom-emojis.ts'
import { findNoteRowByUri, type Note } from '#src/db/notes.ts'
import { findReactionNamed } from '#src/db/reactions.ts'
import type { Database } from '#src/db/tables.ts'
import { addReaction, removeReaction } from '#src/notes/react.ts'
import type { EmojiTag } from '../convert/emoji.ts'
import { type IncomingReaction, reactionFrom } from '../convert/reaction.ts'
import { as, type Node, onlyIdOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { applyOnce } from './apply.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'
import { findVisibleObject } from './visible-object.ts'

/** EmojiReact (FEP-c0e0), and a Like with content, which is Misskey's way: one person may give several. */
export async function onReaction({ app }: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { node, uri, actor } = received
  if (!uri) return 'incomplete'
  const incoming = reactionFrom(node)
  if (!incoming) return 'unknown object'
  const note = await findVisibleObject(app, received)
  if (typeof note === 'string') return note
  const emoji = await emojiOfNote(app, note, actor, incoming)
  return applyOnce(app, { uri, byUri: actor.uri }, async (trx) =>
    (await addReaction(trx, note, { accountId: actor.id, uri, ...emoji })) ? 'done' : 'known already',
  )
}

type Emoji = { name: string; emojiUrl: string | null }

async function emojiOfNote(app: App, note: Note, actor: Account, incoming: IncomingReaction): Promise<Emoji> {
  if ('emoji' in incoming) return { name: incoming.emoji, emojiUrl: null }
  const { tag } = incoming
  return (
    (await ownEmoji(app, tag)) ??
    (await joinedEmoji(app.db, note, tag)) ?? { name: namedAt(actor.uri, tag), emojiUrl: tag.url }
  )
}

async function ownEmoji({ db, uris, storage }: App, tag: EmojiTag): Promise<Emoji | undefined> {
  if (tag.uri !== uris.emoji(tag.shortcode)) return undefined
  const own = await findOwnEmoji(db, tag.shortcode)
  return own && { name: own.shortcode, emojiUrl: storage.urlOf(own.file_key) }
}

/** A third server's emoji counts as its own only where it looks the same: nobody may put a picture under its name. */
async function joinedEmoji(db: Kysely<Database>, note: Note, tag: EmojiTag): Promise<Emoji | undefined> {
  if (!tag.uri) return undefined
  const name = namedAt(tag.uri, tag)
  const known = await findReactionNamed(db, note.id, name)
  return known?.emoji_url === tag.url ? { name, emojiUrl: tag.url } : undefined
}

function namedAt(uri: string, { shortcode }: EmojiTag): string {
  return `${shortcode}@${new URL(uri).host}`
}

/** By who gave what to which note, where an Undo embeds it under an id that is new here. */
export async function undoReaction(
  trx: Transaction<Database>,
  app: App,
  actor: Account,
  object: Node,
): Promise<boolean> {
  const incoming = reactionFrom(object)
  const targetUri = onlyIdOf(object, as('object'))
  const note = targetUri === undefined ? undefined : await findNoteRowByUri(trx, targetUri)
  if (!incoming || !note) return false
  const { name } = await emojiOfNote({ ...app, db: trx }, note, actor, incoming)
  return (await removeReaction(trx, note, { accountId: actor.id, name })) !== undefined
}
