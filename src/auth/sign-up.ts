import type { Transaction } from 'kysely'
import { makeKeyPairs } from '#src/accounts/keys.ts'
import { checkEmail, type Registered, registerAccount } from '#src/accounts/register.ts'
import { checkUsername } from '#src/accounts/usernames.ts'
import type { App } from '#src/app.ts'
import { AppError, type FieldFaults, isAppError, notAllowed } from '#src/base/errors.ts'
import { admitAccount, deleteAccountRow, findAccountByHandle } from '#src/db/accounts.ts'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import { type Invite, takeInvite } from '#src/db/invites.ts'
import type { Database, Id } from '#src/db/tables.ts'
import {
  findCorrespondent,
  findPendingUserForUpdate,
  isEmailTaken,
  type User,
  updateUser,
} from '#src/db/users.ts'
import { canWriteMail } from '#src/mail/post.ts'
import { countAgainst } from './attempts.ts'
import { askToConfirm } from './emails.ts'
import { findInvite } from './invites.ts'
import { noticeUser } from './notices.ts'
import { checkPassword, hashPassword } from './passwords.ts'

export type SignUp = {
  username: string
  email: string
  password: string
  /** Whether they agree to what is asked of people here. */
  agreement: boolean
  /** Of the letters, and of the pages once they are in. */
  language: string | null
  reason: string
  /** What an invitation's address ends with. */
  inviteToken?: string | undefined
  /** The app they sign up with; null for our own page. */
  applicationId: Id | null
  /** Where they come from, for the limit. */
  address: string
}

export type Admission = {
  /** Whether someone has to approve of them, and would like to know why they come. */
  needsApproval: boolean
  invite: Invite | undefined
}

/**
 * On what terms someone may sign up at present.
 * @throws AppError forbidden when they may not, gone for an invitation that is used up or too old
 */
export async function admissionFor(
  app: Pick<App, 'db' | 'clock' | 'config'>,
  inviteToken: string | undefined,
): Promise<Admission> {
  const { registrations } = app.config
  if (registrations === 'closed') throw notAllowed()
  const invite = await findInvite(app, inviteToken)
  if (inviteToken && !invite) throw inviteGone()
  if (registrations === 'invite' && !invite) throw notAllowed()
  return { needsApproval: registrations === 'approval' && !invite, invite }
}

const windowMs = 30 * 60_000
const perAddress = 5

/**
 * Makes an account of whoever asks, as far as this server lets them. They can come in once their address is confirmed,
 * where there is mail, and someone has approved, where that is wanted.
 * @throws AppError invalid with `details`, forbidden, gone (the invitation), tooMany
 */
export async function signUp(app: App, request: SignUp): Promise<Registered> {
  const admission = await admissionFor(app, request.inviteToken)
  await refuseFaults(app, request, admission)
  if (!app.config.allowPrivateAddresses)
    await countAgainst(app, [{ key: `sign-up:${request.address}`, most: perAddress }], windowMs)
  const passwordHash = await hashPassword(request.password)
  const keys = await makeKeyPairs()
  const isConfirmed = !canWriteMail(app)
  return app.db.transaction().execute(async (trx) => {
    if (admission.invite && !(await takeInvite(trx, admission.invite.id))) throw inviteGone()
    const registered = await registerAccount(trx, app, {
      username: request.username,
      email: request.email,
      passwordHash,
      role: 'user',
      confirmed: isConfirmed,
      approved: !admission.needsApproval,
      keys,
    }).catch((error: unknown) => {
      throw isAppError(error) ? withDetails(error) : error
    })
    await rememberSignUp(trx, registered.user, request, admission)
    if (!isConfirmed) await askToConfirm(trx, app, { user: registered.user, email: request.email })
    return registered
  })
}

async function rememberSignUp(
  trx: Transaction<Database>,
  user: User,
  request: SignUp,
  { needsApproval, invite }: Admission,
): Promise<void> {
  await updateUser(trx, user.id, {
    locale: request.language,
    sign_up_reason: needsApproval ? request.reason : null,
    sign_up_application_id: request.applicationId,
    invite_id: invite?.id ?? null,
  })
}

const longestReason = 1_000

