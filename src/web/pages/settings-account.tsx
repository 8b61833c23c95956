import { changeOwnPassword } from '#src/auth/change-password.ts'
import { changeEmail } from '#src/auth/emails.ts'
import { type AppError, httpStatusOf, isAppError, notFound } from '#src/base/errors.ts'
import { findUser, type User } from '#src/db/users.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { EndsApps, NewPassword } from '../components/Password.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { registrationFault } from '../registration-fault.ts'
import { type PageContext, requireViewer, signInAs, type Visit } from '../session.ts'

const path = '/settings/account'

type Outcome = { error?: AppError; at?: 'password' | 'email'; done?: string; email?: string }

/** How someone comes in, and where letters go. */
export async function accountPage(c: PageContext) {
  const { account: words } = c.var.visit.words
  if (c.req.query('password') !== undefined) return showAccount(c, { done: words.changed })
  return showAccount(c, c.req.query('email') === undefined ? {} : { done: words.emailChanged })
}

export async function savePassword(c: PageContext) {
  const { visit, form } = c.var
  const user = await ownUser(c)
  try {
    await changeOwnPassword(visit.app, user, {
      current: textOf(form, 'current'),
      password: textOf(form, 'password'),
      endsApps: form.get('ends_apps') === 'on',
    })
  } catch (error) {
    return showRefusal(c, error, { at: 'password' })
  }
  // Their sessions ended with the old password, this one too.
  await signInAs(c, user.id)
  return c.redirect(`${path}?password`, 303)
}

export async function saveEmail(c: PageContext) {
  const { visit, form } = c.var
  const user = await ownUser(c)
  const email = textOf(form, 'email').trim()
  try {
    const outcome = await changeEmail(visit.app, user, { email, password: textOf(form, 'current') })
    if (outcome === 'changed') return c.redirect(`${path}?email`, 303)
  } catch (error) {
    return showRefusal(c, error, { at: 'email', email })
  }
  return showAccount(c, { done: visit.words.account.emailAsked(email) })
}

function showRefusal(c: PageContext, error: unknown, outcome: Outcome) {
  if (!isAppError(error) || (error.kind !== 'invalid' && error.kind !== 'tooMany')) throw error
  if (error.retryAfterSeconds) c.header('retry-after', String(error.retryAfterSeconds))
  return showAccount(c, { ...outcome, error })
}

async function ownUser(c: PageContext): Promise<User> {
  const user = await findUser(c.var.visit.app.db, requireViewer(c).userId)
  if (!user) throw notFound()
  return user
}

async function showAccount(c: PageContext, { error, at, done, email }: Outcome) {
  const user = await ownUser(c)
  const { visit } = c.var
  const { account: words } = visit.words
  const fault = error && faultOf(visit, error)
  return renderPage(c, {
    title: words.title,
    status: error ? httpStatusOf[error.kind] : 200,
    children: (
      <>
        <SettingHead title={words.title} visit={visit} />
        {done && (
          <p class="notice" role="status">
            {done}
          </p>
        )}
        <PasswordForm visit={visit} fault={at === 'password' ? fault : undefined} />
        <EmailForm visit={visit} fault={at === 'email' ? fault : undefined} email={email ?? user.email} />
      </>
    ),
  })
}

function faultOf({ words }: Visit, error: AppError): string {
  return error.kind === 'tooMany' ? words.signIn.tooMany : registrationFault(words, error)
}

type FormProps = { visit: Visit; fault: string | undefined }

const PasswordForm = ({ visit, fault }: FormProps) => {
  const { words } = visit
  return (
    <form class="setting-form" method="post" action={`${path}/password`}>
      <h2 class="section">{words.account.password}</h2>
      <Fault text={fault} />
      <Hidden visit={visit} back={path} />
      <div class="field">
        <label for="current">{words.account.current}</label>
        <input id="current" name="current" type="password" required autocomplete="current-password" />
      </div>
      <NewPassword words={words} label={words.account.newPassword} />
      <EndsApps words={words} />
      <button type="submit" class="button primary">
        {words.account.change}
      </button>
    </form>
  )
}

const EmailForm = ({ visit, fault, email }: FormProps & { email: string }) => {
  const { words } = visit
  return (
    <form class="setting-form" method="post" action={`${path}/email`}>
      <h2 class="section">{words.account.email}</h2>
      <Fault text={fault} />
      <Hidden visit={visit} back={path} />
      <div class="field">
        <label for="email">{words.account.email}</label>
        <input
          id="email"
          name="email"
          type="email"
          value={email}
          maxlength={254}
          required
          autocomplete="email"
        />
      </div>
      <div class="field">
        <label for="current-for-email">{words.account.current}</label>
        <input
          id="current-for-email"
          name="current"
          type="password"
          required
          autocomplete="current-password"
        />
      </div>
      <button type="submit" class="button primary">
        {words.account.changeEmail}
      </button>
    </form>
  )
}
