import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { countKnownDomains } from '#src/db/instances.ts'
import { countUsage } from '#src/db/usage.ts'
import { findOwnerAccount } from '#src/db/users.ts'
import type { Env } from '../bearer.ts'
import { type InstanceFacts, toInstance, toV1Instance } from './entities/instance.ts'

const countsLifetimeMs = 10_000

/** https://docs.joinmastodon.org/methods/instance/, mounted at `/api`. */
export function instanceRoutes(app: App) {
  const counts = rememberCounts(app)
  const facts = async (): Promise<InstanceFacts> => ({
    ...(await counts()),
    owner: await findOwnerAccount(app.db),
  })
  return new Hono<Env>()
    .get('/v1/instance', async (c) => c.json(toV1Instance(app, await facts())))
    .get('/v2/instance', async (c) => c.json(toInstance(app, await facts())))
    .get('/v1/instance/rules', (c) => c.json([]))
}

type Counts = Omit<InstanceFacts, 'owner'>

// Counting goes through all users, and every app asks for this at its start.
function rememberCounts(app: App): () => Promise<Counts> {
  let remembered: { counts: Promise<Counts>; until: number } | undefined
  return () => {
    const now = app.clock.now().getTime()
    if (!remembered || remembered.until <= now) {
      remembered = { counts: loadCounts(app), until: now + countsLifetimeMs }
      // A failure is told to those who wait for it and not remembered.
      remembered.counts.catch(() => {
        remembered = undefined
      })
    }
    return remembered.counts
  }
}

async function loadCounts(app: App): Promise<Counts> {
  const [usage, knownDomains] = await Promise.all([
    countUsage(app.db, app.clock.now()),
    countKnownDomains(app.db),
  ])
  return { usage, knownDomains }
}
