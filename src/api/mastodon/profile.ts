import { Hono } from 'hono'
import { updateProfile } from '#src/accounts/profile.ts'
import type { App } from '#src/app.ts'
import { getAccount } from '#src/db/accounts.ts'
import { listFeaturedTags } from '#src/db/featured-tags.ts'
import type { Id } from '#src/db/tables.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form } from '../bodies.ts'
import { credentialsBodyBytes, credentialsForm, loadCredentialAccount, readChanges } from './credentials.ts'
import { toProfile } from './entities/profile.ts'

/** https://docs.joinmastodon.org/methods/profile/, mounted at `/api/v1/profile`. */
export function profileRoutes(app: App) {
  const write = requireScope('write:accounts')
  const routes = new Hono<Env>()
    .get('/', requireScope('read:accounts', 'profile'), async (c) =>
      c.json(await loadProfile(app, c.var.viewer.accountId)),
    )
    .patch('/', write, form(credentialsForm, { maxBytes: credentialsBodyBytes }), async (c) => {
      const { accountId } = c.var.viewer
      await updateProfile(app, accountId, await readChanges(c.req.valid('form')))
      return c.json(await loadProfile(app, accountId))
    })
  for (const picture of ['avatar', 'header'] as const) {
    routes.delete(`/${picture}`, write, async (c) => {
      const { accountId } = c.var.viewer
      await updateProfile(app, accountId, { [picture]: null })
      return c.json(await loadCredentialAccount(app, accountId))
    })
  }
  return routes
}

async function loadProfile(app: App, accountId: Id) {
  const [account, tags] = await Promise.all([
    getAccount(app.db, accountId),
    listFeaturedTags(app.db, accountId),
  ])
  return toProfile(app, account, tags)
}
