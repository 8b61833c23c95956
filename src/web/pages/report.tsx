import { isAppError, notFound } from '#src/base/errors.ts'
import { type Account, getAccount } from '#src/db/accounts.ts'
import { fileReport, longestComment, reportCategories } from '#src/moderation/report.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { displayName, profilePath } from '../components/Names.tsx'
import { NoteCard } from '../components/NoteCard.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { choiceOf, textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { isId, type PageContext, requireViewer, type Visit } from '../session.ts'

type Asked = { account: Account; note: NoteView | undefined }
type Typed = { comment: string; isTooLong: boolean }

/** Where someone says what is wrong with somebody, or with a note of theirs. */
export async function reportPage(c: PageContext) {
  requireViewer(c)
  const asked = await loadAsked(c, c.req.query('account'), c.req.query('note'))
  return showForm(c, asked, { comment: '', isTooLong: false })
}

export async function sendReport(c: PageContext) {
  const viewer = requireViewer(c)
  const { visit, form } = c.var
  const asked = await loadAsked(c, textOf(form, 'account'), textOf(form, 'note'))
  const comment = textOf(form, 'comment')
  try {
    await fileReport(visit.app, viewer.account.id, {
      targetId: asked.account.id,
      noteIds: asked.note ? [asked.note.note.id] : [],
      comment,
      category: choiceOf(form, 'category', reportCategories),
      isForwarded: form.has('forward'),
    })
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    return showForm(c, asked, { comment, isTooLong: true })
  }
  return c.redirect('/report/sent', 303)
}

export function reportSentPage(c: PageContext) {
  requireViewer(c)
  const { reports, errors } = c.var.visit.words
  return renderPage(c, {
    title: reports.report,
    children: (
      <div class="empty">
        <h1>{reports.report}</h1>
        <p role="status">{reports.sent}</p>
        <a class="button" href="/">
          {errors.home}
        </a>
      </div>
    ),
  })
}

/** @throws AppError notFound, also for oneself */
async function loadAsked(c: PageContext, accountId: unknown, noteId: unknown): Promise<Asked> {
  const { account: viewer } = requireViewer(c)
  const { db } = c.var.visit.app
  if (!isId(accountId) || accountId === viewer.id) throw notFound()
  const [account, [note]] = await Promise.all([
    getAccount(db, accountId),
    isId(noteId) ? loadNoteViews(db, [noteId], viewer.id) : [],
  ])
  return { account, note: note?.account.id === account.id ? note : undefined }
}

function showForm(c: PageContext, { account, note }: Asked, typed: Typed) {
  const { visit } = c.var
  const { reports: words } = visit.words
  const title = words.title(displayName(account))
  return renderPage(c, {
    title,
    status: typed.isTooLong ? 422 : 200,
    children: (
      <>
        <SettingHead
          title={title}
          visit={visit}
          back={{ href: profilePath(account), label: displayName(account) }}
        />
        <p class="hint">{words.lead}</p>
        <form class="setting-form" method="post" action="/report">
          <Hidden visit={visit} back={profilePath(account)} />
          <input type="hidden" name="account" value={account.id} />
          {note && <input type="hidden" name="note" value={note.note.id} />}
          <Fault text={typed.isTooLong ? words.commentLong : undefined} />
          <Fields account={account} comment={typed.comment} visit={visit} />
          <button type="submit" class="button primary">
            {words.submit}
          </button>
        </form>
        {note && (
          <section>
            <h2 class="section">{words.thisNote}</h2>
            <NoteCard view={note} visit={visit} />
          </section>
        )}
      </>
    ),
  })
}

const Fields = ({ account, comment, visit }: { account: Account; comment: string; visit: Visit }) => {
  const { reports: words } = visit.words
  return (
    <>
      <div class="field">
        <label for="category">{words.category}</label>
        <select id="category" name="category">
          {reportCategories.map((category) => (
            <option value={category}>{words.categories[category]}</option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="comment">{words.comment}</label>
        <textarea
          id="comment"
          name="comment"
          rows={5}
          maxlength={longestComment}
          dir="auto"
          aria-describedby="comment-hint"
        >
          {comment}
        </textarea>
        <p class="hint" id="comment-hint">
          {words.commentHint}
        </p>
      </div>
      {account.domain !== null && (
        <label class="check">
          <input type="checkbox" name="forward" value="1" />
          {words.forward(account.domain)}
        </label>
      )}
    </>
  )
}
