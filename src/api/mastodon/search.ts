import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { type SearchKind, search } from '#src/search/search.ts'
import { allowScope, type Env } from '../bearer.ts'
import { clamped, flag, query, textField } from '../bodies.ts'
import { toAccount } from './entities/account.ts'
import { toStatus } from './entities/status.ts'
import { viewerIdOf } from './params.ts'
import { presentTags } from './tags.ts'

const searchQuery = z.object({
  q: textField,
  type: textField,
  resolve: flag,
  limit: clamped(1, 40, 20),
  offset: clamped(0, 10_000, 0),
})

/** https://docs.joinmastodon.org/methods/search/, mounted at `/api/v2/search`. Notes are found by address only. */
export function searchRoutes(app: App) {
  return new Hono<Env>().get('/', allowScope('read:search'), query(searchQuery), async (c) => {
    const { q, type, ...request } = c.req.valid('query')
    const viewerId = viewerIdOf(c)
    // Strangers must not make this server ask others.
    if (viewerId === null && (request.resolve || request.offset > 0)) {
      throw new AppError(
        'unauthenticated',
        'Search queries pagination and resolving are not supported without authentication',
      )
    }
    const found = await search(app, viewerId, { ...request, text: q ?? '', kinds: kindsOf(type) })
    return c.json({
      accounts: found.accounts.map((account) => toAccount(app, account)),
      statuses: found.notes.map((view) => toStatus(app, view)),
      hashtags: await presentTags(app, viewerId, found.tags),
    })
  })
}

const kindOfType: Record<string, SearchKind> = { accounts: 'accounts', statuses: 'notes', hashtags: 'tags' }

function kindsOf(type: string | undefined): SearchKind[] {
  if (!type) return Object.values(kindOfType)
  const kind = Object.hasOwn(kindOfType, type) ? kindOfType[type] : undefined
  return kind ? [kind] : []
}
