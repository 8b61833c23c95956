import { search } from '#src/search/search.ts'
import { notePath, profilePath } from '../components/Names.tsx'
import { askedFor } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { type PageContext, requireViewer } from '../session.ts'

/**
 * Where other servers send people to answer or follow from here:
 * https://docs.joinmastodon.org/methods/statuses/ and FEP-3b86 know this path.
 */
export async function interactPage(c: PageContext) {
  const { words, app } = c.var.visit
  const viewer = requireViewer(c)
  const wanted = askedFor(c.req.query('uri'))
    .replace(/^acct:/i, '@')
    .replace(/^@@/, '@')
  const { accounts, notes } = await search(app, viewer.account.id, {
    text: wanted,
    kinds: ['accounts', 'notes'],
    resolve: true,
    limit: 1,
    offset: 0,
  })
  const [account] = accounts
  const [view] = notes
  if (view) return c.redirect(notePath(view.account, view.note.id), 302)
  if (account) return c.redirect(profilePath(account), 302)
  return renderPage(c, {
    title: words.interact.title,
    status: 404,
    children: (
      <div class="empty">
        <h1>{words.interact.title}</h1>
        <p>{words.interact.none}</p>
        <p class="choices">
          <a class="button" href="/search">
            {words.nav.search}
          </a>
        </p>
      </div>
    ),
  })
}
