import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { findUserByAccount } from '#src/db/users.ts'
import { type Env, requireScope } from '../bearer.ts'
import { toMastodonVisibility } from './entities/visibility.ts'

/** https://docs.joinmastodon.org/methods/preferences/, mounted at `/api/v1/preferences`. */
export function preferenceRoutes(app: App) {
  return new Hono<Env>().get('/', requireScope('read:accounts'), async (c) => {
    const user = await findUserByAccount(app.db, c.var.viewer.accountId)
    if (!user) throw notFound()
    return c.json({
      'posting:default:visibility': toMastodonVisibility[user.default_visibility],
      'posting:default:sensitive': user.default_is_sensitive,
      'posting:default:language': user.default_language,
      'posting:default:quote_policy': user.default_quote_policy,
      'reading:expand:media': 'default',
      'reading:expand:spoilers': false,
      'reading:autoplay:gifs': false,
    })
  })
}
