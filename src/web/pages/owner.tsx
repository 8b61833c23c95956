import { isOwnerLinkUsable, redeemOwnerLink } from '#src/auth/owner-links.ts'
import { type AppError, httpStatusOf, isAppError } from '#src/base/errors.ts'
import { NameField } from '../components/NameField.tsx'
import { NewPassword } from '../components/Password.tsx'
import { textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { registrationFault } from '../registration-fault.ts'
import { type PageContext, signInAs } from '../session.ts'

/** Where the link that the terminal prints leads: a name, a password, and the server has an owner. */
export async function ownerPage(c: PageContext) {
  const isUsable = await isOwnerLinkUsable(c.var.visit.app, c.req.param('token') ?? '')
  return isUsable ? showForm(c, {}) : showGone(c)
}

export async function becomeOwner(c: PageContext) {
  const { visit, form } = c.var
  const username = textOf(form, 'username').trim()
  try {
    const owner = { username, password: textOf(form, 'password') }
    const { user } = await redeemOwnerLink(visit.app, c.req.param('token') ?? '', owner)
    await signInAs(c, user.id)
  } catch (error) {
    if (!isAppError(error)) throw error
    if (error.kind === 'gone') return showGone(c)
    return showForm(c, { fault: registrationFault(visit.words, error), username, error })
  }
  return c.redirect('/compose?welcome', 303)
}

type Filled = { fault?: string; username?: string; error?: AppError }

function showForm(c: PageContext, { fault, username = '', error }: Filled) {
  const { words } = c.var.visit
  return renderPage(c, {
    title: words.owner.title,
    isBare: true,
    status: error ? httpStatusOf[error.kind] : 200,
    children: (
      <form class="sheet" method="post">
        <h1>{words.owner.title}</h1>
        <p class="lead">{words.owner.lead}</p>
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <NameField visit={c.var.visit} username={username} isFirst />
        <NewPassword words={words} />
        <button type="submit" class="button primary">
          {words.owner.submit}
        </button>
      </form>
    ),
  })
}

function showGone(c: PageContext) {
  const { owner } = c.var.visit.words
  return renderPage(c, {
    title: owner.goneTitle,
    isBare: true,
    status: 410,
    children: (
      <div class="sheet">
        <h1>{owner.goneTitle}</h1>
        <p class="lead">{owner.gone}</p>
        <p>
          <code>npm run -s cli -- owner-link</code>
        </p>
      </div>
    ),
  })
}
