import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { hashToken } from '#src/base/secrets.ts'
import { countAttempts, forgetAttempts, takeBackAttempt } from '#src/db/attempts.ts'

type Keeper = Pick<App, 'db' | 'clock'>
type Door = { login: string; address: string }

const usualWindowMs = 15 * 60_000
const perAccount = 10
const perAddress = 50

type Allowance = { key: string; most: number }

/**
 * Counts an attempt under each key, in a window that begins with the first.
 * @throws AppError tooMany with the seconds until the window ends
 */
export async function countAgainst(
  app: Keeper,
  allowances: Allowance[],
  windowMs = usualWindowMs,
): Promise<void> {
  const now = app.clock.now()
  const mostOf = new Map(allowances.map(({ key, most }) => [key, most]))
  const counted = await countAttempts(app.db, [...mostOf.keys()], {
    now,
    resetsAt: new Date(now.getTime() + windowMs),
  })
  const over = counted.find(({ key, count }) => count > (mostOf.get(key) ?? 0))
  if (!over) return
  throw new AppError('tooMany', 'Too many attempts. Try again later.', {
    retryAfterSeconds: Math.max(1, Math.ceil((over.resetsAt.getTime() - now.getTime()) / 1000)),
  })
}

/** Counts an attempt to sign in, for the account (an unknown one too) and for the address it comes from. */
export async function countSignInAttempt(app: Keeper, door: Door): Promise<void> {
  const [account = '', ...address] = keysOf(door)
  await countAgainst(app, [
    { key: account, most: perAccount },
    ...address.map((key) => ({ key, most: perAddress })),
  ])
}

/**
 * After a success the account's count begins anew. The address gets back this one attempt alone: it may be guessing
 * at others, but a whole office may sit behind it.
 */
export async function forgetSignInAttempts(app: Keeper, door: Door): Promise<void> {
  const [account = '', ...address] = keysOf(door)
  await forgetAttempts(app.db, [account])
  await takeBackAttempt(app.db, address)
}

// Hashed: what people type into a name field is sometimes their password.
function keysOf({ login, address }: Door): string[] {
  const account = `account:${hashToken(login.trim().toLowerCase())}`
  return address ? [account, `address:${address}`] : [account]
}
