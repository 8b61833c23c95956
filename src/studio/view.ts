import type { App } from '#src/app.ts'
import {
  countAhead,
  type Generation,
  getGeneration,
  getOwnGeneration,
  listOwnGenerations,
} from '#src/db/generations.ts'
import { listMediaOfGenerations, type Media } from '#src/db/media.ts'
import type { Page } from '#src/db/paging.ts'
import type { Id, Role } from '#src/db/tables.ts'

/** Who paints. */
export type Painter = { accountId: Id; role: Role }

export type GenerationView = Generation & {
  /** The finished pictures, in their order. */
  media: Media[]
  /** In the queue, from 1; undefined when it is not queued. */
  position: number | undefined
}

/** @throws AppError notFound, for somebody else's and for a discarded one too */
export async function loadGeneration(app: Pick<App, 'db'>, accountId: Id, id: Id): Promise<GenerationView> {
  return one(await toViews(app.db, [await getOwnGeneration(app.db, id, accountId)]))
}

/** For whoever asked for it just now; also when it was discarded meanwhile. */
export async function loadRequestedGeneration(app: Pick<App, 'db'>, id: Id): Promise<GenerationView> {
  return one(await toViews(app.db, [await getGeneration(app.db, id)]))
}

/** Own history, newest first. */
export async function listGenerations(
  app: Pick<App, 'db'>,
  accountId: Id,
  page: Page,
): Promise<GenerationView[]> {
  return toViews(app.db, await listOwnGenerations(app.db, accountId, page))
}

async function toViews(db: App['db'], generations: Generation[]): Promise<GenerationView[]> {
  const ids = generations.map(({ id }) => id)
  const hasQueued = generations.some(({ state }) => state === 'queued')
  const media = await listMediaOfGenerations(db, ids)
  const ahead = hasQueued ? await countAhead(db, ids) : new Map<Id, number>()
  return generations.map((generation) => {
    const before = ahead.get(generation.id)
    return {
      ...generation,
      media: media.filter(({ generation_id }) => generation_id === generation.id),
      position: before === undefined ? undefined : before + 1,
    }
  })
}

function one(views: GenerationView[]): GenerationView {
  const [view] = views
  if (!view) throw new Error('A generation has a view')
  return view
}
