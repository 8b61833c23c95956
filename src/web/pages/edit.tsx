import { type AppError, isAppError, notFound } from '#src/base/errors.ts'
import type { Id } from '#src/db/tables.ts'
import { editNote } from '#src/notes/create.ts'
import { loadNoteView, type NoteView } from '#src/notes/view.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { notePath } from '../components/Names.tsx'
import { PictureImage } from '../components/Picture.tsx'
import { textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { idParam, isId, type PageContext, requireViewer, type Visit } from '../session.ts'

// The longest description other servers keep.
const longestAlt = 1_500

/** What is written in the form, or in the note as it is. */
type Edit = { text: string; summary: string; isSensitive: boolean; alts: Map<Id, string> }

/** A note of one's own to be changed, at `/compose?edit=ID`. */
export async function editPage(c: PageContext) {
  const wanted = c.req.query('edit')
  if (!isId(wanted)) throw notFound()
  const view = await loadOwn(c, wanted)
  const { text, summary, is_sensitive: isSensitive } = view.note
  const alts = new Map(view.media.map(({ id, description }) => [id, description]))
  return showEdit(c, view, { text: text ?? '', summary, isSensitive, alts })
}

async function loadOwn(c: PageContext, id: Id): Promise<NoteView> {
  const { account } = requireViewer(c)
  const view = await loadNoteView(c.var.visit.app.db, id, account.id)
  if (view.note.account_id !== account.id || view.boostOf) throw notFound()
  return view
}

function showEdit(c: PageContext, view: NoteView, edit: Edit, fault?: string) {
  const { visit } = c.var
  return renderPage(c, {
    title: visit.words.edits.title,
    status: fault ? 422 : 200,
    children: <EditForm view={view} visit={visit} edit={edit} fault={fault} />,
  })
}

/** Changes words, warning and descriptions; everything else stays as it is. */
export async function saveEdit(c: PageContext) {
  const view = await loadOwn(c, idParam(c))
  const { app, words } = c.var.visit
  const { form } = c.var
  const edit: Edit = {
    text: textOf(form, 'text'),
    summary: textOf(form, 'summary').trim(),
    isSensitive: form.has('sensitive'),
    alts: new Map(view.media.map(({ id }) => [id, textOf(form, `alt-${id}`).trim().slice(0, longestAlt)])),
  }
  const { note, media, account } = view
  try {
    await editNote(app, account.id, note.id, {
      text: edit.text,
      summary: edit.summary,
      isSensitive: edit.isSensitive,
      visibility: note.visibility,
      language: note.language,
      inReplyToId: note.in_reply_to_id,
      mediaIds: media.map(({ id }) => id),
      mediaChanges: [...edit.alts].map(([id, description]) => ({ id, changes: { description } })),
      promptVisibility: note.prompt_visibility,
      remixPolicy: note.remix_policy,
      quotePolicy: note.quote_policy,
      poll: 'unchanged',
    })
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    return showEdit(c, view, edit, faultWords(error, words))
  }
  return c.redirect(notePath(account, note.id), 303)
}

function faultWords({ code }: AppError, words: Visit['words']): string {
  if (code === 'blank') return words.compose.blank
  return code === 'text_too_long' ? words.compose.tooLong : words.errors.invalid
}

type FormProps = { view: NoteView; visit: Visit; edit: Edit; fault: string | undefined }

const EditForm = ({ view, visit, edit, fault }: FormProps) => {
  const { words } = visit
  const { note, media, account } = view
  return (
    <>
      <h1>{words.edits.title}</h1>
      <p class="lead">{words.edits.lead}</p>
      <form class="edit-form" method="post" action={`/notes/${note.id}/edit`}>
        <Hidden visit={visit} />
        <div class="field">
          <label for="text">{words.edits.text}</label>
          <textarea id="text" name="text" rows={6} dir="auto">
            {edit.text}
          </textarea>
        </div>
        {media.map((one) => (
          <div class="chosen-picture">
            <div class="frame">
              <PictureImage media={one} visit={visit} isFirst alt="" />
            </div>
            <div class="field">
              <label for={`alt-${one.id}`}>{words.compose.alt}</label>
              <textarea id={`alt-${one.id}`} name={`alt-${one.id}`} rows={3} maxlength={longestAlt}>
                {edit.alts.get(one.id)}
              </textarea>
            </div>
          </div>
        ))}
        <div class="field">
          <label for="summary">{words.compose.warning}</label>
          <input id="summary" name="summary" value={edit.summary} maxlength={500} />
        </div>
        <label class="check">
          <input type="checkbox" name="sensitive" value="1" checked={edit.isSensitive} />
          <span>{words.compose.sensitive}</span>
        </label>
        <Fault text={fault} />
        <div class="submit">
          <a class="button quiet" href={notePath(account, note.id)}>
            {words.compose.cancel}
          </a>
          <button type="submit" class="button primary">
            {words.edits.save}
          </button>
        </div>
      </form>
    </>
  )
}
