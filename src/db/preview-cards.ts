import { type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import { anyOf } from './ids.ts'
import type { Database, Id } from './tables.ts'
import type { PreviewCardsTable } from './tables-conversation.ts'

export type PreviewCard = Selectable<PreviewCardsTable>

/** What a page says is believed for so long. */
export const cardLifetimeMs = 14 * 24 * 3_600_000

/** Those of these that turned out to show something. */
export function listPreviewCards(db: Kysely<Database>, ids: Id[]): Promise<PreviewCard[]> {
  if (ids.length === 0) return Promise.resolve([])
  return db
    .selectFrom('preview_cards')
    .selectAll()
    .where('id', '=', anyOf(ids))
    .where('state', '=', sql.lit('found'))
    .execute()
}

/** The card of an address, new or not, and whether its page should be asked. */
export async function upsertPreviewCard(
  trx: Transaction<Database>,
  url: string,
  now: Date,
): Promise<{ id: Id; isDue: boolean }> {
  await trx
    .insertInto('preview_cards')
    .values({ url })
    .onConflict((conflict) => conflict.column('url').doNothing())
    .execute()
  const card = await trx
    .selectFrom('preview_cards')
    .select(['id', 'state', 'fetched_at'])
    .where('url', '=', url)
    .executeTakeFirstOrThrow()
  const isFresh = card.fetched_at && now.getTime() - card.fetched_at.getTime() < cardLifetimeMs
  return { id: card.id, isDue: card.state === 'new' || !isFresh }
}

/** Undefined for a page that nobody linked to. */
export async function findPreviewCardId(db: Kysely<Database>, url: string): Promise<Id | undefined> {
  const row = await db.selectFrom('preview_cards').select('id').where('url', '=', url).executeTakeFirst()
  return row?.id
}

export async function setPreviewCard(
  trx: Transaction<Database>,
  noteId: Id,
  cardId: Id | null,
): Promise<void> {
  await trx
    .updateTable('notes')
    .set({ preview_card_id: cardId })
    .where('id', '=', noteId)
    .where(sql<boolean>`preview_card_id is distinct from ${cardId}::bigint`)
    .execute()
}

/**
 * The address of a card whose page is to be asked now, by the caller alone; undefined when somebody did so lately.
 * @param since since when an answer is still believed, and since when somebody may still be waiting for one
 */
export async function claimPreviewCard(
  db: Kysely<Database>,
  id: Id,
  { now, since }: { now: Date; since: { answered: Date; asked: Date } },
): Promise<string | undefined> {
  const row = await db
    .updateTable('preview_cards')
    .set({ fetched_at: now })
    .where('id', '=', id)
    .where((eb) =>
      eb.or([
        eb('fetched_at', 'is', null),
        eb('fetched_at', '<', since.answered),
        eb.and([eb('state', '=', 'new'), eb('fetched_at', '<', since.asked)]),
      ]),
    )
    .returning('url')
    .executeTakeFirst()
  return row?.url
}

export async function updatePreviewCard(
  db: Kysely<Database>,
  id: Id,
  changes: Updateable<PreviewCardsTable>,
): Promise<void> {
  await db.updateTable('preview_cards').set(changes).where('id', '=', id).execute()
}

/** Those of these addresses that are of a note or an account we know. */
export async function listKnownAddresses(db: Kysely<Database>, addresses: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ address: string }>`
    select address from unnest(${addresses}::text[]) as address
    where exists (select from notes where uri = address) or exists (select from notes where url = address)
      or exists (select from accounts where uri = address) or exists (select from accounts where url = address)
  `.execute(db)
  return new Set(rows.map((row) => row.address))
}