async function refuseFaults(app: App, request: SignUp, { needsApproval }: Admission): Promise<void> {
  const faults = await Promise.all([
    faultOf(() => {
      if (request.username === '') throw blank('Username', 'username')
      checkUsername(app, request.username)
    }),
    faultOf(async () => {
      if (await findAccountByHandle(app.db, request.username, null)) throw taken('Username', 'username_taken')
    }),
    faultOf(() => {
      if (request.email === '') throw blank('Email', 'email')
      checkEmail(request.email)
    }),
    faultOf(async () => {
      if (await isEmailTaken(app.db, request.email)) throw taken('Email', 'email_taken')
    }),
    faultOf(() => {
      if (request.password === '') throw blank('Password', 'password')
      checkPassword(request.password)
    }),
    faultOf(() => {
      if (!request.agreement) throw fault('Agreement must be accepted', 'agreement')
    }),
    faultOf(() => {
      if (needsApproval && request.reason.trim() === '') throw blank('Reason', 'reason')
      if (request.reason.length > longestReason)
        throw fault(`Reason is too long (maximum is ${longestReason} characters)`, 'reason')
    }),
  ])
  const found = faults.filter((each) => each !== undefined)
  const [first] = found
  if (!first) return
  const words = found.map(wordsOf)
  throw new AppError('invalid', `${prefix}${words.join(', ')}`, {
    ...(first.code && { code: first.code }),
    details: Object.assign({}, ...[...found].reverse().map(detailsOf)),
  })
}

const prefix = 'Validation failed: '

const fault = (words: string, code: string) => new AppError('invalid', `${prefix}${words}`, { code })
const blank = (field: string, code: string) => fault(`${field} can't be blank`, code)
const taken = (field: string, code: string) => fault(`${field} has already been taken`, code)

/** What a check says; undefined when it says nothing. */
async function faultOf(check: () => void | Promise<void>): Promise<AppError | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    if (isAppError(error) && error.kind === 'invalid') return error
    throw error
  }
}

const wordsOf = ({ message }: AppError) => message.slice(prefix.length)

function withDetails(error: AppError): AppError {
  return new AppError(error.kind, error.message, {
    ...(error.code && { code: error.code }),
    details: detailsOf(error),
    cause: error,
  })
}

// Mastodon's names for what may be wrong, by the words that say it.
const errorNames: [RegExp, string][] = [
  [/can't be blank/, 'ERR_BLANK'],
  [/already been taken/, 'ERR_TAKEN'],
  [/is reserved/, 'ERR_RESERVED'],
  [/too long/, 'ERR_TOO_LONG'],
  [/too short/, 'ERR_TOO_SHORT'],
  [/must be accepted/, 'ERR_ACCEPTED'],
]

function detailsOf(error: AppError): FieldFaults {
  const [field = '', ...rest] = wordsOf(error).split(' ')
  const description = rest.join(' ')
  const name = errorNames.find(([pattern]) => pattern.test(description))?.[1] ?? 'ERR_INVALID'
  return { [field.toLowerCase()]: [{ error: name, description }] }
}

function inviteGone(): AppError {
  return new AppError('gone', 'This invitation was used up or is too old.')
}

/** Lets someone in who waits for it; nothing for who does not. */
export async function approveSignUp(
  app: Pick<App, 'db' | 'clock' | 'config'>,
  userId: Id,
  approvedBy: Id,
): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    const user = await findPendingUserForUpdate(trx, userId)
    if (!user) return
    await updateUser(trx, userId, { approved_at: app.clock.now() })
    await admitAccount(trx, user.account_id)
    await noticeUser(trx, app, { userId, letter: 'approved' })
    await audit(trx, 'account.approve', approvedBy, user)
  })
}

/** Takes away what someone left who waits: nobody ever saw it, so the name is free again. */
export async function rejectSignUp(app: Pick<App, 'db'>, userId: Id, rejectedBy: Id): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    const user = await findPendingUserForUpdate(trx, userId)
    if (!user) return
    await audit(trx, 'account.reject', rejectedBy, user)
    await deleteAccountRow(trx, user.account_id)
  })
}

async function audit(trx: Transaction<Database>, action: string, actorId: Id, user: User): Promise<void> {
  const subject = (await findCorrespondent(trx, user.id))?.username ?? user.id
  await insertAuditEntry(trx, { actorId, action, subject })
}
