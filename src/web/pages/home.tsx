import { readHome, readPublic } from '#src/timelines/read.ts'
import { Feed, pageLength } from '../components/Feed.tsx'
import { Icon } from '../components/Icon.tsx'
import { renderPage } from '../layout.tsx'
import { olderThan, type PageContext, type Viewer, type Visit } from '../session.ts'

/** The reader's home, or for strangers what people here post for everyone. */
export async function homePage(c: PageContext) {
  const { viewer } = c.var.visit
  return viewer ? ownHome(c, viewer) : publicFront(c)
}

async function ownHome(c: PageContext, viewer: Viewer) {
  const { visit } = c.var
  const slice = await readHome(visit.app, viewer.account.id, { limit: pageLength, maxId: olderThan(c) })
  return renderPage(c, {
    title: visit.words.home.title,
    children: (
      <>
        <h1 class="sr-only">{visit.words.home.title}</h1>
        <a class="teaser" href="/compose">
          <Icon name="brush" />
          <span>{visit.words.home.prompt}</span>
        </a>
        <Feed slice={slice} visit={visit} empty={<Empty visit={visit} />} />
      </>
    ),
  })
}

const Empty = ({ visit }: { visit: Visit }) => {
  const { home } = visit.words
  return (
    <>
      <h2>{home.empty}</h2>
      <p>{home.emptyLead}</p>
      <p class="choices">
        <a class="button primary" href="/compose?welcome">
          {home.paintFirst}
        </a>
        <a class="button" href="/search">
          {home.findPeople}
        </a>
      </p>
    </>
  )
}

async function publicFront(c: PageContext) {
  const { visit } = c.var
  const { words, app } = visit
  const page = { limit: pageLength, maxId: olderThan(c) }
  const slice = await readPublic(app, null, page, { origin: 'local', onlyMedia: false })
  return renderPage(c, {
    title: app.handleHost,
    isIndexable: true,
    head: <meta name="description" content={words.welcome.lead} />,
    children: (
      <>
        <section class="hero">
          <h1>{words.slogan}</h1>
          <p class="lead">{words.welcome.lead}</p>
          <p class="choices">
            <a class="button primary" href="/sign-in">
              {words.nav.signIn}
            </a>
            <a class="button" href="/about">
              {words.nav.about}
            </a>
          </p>
        </section>
        <h2 class="section">{words.welcome.newest}</h2>
        <Feed slice={slice} visit={visit} empty={<p>{words.welcome.nothing}</p>} />
      </>
    ),
  })
}
