import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { deleteNotificationsFromDomain } from '#src/db/notifications.ts'
import {
  deletePersonDomainBlock,
  insertPersonDomainBlock,
  listTiesToDomain,
} from '#src/db/person-domain-blocks.ts'
import type { Id } from '#src/db/tables.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { endFollowsBetween } from './end-follow.ts'

const atATime = 100

/**
 * Keeps a whole server, and those below its domain, out of one person's sight, and ends what they follow of each
 * other. Nobody there is told but those whose follow ends.
 * @throws AppError invalid for what is no domain, and for our own
 */
export async function blockDomainFor(app: App, accountId: Id, text: string): Promise<void> {
  const domain = domainFrom(text)
  if (domain === app.handleHost || domain === new URL(app.publicUrl).host)
    throw new AppError('invalid', 'Validation failed: Domain is this server')
  await app.db.transaction().execute(async (trx) => {
    await insertPersonDomainBlock(trx, accountId, domain)
    await deleteNotificationsFromDomain(trx, accountId, domain)
    await enqueue(trx, 'endFollowsOfDomain', { accountId, domain })
  })
}

/** @throws AppError invalid for what is no domain */
export async function unblockDomainFor(app: App, accountId: Id, text: string): Promise<void> {
  const domain = domainFrom(text)
  await app.db.transaction().execute((trx) => deletePersonDomainBlock(trx, accountId, domain))
}

/** Some at a time: a large server may hold thousands of followers. */
export async function endFollowsOfDomain(
  { db }: App,
  { accountId, domain }: JobPayload<'endFollowsOfDomain'>,
): Promise<void> {
  for (;;) {
    const otherIds = await listTiesToDomain(db, accountId, { domain, limit: atATime })
    if (otherIds.length === 0) return
    for (const otherId of otherIds)
      await db.transaction().execute((trx) => endFollowsBetween(trx, accountId, otherId))
  }
}

// As accounts have it: in lower case and Punycode, with its port, without a final dot.
function domainFrom(text: string): string {
  const url = URL.parse(`https://${text.trim().replace(/^@/, '')}`)
  const isBare = url !== null && url.pathname === '/' && !url.search && !url.hash && !url.username
  const domain = isBare ? url.host.replace(/\.(?=$|:\d+$)/, '') : ''
  if (domain === '' || domain.length > 253)
    throw new AppError('invalid', 'Validation failed: Domain is not a valid domain name')
  return domain
}
