import { Hono } from 'hono'
import { LRUCache } from 'lru-cache'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { listDomainBlocks } from '#src/db/domain-blocks.ts'
import { countKnownDomains, listKnownDomains } from '#src/db/instances.ts'
import { findTermsAfter, findTermsAt, findTermsFrom, listRules } from '#src/db/server-words.ts'
import { countUsage, listWeeks } from '#src/db/usage.ts'
import { findOwnerAccount } from '#src/db/users.ts'
import { readServerWords, startOfDay } from '#src/policies/server-words.ts'
import { type Env, requireScope } from '../bearer.ts'
import { type InstanceFacts, toInstance, toV1Instance } from './entities/instance.ts'
import { toDomainBlock, toLongText, toRule, toTerms, toWeek } from './entities/server-words.ts'

const countsLifetimeMs = 10_000
const surveyLifetimeMs = 60 * 60_000

/** https://docs.joinmastodon.org/methods/instance/, mounted at `/api`. */
export function instanceRoutes(app: App) {
  // Counting goes through all users, and every app asks for this at its start.
  const counts = remember(countsLifetimeMs, async () => {
    const [usage, knownDomains] = await Promise.all([
      countUsage(app.db, app.clock.now()),
      countKnownDomains(app.db),
    ])
    return { usage, knownDomains }
  })
  const facts = async (): Promise<InstanceFacts> => {
    const [counted, words, rules, terms, owner] = await Promise.all([
      counts(),
      readServerWords(app.db),
      listRules(app.db),
      findTermsAt(app.db, app.clock.now()),
      findOwnerAccount(app.db),
    ])
    return { ...counted, words, rules, hasTerms: terms !== undefined, owner }
  }
  return new Hono<Env>()
    .get('/v1/instance', async (c) => c.json(toV1Instance(app, await facts())))
    .get('/v2/instance', async (c) => c.json(toInstance(app, await facts())))
    .route('/v1/instance', wordRoutes(app))
    .route('/v1/instance', surveyRoutes(app))
}

/** What the server says of itself, and asks of its people. */
function wordRoutes(app: App) {
  return (
    new Hono<Env>()
      .get('/rules', async (c) => c.json((await listRules(app.db)).map(toRule)))
      .get('/extended_description', async (c) => {
        const { about } = await readServerWords(app.db)
        return c.json(toLongText(app, about))
      })
      .get('/privacy_policy', async (c) => {
        const { privacy } = await readServerWords(app.db)
        if (!privacy) throw notFound()
        return c.json(toLongText(app, privacy))
      })
      .get('/terms_of_service', async (c) => {
        const terms = await findTermsAt(app.db, app.clock.now())
        if (!terms) throw notFound()
        return c.json(toTerms(app, terms, await findTermsAfter(app.db, terms.effective_at)))
      })
      .get('/terms_of_service/:date', async (c) => {
        const day = startOfDay(c.req.param('date'))
        const terms = day && (await findTermsFrom(app.db, day))
        if (!terms) throw notFound()
        return c.json(toTerms(app, terms, await findTermsAfter(app.db, terms.effective_at)))
      })
      // Nothing is translated here.
      .get('/translation_languages', (c) => c.json({}))
  )
}

/** What it has seen, and whom it does not hear. */
function surveyRoutes(app: App) {
  const peers = remember(surveyLifetimeMs, () => listKnownDomains(app.db))
  const weeks = remember(surveyLifetimeMs, () => listWeeks(app.db, app.clock.now()))
  return new Hono<Env>()
    .get('/peers', async (c) => c.json(await peers()))
    .get('/activity', async (c) => c.json((await weeks()).map(toWeek)))
    .get('/domain_blocks', requireScope('read'), async (c) =>
      c.json((await listDomainBlocks(app.db)).map(toDomainBlock)),
    )
}

/** What is asked for often and dear to find out. A failure is told to those who wait for it and not remembered. */
function remember<T extends object>(lifetimeMs: number, find: () => Promise<T>): () => Promise<T> {
  const known = new LRUCache<'it', T>({ max: 1, ttl: lifetimeMs, fetchMethod: find })
  return () => known.forceFetch('it')
}
