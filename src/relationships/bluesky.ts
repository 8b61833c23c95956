import type { Kysely, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { htmlToPlainText } from '#src/base/html.ts'
import { type Account, findAccountByHandle, getAccount } from '#src/db/accounts.ts'
import { findBridge, isOnBluesky, saveBridge } from '#src/db/bluesky.ts'
import { type Follow, findFollow } from '#src/db/follows.ts'
import { findSetting } from '#src/db/settings.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { maxAttempts } from '#src/jobs/backoff.ts'
import { enqueue } from '#src/jobs/queue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { blockAccount, unblockAccount } from './block.ts'
import { confirmFollow, enqueueAnswer, followAccount, unfollowAccount } from './follow.ts'

// Bridgy Fed carries people over to Bluesky who follow its bot, once they accept that the bot follows them, and until
// they block it: https://fed.brid.gy/docs#fediverse-get-started

const usualBridge = 'bsky.brid.gy@bsky.brid.gy'
const bridgedHost = 'bsky.brid.gy'
const handleSuffix = 'ap.brid.gy'
const oldEnoughMs = 7 * 24 * 60 * 60_000

/** What the bridge asks of an account before it takes it. */
export type BridgeGate = 'picture' | 'name' | 'age' | 'noRefusal' | 'notMoved'

export type GateCheck = { gate: BridgeGate; isOpen: boolean }

/**
 * Whether an account fulfils each. A locked profile and #nobot are no hindrance to those who ask themselves.
 */
export function checkGates(account: Account, now: Date): GateCheck[] {
  const words = `${htmlToPlainText(account.bio_html)}\n${account.name}`
  return [
    { gate: 'picture', isOpen: account.avatar_key !== null },
    { gate: 'name', isOpen: /^[a-z0-9]([a-z0-9_~-]*[a-z0-9])?$/i.test(account.username) },
    { gate: 'age', isOpen: now.getTime() - account.created_at.getTime() >= oldEnoughMs },
    { gate: 'noRefusal', isOpen: !/#nobridge/i.test(words) },
    { gate: 'notMoved', isOpen: account.moved_to_uri === null },
  ]
}

/** The handle that the bridge makes of one of ours: `@a_b@my.social` is `a-b.my.social.ap.brid.gy` there. */
export function blueskyHandleOf(username: string, handleHost: string): string {
  return `${username}.${handleHost}.${handleSuffix}`.replaceAll(/[_~]/g, '-').toLowerCase()
}

/** The Bluesky handle of someone the bridge brought here; undefined for everyone else, and for its bot. */
export function bridgedHandleOf({
  username,
  domain,
}: Pick<Account, 'username' | 'domain'>): string | undefined {
  return domain === bridgedHost && username !== bridgedHost ? username : undefined
}

/** Asks the bridge to take an account over. @throws AppError invalid while a gate is shut */
export async function askBridge(app: App, account: Account): Promise<void> {
  if (checkGates(account, app.clock.now()).some(({ isOpen }) => !isOpen)) {
    throw new AppError('invalid', 'The bridge would not take this account yet')
  }
  await app.db.transaction().execute(async (trx) => {
    await saveBridge(trx, account.id, { state: 'asked' })
    await enqueue(trx, 'followBridge', { accountId: account.id }, { dedupeKey: account.id })
  })
}

/** Follows the bridge's bot, which may have to be looked up first. Someone who follows it already follows it anew. */
export async function followBridge(app: App, accountId: Id, job: RunningJob): Promise<void> {
  const bridge = await findBridge(app.db, accountId)
  if (bridge?.state !== 'asked') return
  const botId = await app.lookup.account(await bridgeHandle(app.db))
  if (botId === undefined) return notFound(app, accountId, job)
  const follow = await findFollow(app.db, accountId, botId)
  // This job ran before, and died before its end.
  if (follow && follow.created_at >= bridge.updated_at) return
  if (follow) await unfollowAccount(app, accountId, botId)
  await unblockAccount(app, accountId, botId)
  await followAccount(app, accountId, botId)
  await acceptWaiting(app, accountId, botId)
}

async function notFound(app: App, accountId: Id, { attempt }: RunningJob): Promise<void> {
  if (attempt < maxAttempts('default')) throw new Error('The bridge to Bluesky does not answer')
  await saveBridge(app.db, accountId, { state: 'refused' })
}

/** The bot may have followed someone locked before they asked. */
async function acceptWaiting(app: App, accountId: Id, botId: Id): Promise<void> {
  const bot = await getAccount(app.db, botId)
  await app.db.transaction().execute(async (trx) => {
    const followBack = await findFollow(trx, botId, accountId)
    const account = await getAccount(trx, accountId)
    if (followBack) await welcomeBridge(app, trx, { bot, account, follow: followBack })
  })
}

type FollowBack = { bot: Account; account: Account; follow: Follow }

/**
 * Accepts at once that the bridge follows someone back who asked for it, locked or not: no note goes to Bluesky before.
 * False when it is not the bridge, or nobody asked.
 */
export async function welcomeBridge(
  app: App,
  trx: Transaction<Database>,
  { bot, account, follow }: FollowBack,
): Promise<boolean> {
  if (!(await isBridgeBot(trx, bot))) return false
  const bridge = await findBridge(trx, account.id)
  if (!bridge || bridge.state === 'ended') return false
  const accepted = follow.state === 'pending' && (await confirmFollow(trx, bot.id, account.id))
  if (accepted) await enqueueAnswer(trx, accepted, 'Accept')
  const handle = bridge.handle ?? blueskyHandleOf(account.username, app.handleHost)
  await saveBridge(trx, account.id, { state: 'active', handle })
  return true
}

/** Takes note of what the bridge writes to someone: that it refuses, and why, or which handle they have there. */
export async function hearBridge(app: App, accountId: Id, html: string): Promise<void> {
  const bridge = await findBridge(app.db, accountId)
  if (!bridge || bridge.state === 'ended') return
  const words = htmlToPlainText(html).trim()
  if (/isn.t eligible for bridging/i.test(words)) {
    await saveBridge(app.db, accountId, { state: 'refused', reason: words.slice(0, 1_000) })
    return
  }
  // Its other letters name other people's handles.
  if (!/^(welcome to bridgy fed|your username in )/i.test(words)) return
  const handle = /https:\/\/bsky\.app\/profile\/([a-z0-9.-]{3,253})["']/i.exec(html)?.[1]
  if (handle) await saveBridge(app.db, accountId, { state: bridge.state, handle: handle.toLowerCase() })
}

export async function isBridgeBot(
  db: Kysely<Database>,
  { kind, username, domain }: Account,
): Promise<boolean> {
  // Nearly everyone is a person: of them nothing need be asked.
  if (domain === null || kind === 'Person') return false
  return `${username}@${domain}`.toLowerCase() === (await bridgeHandle(db))
}

/** Leaves the bridge, which takes a Block for that and deletes what it put on Bluesky. */
export async function endBridge(app: App, accountId: Id): Promise<void> {
  const [username = '', domain = ''] = (await bridgeHandle(app.db)).split('@')
  const bot = await findAccountByHandle(app.db, username, domain)
  if (bot) await blockAccount(app, accountId, bot.id)
  await saveBridge(app.db, accountId, { state: 'ended' })
}

/** Whether answers to this account go to Bluesky: it came from there, or went there. */
export async function isSeenOnBluesky({ db }: Pick<App, 'db'>, account: Account): Promise<boolean> {
  return account.domain === null ? isOnBluesky(db, account.id) : bridgedHandleOf(account) !== undefined
}

/** A setting without a form: another bridge of the same kind, or a stand-in of it. */
async function bridgeHandle(db: Kysely<Database>): Promise<string> {
  const other = await findSetting(db, 'bluesky_bridge')
  return typeof other === 'string' ? other.toLowerCase() : usualBridge
}
