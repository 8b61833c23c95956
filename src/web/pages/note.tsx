import { htmlToPlainText } from '#src/base/html.ts'
import { newToken } from '#src/base/secrets.ts'
import type { CustomEmoji } from '#src/db/tables.ts'
import { listEmojis } from '#src/media/emojis.ts'
import { listVersions, type NoteVersion } from '#src/notes/versions.ts'
import { loadNoteView, type NoteView } from '#src/notes/view.ts'
import { wantReplies } from '#src/notes/want-replies.ts'
import { readThread, type Thread } from '#src/timelines/thread.ts'
import { displayName, handleOf, notePath } from '../components/Names.tsx'
import { NoteCard } from '../components/NoteCard.tsx'
import { NoteVersions } from '../components/NoteVersions.tsx'
import { urlOf } from '../components/Picture.tsx'
import { Reactions } from '../components/Reactions.tsx'
import { renderPage } from '../layout.tsx'
import { greetingOf, narrower } from '../replies.ts'
import { idParam, type PageContext, type Viewer, type Visit, viewerId } from '../session.ts'

/** A note in its conversation: what someone from another server sees first. */
export async function notePage(c: PageContext) {
  const { visit } = c.var
  const view = await loadNoteView(visit.app.db, idParam(c), viewerId(c))
  if (view.boostOf) return c.redirect(notePath(view.boostOf.account, view.boostOf.note.id), 302)
  const path = notePath(view.account, view.note.id)
  // One address per note: the name in it must be its author's.
  if (c.req.param('handle')?.toLowerCase() !== handleOf(view.account).toLowerCase())
    return c.redirect(path, 302)
  const [thread, emojis, versions] = await Promise.all([
    readThread(visit.app, viewerId(c), view.note.id),
    visit.viewer ? listEmojis(visit.app) : [],
    view.note.edited_at ? listVersions(visit.app.db, view) : [],
  ])
  await wantReplies(visit.app, viewerId(c), view.note)
  return renderPage(c, {
    title: titleOf(view, visit),
    head: <NoteHead view={view} visit={visit} />,
    isIndexable: view.note.is_local && view.account.is_indexable,
    children: <Conversation {...{ view, thread, visit, emojis, versions }} />,
  })
}

/** From an id alone, as links in a conversation have it, to the note's own address. */
export async function noteById(c: PageContext) {
  const view = await loadNoteView(c.var.visit.app.db, idParam(c), viewerId(c))
  return c.redirect(notePath(view.account, view.note.id), 302)
}

type ConversationProps = {
  view: NoteView
  thread: Thread
  visit: Visit
  emojis: CustomEmoji[]
  versions: NoteVersion[]
}

const Conversation = ({ view, thread, visit, emojis, versions }: ConversationProps) => {
  const { words, viewer } = visit
  const { note } = view
  return (
    <>
      <h1 class="sr-only">{titleOf(view, visit)}</h1>
      {thread.ancestors.length > 0 && (
        <section class="ancestors" aria-label={words.note.before}>
          {thread.ancestors.map((ancestor) => (
            <NoteCard view={ancestor} visit={visit} />
          ))}
        </section>
      )}
      <NoteCard view={view} visit={visit} isMain isFirst />
      <NoteVersions versions={versions} visit={visit} />
      <Reactions view={view} visit={visit} emojis={emojis} />
      {!note.is_local && (
        <p class="hint">
          <a href={note.url} rel="nofollow noopener noreferrer" target="_blank">
            {words.note.original}
          </a>
        </p>
      )}
      {viewer ? (
        <ReplyForm view={view} viewer={viewer} visit={visit} />
      ) : (
        <p class="hint">{words.note.fromElsewhere}</p>
      )}
      <section class="replies" aria-labelledby="replies-title">
        <h2 id="replies-title" class="section">
          {words.note.thread}
        </h2>
        {thread.descendants.length === 0 && <p class="hint">{words.note.noReplies}</p>}
        {thread.descendants.map((reply) => (
          <NoteCard view={reply} visit={visit} />
        ))}
      </section>
    </>
  )
}

const ReplyForm = ({ view, viewer, visit }: { view: NoteView; viewer: Viewer; visit: Visit }) => {
  const { words } = visit
  return (
    <form class="reply-form" method="post" action="/compose">
      <input type="hidden" name="csrf" value={visit.csrf} />
      <input type="hidden" name="draft" value={newToken(18)} />
      <input type="hidden" name="reply" value={view.note.id} />
      <input type="hidden" name="visibility" value={narrower('public', view.note.visibility)} />
      <label for="reply-text">{words.compose.replyTitle(displayName(view.account))}</label>
      <textarea id="reply-text" name="text" rows={2} dir="auto">
        {greetingOf(view, viewer)}
      </textarea>
      <div class="submit">
        <button type="submit" name="intent" value="keep" class="button quiet">
          {words.compose.paint}
        </button>
        <button type="submit" name="intent" value="post" class="button primary">
          {words.note.reply}
        </button>
      </div>
    </form>
  )
}

const titleOf = (view: NoteView, visit: Visit) => visit.words.note.title(displayName(view.account))

/** For those who paste the address elsewhere: what they see of the note, and where its document is. */
const NoteHead = ({ view, visit }: { view: NoteView; visit: Visit }) => {
  const { note, media, account } = view
  const words = note.summary || htmlToPlainText(note.content_html).slice(0, 300)
  const picture = note.is_sensitive ? undefined : media.find((one) => one.kind === 'image')
  const url = picture && urlOf(visit, picture)
  return (
    <>
      <link rel="canonical" href={note.url} />
      <link rel="alternate" type="application/activity+json" href={note.uri} />
      <meta name="description" content={words} />
      <meta property="og:type" content="article" />
      <meta property="og:site_name" content={`Pinxit · ${visit.app.handleHost}`} />
      <meta property="og:title" content={`${displayName(account)} (${handleOf(account)})`} />
      <meta property="og:description" content={words} />
      <meta property="og:url" content={note.url} />
      <meta property="article:published_time" content={note.published_at.toISOString()} />
      {url && <meta property="og:image" content={url} />}
      {picture?.width && <meta property="og:image:width" content={String(picture.width)} />}
      {picture?.height && <meta property="og:image:height" content={String(picture.height)} />}
      {picture?.description && <meta property="og:image:alt" content={picture.description} />}
      <meta name="twitter:card" content={url ? 'summary_large_image' : 'summary'} />
    </>
  )
}
