import { remindToConfirm } from '#src/auth/emails.ts'
import { checkCredentials } from '#src/auth/sign-in.ts'
import { type AppError, httpStatusOf, isAppError } from '#src/base/errors.ts'
import { Hidden } from '../components/Hidden.tsx'
import { localPath, textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { addressOf, type PageContext, signInAs, signOutOf } from '../session.ts'

export function signInPage(c: PageContext) {
  const next = localPath(c.req.query('next'), '/')
  if (c.var.visit.viewer) return c.redirect(next, 302)
  return showForm(c, { next })
}

export async function signIn(c: PageContext) {
  const { form, visit } = c.var
  const next = localPath(form.get('next'), '/')
  const login = textOf(form, 'login')
  try {
    const password = textOf(form, 'password')
    const user = await checkCredentials(visit.app, { login, password, address: addressOf(c) })
    await signInAs(c, user.id)
  } catch (caught) {
    const error = await remindOf(c, login, caught)
    if (error.retryAfterSeconds) c.header('retry-after', String(error.retryAfterSeconds))
    return showForm(c, { next, login, error })
  }
  return c.redirect(next, 303)
}

/** Who would only have to confirm their address gets another letter. */
async function remindOf(c: PageContext, login: string, error: unknown): Promise<AppError> {
  if (!isAppError(error)) throw error
  if (error.code !== 'unconfirmed') return error
  try {
    await remindToConfirm(c.var.visit.app, login)
    return error
  } catch (refusal) {
    if (isAppError(refusal)) return refusal
    throw refusal
  }
}

type Filled = { next: string; login?: string; error?: AppError }

function showForm(c: PageContext, { next, login = '', error }: Filled) {
  const { words } = c.var.visit
  const fault = error && faultOf(c, error)
  return renderPage(c, {
    title: words.signIn.title,
    isBare: true,
    status: error ? httpStatusOf[error.kind] : 200,
    children: (
      <form class="sheet" method="post" action="/sign-in">
        <h1>{words.signIn.title}</h1>
        {next !== '/' && !fault && <p class="lead">{words.signIn.needed}</p>}
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <input type="hidden" name="next" value={next} />
        <div class="field">
          <label for="login">{words.fields.login}</label>
          <input
            id="login"
            name="login"
            value={login}
            required
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            autofocus
          />
        </div>
        <div class="field">
          <label for="password">{words.fields.password}</label>
          <input id="password" name="password" type="password" required autocomplete="current-password" />
        </div>
        <button type="submit" class="button primary">
          {words.signIn.submit}
        </button>
        <p class="hint">
          <a href="/forgotten">{words.account.forgotten}</a> · <a href="/sign-up">{words.signIn.signUp}</a>
        </p>
      </form>
    ),
  })
}

function faultOf(c: PageContext, error: AppError): string {
  const { signIn: words, account } = c.var.visit.words
  if (error.kind === 'tooMany') return words.tooMany
  if (error.code === 'unconfirmed') return account.unconfirmed
  if (error.code === 'unapproved') return account.waiting
  return error.kind === 'unauthenticated' ? words.wrong : words.refused
}

export function signOutPage(c: PageContext) {
  const { visit } = c.var
  if (!visit.viewer) return c.redirect('/', 302)
  return renderPage(c, {
    title: visit.words.nav.signOut,
    isBare: true,
    children: (
      <form class="sheet" method="post" action="/sign-out">
        <h1>{visit.words.signIn.signOutQuestion}</h1>
        <Hidden visit={visit} back="/" />
        <button type="submit" class="button primary">
          {visit.words.nav.signOut}
        </button>
      </form>
    ),
  })
}

export async function signOut(c: PageContext) {
  await signOutOf(c)
  return c.redirect('/', 303)
}
