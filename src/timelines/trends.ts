import type { App } from '#src/app.ts'
import { listPreviewCards, type PreviewCard } from '#src/db/preview-cards.ts'
import type { Id } from '#src/db/tables.ts'
import type { UseOfDay } from '#src/db/tables-server.ts'
import { listTagsById, type Tag } from '#src/db/tags.ts'
import {
  countLinkTrends,
  countNoteTrends,
  countTagTrends,
  listTrendingNoteIds,
  listTrends,
} from '#src/db/trends.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'

/** Counts all of them anew; a reader sees the old ones or the new. */
export async function countTrends({ db, clock }: Pick<App, 'db' | 'clock'>): Promise<void> {
  const now = clock.now()
  await db.transaction().execute(async (trx) => {
    await countTagTrends(trx, now)
    await countLinkTrends(trx, now)
    await countNoteTrends(trx, now)
  })
}

type Part = { limit: number; offset: number }

export type TrendingTag = { tag: Tag; history: UseOfDay[] }
export type TrendingLink = { card: PreviewCard; history: UseOfDay[] }

export async function readTrendingTags({ db }: Pick<App, 'db'>, part: Part): Promise<TrendingTag[]> {
  const trends = await listTrends(db, 'tag', part)
  const tags = await listTagsById(
    db,
    trends.map((trend) => trend.subject_id),
  )
  const tagOf = new Map(tags.map((tag) => [tag.id, tag]))
  return trends.flatMap(({ subject_id, history }) => {
    const tag = tagOf.get(subject_id)
    return tag ? [{ tag, history }] : []
  })
}

export async function readTrendingLinks({ db }: Pick<App, 'db'>, part: Part): Promise<TrendingLink[]> {
  const trends = await listTrends(db, 'link', part)
  const cards = await listPreviewCards(
    db,
    trends.map((trend) => trend.subject_id),
  )
  const cardOf = new Map(cards.map((card) => [card.id, card]))
  return trends.flatMap(({ subject_id, history }) => {
    const card = cardOf.get(subject_id)
    return card ? [{ card, history }] : []
  })
}

/** As far as the viewer may and wants to see them. */
export async function readTrendingNotes(
  { db }: Pick<App, 'db'>,
  viewerId: Id | null,
  part: Part,
): Promise<NoteView[]> {
  return loadNoteViews(db, await listTrendingNoteIds(db, viewerId, part), viewerId)
}
