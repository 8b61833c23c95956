import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { type Account, findAccountByHandle, insertAccount } from '#src/db/accounts.ts'
import { findInstanceActor, insertInstanceActor } from '#src/db/instance-actor.ts'
import type { Database, Id, Role } from '#src/db/tables.ts'
import { insertUser, isEmailTaken, newAccountId, type User } from '#src/db/users.ts'
import { makeKeyPairs, type NewKeyPair, storeKeyPairs } from './keys.ts'
import { checkUsername, instanceActorUsername } from './usernames.ts'

type Registrar = Pick<App, 'uris' | 'secretKey' | 'handleHost' | 'config' | 'clock'>

export type Registration = {
  username: string
  email: string
  passwordHash: string
  role: Role
  confirmed: boolean
  approved: boolean
}

export type Registered = { account: Account; user: User }

/** Makes the keys, then account and user in one transaction. Throws AppError invalid for a bad or taken name or e-mail. */
export async function register(
  app: Registrar & Pick<App, 'db'>,
  registration: Registration,
): Promise<Registered> {
  checkUsername(app, registration.username)
  const keys = await makeKeyPairs()
  return app.db.transaction().execute((trx) => registerAccount(trx, app, { ...registration, keys }))
}

/**
 * For operations that do more in the same transaction; `keys` come from makeKeyPairs, called before it.
 * @throws AppError invalid for a bad or taken name or e-mail
 */
export async function registerAccount(
  trx: Transaction<Database>,
  app: Registrar,
  registration: Registration & { keys: NewKeyPair[] },
): Promise<Registered> {
  const { username, email, keys } = registration
  checkUsername(app, username)
  checkEmail(email)
  if (await findAccountByHandle(trx, username, null)) throw taken('username_taken', 'Username')
  if (await isEmailTaken(trx, email)) throw emailTaken()
  const id = await newAccountId(trx)
  try {
    const now = app.clock.now()
    const account = await insertAccount(trx, {
      ...localAddresses(app, id),
      username,
      name: '',
      bio_text: '',
      url: app.uris.profilePage(username),
      // Until then nobody sees it: admitAccount ends that.
      suspended_at: registration.confirmed && registration.approved ? null : now,
    })
    await storeKeyPairs(trx, app, { accountId: id, keys })
    const user = await insertUser(trx, {
      account_id: id,
      email,
      password_hash: registration.passwordHash,
      role: registration.role,
      confirmed_at: registration.confirmed ? now : null,
      approved_at: registration.approved ? now : null,
    })
    return { account, user }
  } catch (error) {
    throw translateConflict(error)
  }
}

/**
 * The account that signs what the server itself fetches. Made with its keys at the first start; it has no
 * user, so nobody can sign in as it.
 */
export async function ensureInstanceActor(app: App): Promise<Account> {
  const known = await findInstanceActor(app.db)
  if (known) return known
  const keys = await makeKeyPairs()
  const made = await app.db.transaction().execute(async (trx) => {
    const id = await newAccountId(trx)
    const username = instanceActorUsername(app.handleHost)
    const account = await insertInstanceActor(trx, {
      ...localAddresses(app, id),
      username,
      kind: 'Application',
      name: username,
      bio_text: '',
      is_locked: true,
      is_discoverable: false,
      url: `${app.publicUrl}/about`,
    })
    if (account) await storeKeyPairs(trx, app, { accountId: id, keys })
    return account
  })
  const actor = made ?? (await findInstanceActor(app.db))
  if (!actor) throw new Error(`An account called ${instanceActorUsername(app.handleHost)} stands in the way`)
  return actor
}

function localAddresses(app: Pick<App, 'uris'>, id: Id) {
  const { uris } = app
  return {
    id,
    domain: null,
    uri: uris.actor(id),
    inbox_uri: uris.inbox(id),
    shared_inbox_uri: uris.sharedInbox,
    outbox_uri: uris.outbox(id),
    followers_uri: uris.followers(id),
    following_uri: uris.following(id),
    featured_uri: uris.featured(id),
  }
}

/** What an address really looks like only its mail server knows. Throws AppError invalid `email`. */
export function checkEmail(email: string): void {
  if (email.length > 254 || !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw new AppError('invalid', 'Validation failed: Email is invalid', { code: 'email' })
  }
}

export const emailTaken = (cause?: unknown): AppError => taken('email_taken', 'Email', cause)

function taken(code: string, field: string, cause?: unknown): AppError {
  return new AppError('invalid', `Validation failed: ${field} has already been taken`, { code, cause })
}

// The look-up before is for the good message; two at once are told apart here.
function translateConflict(error: unknown): unknown {
  if (!(error instanceof Error) || !('constraint' in error)) return error
  if (error.constraint === 'accounts_handle') return taken('username_taken', 'Username', error)
  if (error.constraint === 'users_email') return emailTaken(error)
  return error
}
