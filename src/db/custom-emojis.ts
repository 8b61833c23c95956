import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Database } from './tables.ts'
import type { CustomEmojisTable } from './tables-conversation.ts'

export type OwnEmoji = Selectable<CustomEmojisTable>

/** By category, then name. */
export function listOwnEmojis(db: Kysely<Database>): Promise<OwnEmoji[]> {
  return db
    .selectFrom('custom_emojis')
    .selectAll()
    .orderBy('category', (order) => order.asc().nullsFirst())
    .orderBy('shortcode')
    .execute()
}

/** Those of these that there are. Names tell upper from lower case, as on Mastodon. */
export function listOwnEmojisNamed(db: Kysely<Database>, shortcodes: string[]): Promise<OwnEmoji[]> {
  if (shortcodes.length === 0) return Promise.resolve([])
  return db.selectFrom('custom_emojis').selectAll().where('shortcode', 'in', shortcodes).execute()
}

export async function findOwnEmoji(db: Kysely<Database>, shortcode: string): Promise<OwnEmoji | undefined> {
  const [emoji] = await listOwnEmojisNamed(db, [shortcode])
  return emoji
}

/** Undefined when there is one of this name. */
export function insertOwnEmoji(
  trx: Transaction<Database>,
  values: Insertable<CustomEmojisTable>,
): Promise<OwnEmoji | undefined> {
  return trx
    .insertInto('custom_emojis')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
}

/** Undefined when there was none. */
export function deleteOwnEmoji(trx: Transaction<Database>, shortcode: string): Promise<OwnEmoji | undefined> {
  return trx.deleteFrom('custom_emojis').where('shortcode', '=', shortcode).returningAll().executeTakeFirst()
}
