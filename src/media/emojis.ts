import type { Kysely } from 'kysely'
import type { App } from '#src/app.ts'
import { emojiOf, shortcodePattern, shortcodesIn } from '#src/base/emoji.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import {
  deleteOwnEmoji,
  findOwnEmoji,
  insertOwnEmoji,
  listOwnEmojis,
  listOwnEmojisNamed,
  type OwnEmoji,
} from '#src/db/custom-emojis.ts'
import type { CustomEmoji, Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { refusalMessages } from './picture.ts'
import { newMediaKey } from './storage.ts'

export type NewEmoji = {
  shortcode: string
  /** A picture of any kind that may be uploaded; of an animated one the first frame is kept. */
  bytes: Uint8Array
  category: string | null
  /** Who adds it; null for the command line. */
  addedBy: Id | null
}

const maxCategoryLength = 50

/** @throws AppError invalid when the name is taken or none, or the picture cannot be used; unavailable */
export async function addEmoji(
  app: Pick<App, 'db' | 'storage' | 'pictures'>,
  { shortcode, bytes, category, addedBy }: NewEmoji,
): Promise<OwnEmoji> {
  if (!shortcodePattern.test(shortcode)) {
    throw refused('shortcode', 'A shortcode is 2 to 64 letters, digits and _')
  }
  if (category !== null && category.length > maxCategoryLength) {
    throw refused('category', `A category is at most ${maxCategoryLength} characters long`)
  }
  if (await findOwnEmoji(app.db, shortcode)) throw taken(shortcode)
  const picture = await app.pictures.processPicture(bytes, { source: 'emoji' })
  if (picture.outcome === 'refused') throw refused(picture.reason, refusalMessages[picture.reason])
  const { derivative } = picture
  const key = newMediaKey(derivative.extension)
  await app.storage.put(key, derivative.bytes)
  const added = await app.db.transaction().execute(async (trx) => {
    const values = { shortcode, file_key: key, media_type: derivative.mediaType, category: category || null }
    const emoji = await insertOwnEmoji(trx, values)
    if (emoji) await insertAuditEntry(trx, { actorId: addedBy, action: 'emoji.add', subject: shortcode })
    else await enqueue(trx, 'deleteFiles', { keys: [key] })
    return emoji
  })
  if (!added) throw taken(shortcode)
  return added
}

/** What was written with it shows its name instead from now on. @throws AppError notFound */
export async function removeEmoji(
  { db }: { db: Kysely<Database> },
  shortcode: string,
  removedBy: Id | null,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const emoji = await deleteOwnEmoji(trx, shortcode)
    if (!emoji) throw notFound()
    await enqueue(trx, 'deleteFiles', { keys: [emoji.file_key] })
    await insertAuditEntry(trx, { actorId: removedBy, action: 'emoji.remove', subject: shortcode })
  })
}

function refused(code: string, message: string): AppError {
  return new AppError('invalid', `Validation failed: ${message}`, { code })
}

function taken(shortcode: string): AppError {
  return refused('taken', `There is an emoji :${shortcode}: already; remove it first`)
}

/** The emoji of this server that texts typed here name, as notes and accounts keep them. */
export async function emojisIn(app: Pick<App, 'db' | 'storage'>, ...texts: string[]): Promise<CustomEmoji[]> {
  const emojis = await listOwnEmojisNamed(app.db, shortcodesIn(...texts))
  return emojis.map((emoji) => toCustomEmoji(app, emoji))
}

/** All there are, to choose from. */
export async function listEmojis(app: Pick<App, 'db' | 'storage'>): Promise<CustomEmoji[]> {
  const emojis = await listOwnEmojis(app.db)
  return emojis.map((emoji) => toCustomEmoji(app, emoji))
}

export function toCustomEmoji({ storage }: Pick<App, 'storage'>, emoji: OwnEmoji): CustomEmoji {
  const { shortcode, file_key, created_at } = emoji
  return { shortcode, url: storage.urlOf(file_key), updated: created_at.toISOString() }
}

/** What somebody can react with; `emojiUrl` is null for one of Unicode. */
export type Emoji = { name: string; emojiUrl: string | null }

/** An emoji of Unicode or of this server; undefined for any other. @param typed with or without colons */
export async function emojiHere(
  app: Pick<App, 'db' | 'storage' | 'publicUrl'>,
  typed: string,
): Promise<Emoji | undefined> {
  const name = emojiNameOf(app, typed)
  if (emojiOf(name)) return { name, emojiUrl: null }
  const own = await findOwnEmoji(app.db, name)
  return own && { name, emojiUrl: app.storage.urlOf(own.file_key) }
}

/** What an emoji is called here, one of another server with that server's name. */
export function emojiNameOf({ publicUrl }: Pick<App, 'publicUrl'>, typed: string): string {
  const shortcode = typed.replace(/^:(.*):$/, '$1')
  const ending = `@${new URL(publicUrl).host}`
  return emojiOf(typed) ?? (shortcode.endsWith(ending) ? shortcode.slice(0, -ending.length) : shortcode)
}
