import { raw } from 'hono/html'
import { notFound } from '#src/base/errors.ts'
import { findTermsAfter, findTermsAt, listRules, type Rule } from '#src/db/server-words.ts'
import { countUsers } from '#src/db/users.ts'
import { dayOf, longTextHtml, readServerWords } from '#src/policies/server-words.ts'
import { renderPage } from '../layout.tsx'
import type { PageContext, Visit } from '../session.ts'

/** What this server is: in the words of those who run it, where they wrote some. */
export async function aboutPage(c: PageContext) {
  const { words, app } = c.var.visit
  const { about } = words
  const [said, rules, terms, people] = await Promise.all([
    readServerWords(app.db),
    listRules(app.db),
    findTermsAt(app.db, app.clock.now()),
    countUsers(app.db),
  ])
  return renderPage(c, {
    title: about.title,
    isIndexable: true,
    children: (
      <article class="prose">
        <h1>{about.title}</h1>
        {said.about ? (
          raw(longTextHtml(app, said.about.text))
        ) : (
          <>
            <p class="lead">{about.lead(app.handleHost)}</p>
            <p>{about.pictures}</p>
            <p>{about.follow}</p>
          </>
        )}
        <p>{about.people(people)}</p>
        <Rules rules={rules} visit={c.var.visit} />
        {said.privacy && (
          <p>
            <a href="/privacy">{about.privacy}</a>
          </p>
        )}
        {terms && (
          <p>
            <a href="/terms">{about.terms}</a>
          </p>
        )}
        <p>{about.software}</p>
      </article>
    ),
  })
}

const Rules = ({ rules, visit }: { rules: readonly Rule[]; visit: Visit }) => {
  if (rules.length === 0) return null
  return (
    <>
      <h2>{visit.words.about.rules}</h2>
      <ol>
        {rules.map(({ text, hint }) => (
          <li dir="auto">
            {text}
            {hint && <p class="hint">{hint}</p>}
          </li>
        ))}
      </ol>
    </>
  )
}

export async function privacyPage(c: PageContext) {
  const { app, words } = c.var.visit
  const { privacy } = await readServerWords(app.db)
  if (!privacy) throw notFound()
  return longTextPage(c, words.about.privacy, longTextHtml(app, privacy.text))
}

export async function termsPage(c: PageContext) {
  const { app, words } = c.var.visit
  const terms = await findTermsAt(app.db, app.clock.now())
  if (!terms) throw notFound()
  const later = await findTermsAfter(app.db, terms.effective_at)
  return longTextPage(c, words.about.terms, longTextHtml(app, terms.text), {
    note: words.about.since(dayOf(terms.effective_at), later && dayOf(later.effective_at)),
  })
}

function longTextPage(c: PageContext, title: string, html: string, { note }: { note?: string } = {}) {
  return renderPage(c, {
    title,
    isIndexable: true,
    children: (
      <article class="prose" dir="auto">
        <h1>{title}</h1>
        {note && <p class="hint">{note}</p>}
        {raw(html)}
      </article>
    ),
  })
}
