import type { Kysely } from 'kysely'
import type { App } from '#src/app.ts'
import { listPreviewCards, type PreviewCard } from '#src/db/preview-cards.ts'
import type { Database, Id } from '#src/db/tables.ts'
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

/** What trends, with its last seven days. */
export type Trending<T> = { subject: T; history: UseOfDay[] }

export function readTrendingTags({ db }: Pick<App, 'db'>, part: Part): Promise<Trending<Tag>[]> {
  return readTrending(db, { kind: 'tag', ...part }, listTagsById)
}

export function readTrendingLinks({ db }: Pick<App, 'db'>, part: Part): Promise<Trending<PreviewCard>[]> {
  return readTrending(db, { kind: 'link', ...part }, listPreviewCards)
}

async function readTrending<T extends { id: Id }>(
  db: Kysely<Database>,
  { kind, ...part }: Part & { kind: 'tag' | 'link' },
  listByIds: (db: Kysely<Database>, ids: Id[]) => Promise<T[]>,
): Promise<Trending<T>[]> {
  const trends = await listTrends(db, kind, part)
  const ids = trends.map((trend) => trend.subject_id)
  const subjectOf = new Map((await listByIds(db, ids)).map((subject) => [subject.id, subject]))
  return trends.flatMap(({ subject_id, history }) => {
    const subject = subjectOf.get(subject_id)
    return subject ? [{ subject, history }] : []
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
