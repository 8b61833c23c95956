import { confirmEmail, findEmailToConfirm } from '#src/auth/emails.ts'
import { isAppError } from '#src/base/errors.ts'
import { Hidden } from '../components/Hidden.tsx'
import { renderPage } from '../layout.tsx'
import { registrationFault } from '../registration-fault.ts'
import type { PageContext } from '../session.ts'
import { showLinkGone, showSheet, tokenOf } from '../sheet.tsx'

/** Where the link of a letter leads. It asks once more: mail programs open links before people do. */
export async function confirmPage(c: PageContext) {
  const { visit } = c.var
  const email = await findEmailToConfirm(visit.app, tokenOf(c))
  if (email === undefined) return showLinkGone(c)
  const { account } = visit.words
  return renderPage(c, {
    title: account.confirm,
    isBare: true,
    isForNow: true,
    children: (
      <form class="sheet" method="post">
        <h1>{account.confirm}</h1>
        <p class="lead">
          <bdi>{account.confirmLead(email)}</bdi>
        </p>
        <Hidden visit={visit} />
        <button type="submit" class="button primary">
          {account.confirmSubmit}
        </button>
      </form>
    ),
  })
}

export async function confirmAddress(c: PageContext) {
  const { app, words, viewer } = c.var.visit
  const { account, nav } = words
  try {
    const outcome = await confirmEmail(app, tokenOf(c))
    if (outcome === 'unapproved') return showSheet(c, { title: account.confirmed, lead: account.waiting })
  } catch (error) {
    if (!isAppError(error)) throw error
    if (error.kind === 'gone') return showLinkGone(c)
    return showSheet(c, { title: account.confirm, lead: registrationFault(words, error) })
  }
  return showSheet(c, {
    title: account.confirm,
    lead: account.confirmed,
    way: viewer ? ['/', nav.home] : ['/sign-in', nav.signIn],
  })
}
