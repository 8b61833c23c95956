import { askForReset, isResetUsable, resetPassword } from '#src/auth/change-password.ts'
import { type AppError, httpStatusOf, isAppError } from '#src/base/errors.ts'
import { canWriteMail } from '#src/mail/post.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { EndsApps, NewPassword } from '../components/Password.tsx'
import { textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { registrationFault } from '../registration-fault.ts'
import { addressOf, type PageContext } from '../session.ts'
import { showLinkGone, showSheet, tokenOf } from '../sheet.tsx'

/** Where who forgot a password says who they are. */
export function forgottenPage(c: PageContext) {
  const { app, words } = c.var.visit
  if (canWriteMail(app)) return showForgotten(c, {})
  return showSheet(c, { title: words.account.forgotten, lead: words.account.noMail })
}

/** The answer says nothing of whether anybody here is called so. */
export async function sendResetLink(c: PageContext) {
  const { form, visit } = c.var
  const { app, words, language } = visit
  if (!canWriteMail(app)) return forgottenPage(c)
  const login = textOf(form, 'login').trim()
  try {
    await askForReset(app, { login, language, address: addressOf(c) })
  } catch (error) {
    if (!isAppError(error)) throw error
    if (error.retryAfterSeconds) c.header('retry-after', String(error.retryAfterSeconds))
    return showForgotten(c, { login, error })
  }
  return showSheet(c, { title: words.account.forgotten, lead: words.account.sent })
}

function showForgotten(c: PageContext, { login = '', error }: { login?: string; error?: AppError }) {
  const { visit } = c.var
  const { words } = visit
  return renderPage(c, {
    title: words.account.forgotten,
    isBare: true,
    status: error ? httpStatusOf[error.kind] : 200,
    children: (
      <form class="sheet" method="post" action="/forgotten">
        <h1>{words.account.forgotten}</h1>
        <p class="lead">{words.account.forgottenLead}</p>
        <Fault text={error && words.signIn.tooMany} />
        <Hidden visit={visit} />
        <div class="field">
          <label for="login">{words.fields.login}</label>
          <input
            id="login"
            name="login"
            value={login}
            required
            maxlength={320}
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
          />
        </div>
        <button type="submit" class="button primary">
          {words.account.send}
        </button>
      </form>
    ),
  })
}

/** Where the link of a letter leads: a new password. */
export async function resetPage(c: PageContext) {
  const isUsable = await isResetUsable(c.var.visit.app, tokenOf(c))
  return isUsable ? showReset(c) : showLinkGone(c)
}

export async function saveNewPassword(c: PageContext) {
  const { form, visit } = c.var
  try {
    await resetPassword(visit.app, tokenOf(c), {
      password: textOf(form, 'password'),
      endsApps: form.get('ends_apps') === 'on',
    })
  } catch (error) {
    if (!isAppError(error)) throw error
    return error.kind === 'gone' ? showLinkGone(c) : showReset(c, error)
  }
  const { account, nav } = visit.words
  return showSheet(c, { title: account.reset, lead: account.resetDone, way: ['/sign-in', nav.signIn] })
}

function showReset(c: PageContext, error?: AppError) {
  const { visit } = c.var
  const { words } = visit
  return renderPage(c, {
    title: words.account.reset,
    isBare: true,
    isForNow: true,
    status: error ? httpStatusOf[error.kind] : 200,
    children: (
      <form class="sheet" method="post">
        <h1>{words.account.reset}</h1>
        <Fault text={error && registrationFault(words, error)} />
        <Hidden visit={visit} />
        <NewPassword words={words} label={words.account.newPassword} />
        <EndsApps words={words} />
        <button type="submit" class="button primary">
          {words.account.change}
        </button>
      </form>
    ),
  })
}
