import { renderPage } from './layout.tsx'
import type { PageContext } from './session.ts'

type Sheet = { title: string; lead: string; status?: 200 | 410; way?: [href: string, label: string] }

/** A page that says one thing, and where one goes from there. */
export function showSheet(c: PageContext, { title, lead, status = 200, way }: Sheet) {
  return renderPage(c, {
    title,
    isBare: true,
    isForNow: true,
    status,
    children: (
      <div class="sheet">
        <h1>{title}</h1>
        <p class="lead" role="status">
          {lead}
        </p>
        {way && (
          <p class="choices">
            <a class="button primary" href={way[0]}>
              {way[1]}
            </a>
          </p>
        )}
      </div>
    ),
  })
}

/** For the link of a letter. */
export function showLinkGone(c: PageContext) {
  const { account } = c.var.visit.words
  return showSheet(c, { title: account.goneTitle, lead: account.gone, status: 410 })
}

/** What a link ends with. */
export function tokenOf(c: PageContext): string {
  return c.req.param('token') ?? ''
}
