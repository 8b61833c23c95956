import { type Admission, admissionFor, signUp } from '#src/auth/sign-up.ts'
import { type AppError, httpStatusOf, isAppError } from '#src/base/errors.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { NameField } from '../components/NameField.tsx'
import { NewPassword } from '../components/Password.tsx'
import { textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { registrationFault } from '../registration-fault.ts'
import { addressOf, type PageContext, signInAs, type Visit } from '../session.ts'
import { showSheet, tokenOf } from '../sheet.tsx'

/** How one may join at present: not at all, by invitation, or with this form. */
export async function signUpPage(c: PageContext) {
  try {
    return showForm(c, { admission: await admissionFor(c.var.visit.app, inviteOf(c)) })
  } catch (error) {
    return showRefusal(c, error)
  }
}

export async function join(c: PageContext) {
  const { visit, form } = c.var
  const { app, language, words } = visit
  const filled = {
    username: textOf(form, 'username').trim(),
    email: textOf(form, 'email').trim(),
    reason: textOf(form, 'reason').trim(),
  }
  try {
    const { user } = await signUp(app, {
      ...filled,
      password: textOf(form, 'password'),
      agreement: form.get('agreement') === 'on',
      language,
      inviteToken: inviteOf(c),
      applicationId: null,
      address: addressOf(c),
    })
    if (!user.confirmed_at) {
      return showSheet(c, { title: words.signUp.done, lead: words.signUp.letter(filled.email) })
    }
    if (!user.approved_at) return showSheet(c, { title: words.signUp.done, lead: words.account.waiting })
    await signInAs(c, user.id)
    return c.redirect('/compose?welcome', 303)
  } catch (error) {
    if (!isAppError(error) || (error.kind !== 'invalid' && error.kind !== 'tooMany')) {
      return showRefusal(c, error)
    }
    if (error.retryAfterSeconds) c.header('retry-after', String(error.retryAfterSeconds))
    return showForm(c, { ...filled, error, admission: await admissionFor(app, inviteOf(c)) })
  }
}

function inviteOf(c: PageContext): string | undefined {
  return tokenOf(c) || undefined
}

function showRefusal(c: PageContext, error: unknown) {
  if (!isAppError(error)) throw error
  const { words } = c.var.visit
  if (error.kind === 'gone') {
    const { inviteGoneTitle: title, inviteGone: lead } = words.signUp
    return showSheet(c, { title, lead, status: 410 })
  }
  if (error.kind !== 'forbidden') throw error
  return showClosed(c)
}

function showClosed(c: PageContext) {
  const { app, words } = c.var.visit
  const { signUp: signUpWords, nav } = words
  return renderPage(c, {
    title: signUpWords.closedTitle,
    isBare: true,
    status: c.req.method === 'POST' ? 403 : 200,
    children: (
      <div class="sheet">
        <h1>{signUpWords.closedTitle}</h1>
        <p class="lead">
          {app.config.registrations === 'invite' ? signUpWords.inviteOnly : signUpWords.closed}
        </p>
        <p>{signUpWords.elsewhere}</p>
        <p class="choices">
          <a class="button" href="/sign-in">
            {nav.signIn}
          </a>
          <a class="button quiet" href="/about">
            {nav.about}
          </a>
        </p>
      </div>
    ),
  })
}

type Filled = { admission: Admission; username?: string; email?: string; reason?: string; error?: AppError }

function showForm(c: PageContext, { admission, username = '', email = '', reason = '', error }: Filled) {
  const { visit } = c.var
  const { words, app } = visit
  return renderPage(c, {
    title: words.signUp.title,
    isBare: true,
    isForNow: true,
    status: error ? httpStatusOf[error.kind] : 200,
    children: (
      <form class="sheet" method="post">
        <h1>{words.signUp.title}</h1>
        <p class="lead">
          {admission.invite && `${words.signUp.invited} `}
          {words.signUp.lead(app.handleHost)}
        </p>
        <Fault text={error && faultOf(visit, error)} />
        <Hidden visit={visit} />
        <NameField visit={visit} username={username} />
        <div class="field">
          <label for="email">{words.account.email}</label>
          <input
            id="email"
            name="email"
            type="email"
            value={email}
            required
            maxlength={254}
            autocomplete="email"
          />
        </div>
        <NewPassword words={words} />
        {admission.needsApproval && <ReasonField visit={visit} reason={reason} />}
        <div class="field">
          <label class="check">
            <input type="checkbox" name="agreement" value="on" required />
            <span>{words.signUp.agreement}</span>
          </label>
          <p class="hint">
            <a href="/about">{words.about.title}</a>
          </p>
        </div>
        <button type="submit" class="button primary">
          {words.signUp.submit}
        </button>
      </form>
    ),
  })
}

function faultOf({ words }: Visit, error: AppError): string {
  if (error.kind === 'tooMany') return words.signIn.tooMany
  if (error.code === 'agreement' || error.code === 'reason') return words.signUp.refused[error.code]
  return registrationFault(words, error)
}

const ReasonField = ({ visit, reason }: { visit: Visit; reason: string }) => (
  <div class="field">
    <label for="reason">{visit.words.signUp.reason}</label>
    <textarea
      id="reason"
      name="reason"
      rows={3}
      required
      maxlength={1000}
      dir="auto"
      aria-describedby="reason-hint"
    >
      {reason}
    </textarea>
    <p class="hint" id="reason-hint">
      {visit.words.signUp.reasonHint}
    </p>
  </div>
)
