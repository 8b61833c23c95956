import { domainToASCII } from 'node:url'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import { deleteDomainBlock, insertDomainBlocks } from '#src/db/domain-blocks.ts'
import type { Id } from '#src/db/tables.ts'

type Here = Pick<App, 'db' | 'handleHost' | 'publicUrl'>

/** Null for whoever stands at the command line. */
type Actor = Id | null

/** @throws AppError invalid for what is no domain, and for our own */
export async function blockDomain(
  app: Here,
  actorId: Actor,
  block: { domain: string; reason: string },
): Promise<string> {
  const domain = blockableDomain(app, block.domain)
  await app.db.transaction().execute(async (trx) => {
    await insertDomainBlocks(trx, [{ domain, reason: block.reason }])
    await insertAuditEntry(trx, {
      actorId,
      action: 'domain.block',
      subject: domain,
      detail: { reason: block.reason },
    })
  })
  return domain
}

/** @throws AppError invalid for what is no domain, notFound for one that is not blocked */
export async function unblockDomain(app: Here, actorId: Actor, text: string): Promise<string> {
  const domain = normaliseDomain(text)
  await app.db.transaction().execute(async (trx) => {
    if (!(await deleteDomainBlock(trx, domain))) throw new AppError('notFound', `${domain} is not blocked`)
    await insertAuditEntry(trx, { actorId, action: 'domain.unblock', subject: domain })
  })
  return domain
}

export type ListedDomain = { domain: string; reason: string }
export type ReadList = { blocks: ListedDomain[]; refused: { line: number; text: string; reason: string }[] }

/**
 * Reads a list as other servers export it: Mastodon's CSV, or one domain per line. Only full blocks are taken,
 * since a lesser one would become more than its author meant.
 */
export function readDomainList(app: Here, text: string): ReadList {
  const blocks = new Map<string, ListedDomain>()
  const refused: ReadList['refused'] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    if (!line.trim() || line.startsWith('#')) continue
    const [domainText = '', severity = 'suspend', , , comment = ''] = splitCsv(line)
    try {
      if (severity && severity !== 'suspend')
        throw new AppError('invalid', `${severity} is less than a block`)
      const domain = blockableDomain(app, domainText)
      if (!blocks.has(domain)) blocks.set(domain, { domain, reason: comment.slice(0, 500) })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      refused.push({ line: index + 1, text: line.slice(0, 100), reason: error.message })
    }
  }
  return { blocks: [...blocks.values()], refused }
}

const batch = 1_000

/** All or none. Answers how many are new. */
export async function importDomainBlocks(app: Here, actorId: Actor, blocks: ListedDomain[]): Promise<number> {
  return app.db.transaction().execute(async (trx) => {
    let added = 0
    for (let from = 0; from < blocks.length; from += batch) {
      added += (await insertDomainBlocks(trx, blocks.slice(from, from + batch))).length
    }
    await insertAuditEntry(trx, { actorId, action: 'domain.import', subject: '', detail: { added } })
    return added
  })
}

/** Mastodon's CSV. What a spreadsheet would take for a formula is kept from being one. */
export function toDomainList(blocks: ListedDomain[]): string {
  const header = '#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate'
  const lines = blocks.map(({ domain, reason }) => {
    const safe = /^[=+\-@\t\r]/.test(reason) ? `'${reason}` : reason
    return `${domain},suspend,true,true,"${safe.replaceAll('"', '""').replace(/[\r\n]+/g, ' ')}",false`
  })
  return `${[header, ...lines].join('\n')}\n`
}

function blockableDomain(app: Here, text: string): string {
  const domain = normaliseDomain(text)
  const own = [app.handleHost, new URL(app.publicUrl).host].map((host) => host.replace(/:\d+$/, ''))
  if (own.some((host) => host === domain || host.endsWith(`.${domain}`))) {
    throw new AppError('invalid', `${domain} is this server`)
  }
  return domain
}

// One spelling per domain: lower case, Punycode, no final dot.
function normaliseDomain(text: string): string {
  const domain = domainToASCII(text.trim().toLowerCase().replace(/^@/, '').replace(/\.$/, ''))
  if (domain.length > 253 || !/^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(domain)) {
    throw new AppError('invalid', `${text.slice(0, 100)} is not a domain`)
  }
  return domain
}

function splitCsv(line: string): string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)
  return [...cells].map(([, quoted, plain]) => (quoted?.replaceAll('""', '"') ?? plain ?? '').trim())
}
