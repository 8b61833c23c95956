import { countUsers } from '#src/db/users.ts'
import { renderPage } from '../layout.tsx'
import type { PageContext } from '../session.ts'

export async function aboutPage(c: PageContext) {
  const { words, app } = c.var.visit
  const { about } = words
  const people = await countUsers(app.db)
  return renderPage(c, {
    title: about.title,
    isIndexable: true,
    children: (
      <article class="prose">
        <h1>{about.title}</h1>
        <p class="lead">{about.lead(app.handleHost)}</p>
        <p>{about.pictures}</p>
        <p>{about.follow}</p>
        <p>{about.people(people)}</p>
        <p>{about.software}</p>
      </article>
    ),
  })
}
