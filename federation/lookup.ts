import { isExplorationDue, requestExploration } from '#src/accounts/explore.ts'
import type { App, Lookup } from '#src/app.ts'
import { isAppError } from '#src/base/errors.ts'
import { type Account, findAccountByHandle, findAccountByUrl } from '#src/db/accounts.ts'
import { findNoteRowByAddress } from '#src/db/remote-notes.ts'
import type { Id } from '#src/db/tables.ts'
import { loadAccount } from './remote/accounts.ts'
import { finger, type Handle, isSameHandle, parseHandle } from './remote/finger.ts'
import { webAddress } from './remote/linked-data.ts'
import { loadNote } from './remote/notes.ts'
import type { Remote } from './remote/remote.ts'
import { isBlocked, isOfBlocked } from './trust.ts'

const deadlineMs = 15_000

/** Finds people and notes of other servers for someone who waits: whatever fails there is nothing found. */
export function createLookup(remote: Remote): Lookup {
  return {
    account: (handleOrUrl, options) =>
      withinDeadline(findAccount(remote, handleOrUrl, options), options?.withinMs),
    note: (url) => withinDeadline(findNote(remote, url)),
  }
}

/** What comes later is stored all the same, and found the next time. */
async function withinDeadline(
  search: Promise<Id | undefined>,
  withinMs = deadlineMs,
): Promise<Id | undefined> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), withinMs)
  })
  try {
    return await Promise.race([search.catch(orNothing), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

function orNothing(error: unknown): undefined {
  if (!isAppError(error)) throw error
}

async function findAccount(
  remote: Remote,
  handleOrUrl: string,
  { fresh = false }: { fresh?: boolean } = {},
): Promise<Id | undefined> {
  const { app } = remote
  const address = /^https?:\/\//i.test(handleOrUrl.trim()) ? webAddress(handleOrUrl.trim()) : undefined
  const handle = address === undefined ? parseHandle(handleOrUrl) : undefined
  const account = address ? await byAddress(remote, address) : handle && (await byHandle(remote, handle))
  if (!account || account.deleted_at || account.suspended_at || (await isOfBlocked(app, account)))
    return undefined
  await explore(app, account)
  if (fresh) await loadAccount(remote, account.uri, { fresh })
  return account.id
}

/** What is asked for by name is looked at more closely, for the next page that shows it. */
async function explore({ db, clock }: App, account: Account): Promise<void> {
  const now = clock.now()
  if (!isExplorationDue(account, now)) return
  await db.transaction().execute((trx) => requestExploration(trx, account, now))
}

async function byAddress(remote: Remote, address: string): Promise<Account | undefined> {
  const { app } = remote
  const known = await findAccountByUrl(app.db, address)
  if (known || app.uris.isLocal(address)) return known
  const fetched = await remote.fetch(address)
  return fetched.outcome === 'found' ? loadAccount(remote, fetched.uri) : undefined
}

async function byHandle(remote: Remote, handle: Handle): Promise<Account | undefined> {
  const { app } = remote
  const isOurs = handle.domain === app.handleHost || handle.domain === new URL(app.publicUrl).host
  const known = await findAccountByHandle(app.db, handle.username, isOurs ? null : handle.domain)
  if (isOurs) return known?.kind === 'Application' ? undefined : known
  if (known && !known.deleted_at) return known
  const found = await finger(app, handle)
  const account = found && (await loadAccount(remote, found.actorUri))
  if (!account) return undefined
  // A domain may name its people after another domain (the subject), but not after people who are not its own.
  const own = { username: account.username, domain: account.domain ?? app.handleHost }
  return isSameHandle(own, handle) || isSameHandle(own, found.subject) ? account : undefined
}

async function findNote(remote: Remote, url: string): Promise<Id | undefined> {
  const { app } = remote
  const address = webAddress(url.trim())
  if (address === undefined || (await isBlocked(app, address))) return undefined
  const known = await findNoteRowByAddress(app.db, address)
  if (known || app.uris.isLocal(address)) return known?.id
  // A page's address leads to the note's own, under which it may be known.
  const fetched = await remote.fetch(address)
  return fetched.outcome === 'found' ? loadNote(remote, fetched.uri) : undefined
}
