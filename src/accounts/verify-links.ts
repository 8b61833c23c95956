import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { FetchFailed, FetchRefused } from '#src/base/fetch-errors.ts'
import {
  type Account,
  findAccount,
  listAccountsToRecheck,
  lockAccount,
  setAccountFields,
} from '#src/db/accounts.ts'
import type { Database, Id, ProfileField } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { addressOfField, linksBack } from './link-page.ts'

const maxBytes = 1024 * 1024
const deadlineMs = 10_000
/** More are not looked at, however many another server sends. */
const maxLinks = 4

/** Has the links on a profile looked at, if there are any. */
export async function requestVerification(trx: Transaction<Database>, account: Account): Promise<void> {
  if (linksOf(account).length === 0) return
  await enqueue(trx, 'verifyLinks', { accountId: account.id }, { dedupeKey: account.id })
}

/** Each field that is a link, by its value. */
function linksOf({ fields, domain }: Account): { value: string; address: string }[] {
  return fields
    .flatMap(({ value }) => {
      const address = addressOfField(value, domain !== null)
      return address === undefined ? [] : [{ value, address }]
    })
    .slice(0, maxLinks)
}

type Finding = { value: string; isLinkedBack: boolean }

/**
 * Marks the fields whose pages link back to the profile with `rel="me"`, as Mastodon does, and takes the mark from
 * those that no longer do. A page that does not answer now changes nothing.
 */
export async function verifyLinks(app: App, accountId: Id): Promise<void> {
  const account = await findAccount(app.db, accountId)
  if (!account || account.deleted_at || account.suspended_at) return
  const findings: Finding[] = []
  for (const { value, address } of linksOf(account)) {
    const isLinkedBack = await look(app, address, [account.url, account.uri])
    if (isLinkedBack !== undefined) findings.push({ value, isLinkedBack })
  }
  if (findings.length === 0) return
  const now = app.clock.now().toISOString()
  await app.db.transaction().execute(async (trx) => {
    // They may have been edited meanwhile: a mark belongs to what was looked at.
    const current = await lockAccount(trx, accountId)
    if (current) await setAccountFields(trx, accountId, withFindings(current.fields, findings, now))
  })
}

function withFindings(fields: ProfileField[], findings: Finding[], now: string): ProfileField[] {
  return fields.map((field) => {
    const finding = findings.find(({ value }) => value === field.value)
    if (!finding) return field
    return { ...field, verifiedAt: finding.isLinkedBack ? (field.verifiedAt ?? now) : null }
  })
}

/** Undefined when the page cannot be had now. */
async function look(app: App, address: string, profileUrls: string[]): Promise<boolean | undefined> {
  if (!isProtected(app, address)) return false
  try {
    const answer = await app.safeFetch(address, {
      accept: 'text/html',
      maxBytes,
      deadlineMs,
      isBeginningEnough: true,
    })
    if (answer.status >= 500 || answer.status === 429) return undefined
    const isPage = /^(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i.test(
      answer.headers.get('content-type') ?? '',
    )
    if (answer.status !== 200 || !isPage || !isProtected(app, answer.url)) return false
    return linksBack(new TextDecoder().decode(answer.body), answer.url, profileUrls)
  } catch (error) {
    if (error instanceof FetchRefused) return false
    if (error instanceof FetchFailed) return undefined
    throw error
  }
}

/** What comes without encryption may have been written by anyone on the way. */
function isProtected({ config }: App, address: string): boolean {
  return address.startsWith('https:') || config.allowPrivateAddresses
}

const dayMs = 24 * 60 * 60_000
const spreadMs = 10_000

/** Has a seventh of the people here looked at anew each day: everyone once a week, a little at a time. */
export async function recheckLinks(app: App): Promise<void> {
  const now = app.clock.now()
  const accounts = await listAccountsToRecheck(app.db, Math.floor(now.getTime() / dayMs))
  await app.db.transaction().execute(async (trx) => {
    let delayMs = 0
    for (const account of accounts.filter((one) => linksOf(one).length > 0)) {
      const runAt = new Date(now.getTime() + delayMs)
      await enqueue(trx, 'verifyLinks', { accountId: account.id }, { dedupeKey: account.id, runAt })
      delayMs += spreadMs
    }
  })
}
