import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { listBlocked } from '#src/db/blocks.ts'
import { listMuted } from '#src/db/mutes.ts'
import { listPersonDomainBlocks } from '#src/db/person-domain-blocks.ts'
import { blockDomainFor, unblockDomainFor } from '#src/relationships/domain-block.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, textField } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { toAccount } from './entities/account.ts'

const people = { usual: 40, most: 80 }
const domains = { usual: 100, most: 200 }

/** https://docs.joinmastodon.org/methods/blocks/, mounted at `/api/v1/blocks`. */
export function blockRoutes(app: App) {
  return new Hono<Env>().get('/', requireScope('read:blocks'), async (c) => {
    const blocked = await listBlocked(app.db, c.var.viewer.accountId, readPage(c, people))
    linkPages(
      app,
      c,
      blocked.map((account) => account.block_id),
    )
    return c.json(blocked.map((account) => toAccount(app, account)))
  })
}

/** https://docs.joinmastodon.org/methods/mutes/, mounted at `/api/v1/mutes`. */
export function muteRoutes(app: App) {
  return new Hono<Env>().get('/', requireScope('read:mutes'), async (c) => {
    const muted = await listMuted(app.db, c.var.viewer.accountId, readPage(c, people))
    linkPages(
      app,
      c,
      muted.map((account) => account.mute_id),
    )
    return c.json(
      muted.map((account) => ({
        ...toAccount(app, account),
        mute_expires_at: account.mute_expires_at?.toISOString() ?? null,
      })),
    )
  })
}

const domainForm = z.object({ domain: textField })

/** https://docs.joinmastodon.org/methods/domain_blocks/, mounted at `/api/v1/domain_blocks`. */
export function domainBlockRoutes(app: App) {
  const write = requireScope('write:blocks')
  return new Hono<Env>()
    .get('/', requireScope('read:blocks'), async (c) => {
      const blocks = await listPersonDomainBlocks(app.db, c.var.viewer.accountId, readPage(c, domains))
      linkPages(
        app,
        c,
        blocks.map(({ id }) => id),
      )
      return c.json(blocks.map(({ domain }) => domain))
    })
    .post('/', write, form(domainForm), async (c) => {
      await blockDomainFor(app, c.var.viewer.accountId, c.req.valid('form').domain ?? '')
      return c.json({})
    })
    .delete('/', write, form(domainForm), async (c) => {
      await unblockDomainFor(app, c.var.viewer.accountId, c.req.valid('form').domain ?? '')
      return c.json({})
    })
}
