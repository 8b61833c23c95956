import { normalizeTag } from '#src/base/text.ts'
import type { NoteView } from '#src/notes/view.ts'
import { readPublic, readTag } from '#src/timelines/read.ts'
import type { Slice } from '#src/timelines/slice.ts'
import { Feed, pageLength } from '../components/Feed.tsx'
import { askedFor } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { olderThan, type PageContext, viewerId } from '../session.ts'

/** What people of this server post for everyone. */
export async function localPage(c: PageContext) {
  const { words, app } = c.var.visit
  const slice = await readPublic(app, viewerId(c), pageOf(c), { origin: 'local', onlyMedia: false })
  return showFeed(c, { slice, title: words.feed.local, lead: words.feed.localLead(app.handleHost) })
}

/** What this server hears from all others. */
export async function federatedPage(c: PageContext) {
  const { words, app } = c.var.visit
  const slice = await readPublic(app, viewerId(c), pageOf(c), { origin: 'all', onlyMedia: false })
  return showFeed(c, { slice, title: words.feed.federated, lead: words.feed.federatedLead })
}

/** Everything public that carries a hashtag. */
export async function tagPage(c: PageContext) {
  const { words, app } = c.var.visit
  const name = normalizeTag(askedFor(c.req.param('name')).slice(0, 200))
  const feed = { origin: 'all', onlyMedia: false, tag: name } as const
  const slice = await readTag(app, viewerId(c), pageOf(c), feed)
  return showFeed(c, { slice, title: words.feed.tag(name) })
}

const pageOf = (c: PageContext) => ({ limit: pageLength, maxId: olderThan(c) })

function showFeed(c: PageContext, feed: { slice: Slice<NoteView>; title: string; lead?: string }) {
  return renderPage(c, {
    title: feed.title,
    children: (
      <>
        <header class="page-head">
          <h1>
            <bdi>{feed.title}</bdi>
          </h1>
          {feed.lead && <p class="lead">{feed.lead}</p>}
        </header>
        <Feed slice={feed.slice} visit={c.var.visit} />
      </>
    ),
  })
}
