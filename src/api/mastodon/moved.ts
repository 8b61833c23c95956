import type { App } from '#src/app.ts'
import { type Account, findAccount } from '#src/db/accounts.ts'
import { toAccount } from './entities/account.ts'

/** An account by itself, with the one it moved to: in lists Mastodon's apps do not look for it. */
export async function presentAccount(app: App, account: Account) {
  return { ...toAccount(app, account), ...(await movedPart(app, account)) }
}

/** The part of an Account that says where it moved; empty for those that did not. */
export async function movedPart(app: App, account: Account) {
  const successor = account.moved_to_id === null ? undefined : await findAccount(app.db, account.moved_to_id)
  const isThere = successor && !successor.deleted_at && !successor.suspended_at
  return isThere ? { moved: toAccount(app, successor) } : {}
}
