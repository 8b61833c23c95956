import type { Parent } from '#src/notes/view.ts'
import { loadNoteView, type NoteView } from '#src/notes/view.ts'
import { type Lineage, readLineage } from '#src/timelines/lineage.ts'
import { Paging, pageLength } from '../components/Feed.tsx'
import { Icon } from '../components/Icon.tsx'
import { displayName, handleOf } from '../components/Names.tsx'
import { NoteCard } from '../components/NoteCard.tsx'
import { lineagePath } from '../components/Remix.tsx'
import { renderPage } from '../layout.tsx'
import { idParam, olderThan, type PageContext, type Visit, viewerId } from '../session.ts'

/** What a picture was made from, back to the first, and what was made from it. */
export async function lineagePage(c: PageContext) {
  const { visit } = c.var
  const page = { limit: pageLength, maxId: olderThan(c) }
  const lineage = await readLineage(visit.app, viewerId(c), idParam(c), page)
  const view = await loadNoteView(visit.app.db, lineage.note.id, viewerId(c))
  if (c.req.param('handle')?.toLowerCase() !== handleOf(view.account).toLowerCase())
    return c.redirect(lineagePath(view), 302)
  return renderPage(c, {
    title: visit.words.remixes.lineageTitle(displayName(view.account)),
    children: <LineageOf view={view} lineage={lineage} visit={visit} />,
  })
}

const LineageOf = ({ view, lineage, visit }: { view: NoteView; lineage: Lineage; visit: Visit }) => {
  const { remixes: words } = visit.words
  const { ancestors, remixes } = lineage
  return (
    <>
      <header class="page-head">
        <h1>{words.lineageTitle(displayName(view.account))}</h1>
      </header>
      <section class="lineage" aria-labelledby="ancestors-title">
        <h2 id="ancestors-title" class="section">
          {words.ancestors}
        </h2>
        {ancestors.length === 0 && <p class="hint">{words.first}</p>}
        {ancestors.map((ancestor) => (
          <Ancestor ancestor={ancestor} visit={visit} />
        ))}
      </section>
      <section aria-labelledby="itself-title">
        <h2 id="itself-title" class="section">
          {words.itself}
        </h2>
        <NoteCard view={view} visit={visit} isFirst />
      </section>
      <section aria-labelledby="remixes-title">
        <h2 id="remixes-title" class="section">
          {words.madeFromIt}
        </h2>
        {remixes.items.length === 0 && <p class="hint">{words.none}</p>}
        {remixes.items.map((remix) => (
          <NoteCard view={remix} visit={visit} />
        ))}
        <Paging visit={visit} cursors={remixes.cursors} />
      </section>
    </>
  )
}

const Ancestor = ({ ancestor, visit }: { ancestor: Parent; visit: Visit }) =>
  ancestor.state === 'available' ? (
    <NoteCard view={ancestor.view} visit={visit} />
  ) : (
    <p class="quote-box absent">
      <Icon name="brush" />
      <span>{visit.words.remixes[ancestor.state]}</span>
    </p>
  )
