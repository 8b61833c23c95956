import { LRUCache } from 'lru-cache'
import type { App } from '#src/app.ts'
import { noteMissingInbox, reviveInboxesOf } from '#src/db/retired-inboxes.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { askWhetherGone } from '../inbox/gone.ts'

type Refused = Pick<JobPayload<'deliver'>, 'inbox' | 'sharedInbox' | 'actorIds'>

/**
 * Sends nothing more to an inbox that is gone: at once where its server says so, after three days where it is merely
 * not there, which a misled proxy may say for an evening. Whether the person whose inbox it was is gone too, their
 * server is asked.
 */
export async function retireInbox(app: App, refused: Refused, status: 404 | 410): Promise<void> {
  const { inbox, sharedInbox, actorIds } = refused
  const isGone = status === 410
  await noteMissingInbox(app.db, { inbox, isGone, now: app.clock.now() })
  const [actorUri] = actorIds
  if (!sharedInbox && actorUri !== undefined) await askWhetherGone(app, actorUri)
}

const revivedForMs = 10 * 60_000

/** Hears of each server that sent something, and has its inboxes tried again; the same one costs nothing for a while. */
export function createReviver({ db }: Pick<App, 'db'>): (actorUri: string) => Promise<void> {
  const revived = new LRUCache<string, true>({ max: 10_000, ttl: revivedForMs })
  return async (actorUri) => {
    const { origin } = new URL(actorUri)
    if (revived.has(origin)) return
    revived.set(origin, true)
    await reviveInboxesOf(db, origin)
  }
}
