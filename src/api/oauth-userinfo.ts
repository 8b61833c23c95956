import type { App } from '#src/app.ts'
import { type Account, getAccount } from '#src/db/accounts.ts'
import { requireScope } from './bearer.ts'
import { createApiFrame } from './frame.ts'
import { toAccount } from './mastodon/entities/account.ts'

/** Who signed in, for an app that wants to know no more (OpenID Connect Core §5.3), mounted at `/oauth/userinfo`. */
export function userinfoRoutes(app: App) {
  return createApiFrame(app).on(['GET', 'POST'], '/', requireScope('profile'), async (c) =>
    c.json(toUserinfo(app, await getAccount(app.db, c.var.viewer.accountId))),
  )
}

/** https://docs.joinmastodon.org/methods/oauth/#userinfo */
function toUserinfo(app: App, account: Account) {
  return {
    iss: app.publicUrl,
    sub: account.uri,
    name: account.name,
    preferred_username: account.username,
    profile: account.url,
    picture: toAccount(app, account).avatar,
  }
}
