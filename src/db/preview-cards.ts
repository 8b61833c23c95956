import type { Kysely, Selectable } from 'kysely'
import type { Database, Id } from './tables.ts'
import type { PreviewCardsTable } from './tables-conversation.ts'

export type PreviewCard = Selectable<PreviewCardsTable>

/** Those of these that turned out to show something. */
export function listPreviewCards(db: Kysely<Database>, ids: Id[]): Promise<PreviewCard[]> {
  if (ids.length === 0) return Promise.resolve([])
  return db
    .selectFrom('preview_cards')
    .selectAll()
    .where('id', 'in', ids)
    .where('state', '=', 'found')
    .execute()
}
