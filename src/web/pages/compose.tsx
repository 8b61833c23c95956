import { AppError, isAppError } from '#src/base/errors.ts'
import { newToken } from '#src/base/secrets.ts'
import { isOnBluesky } from '#src/db/bluesky.ts'
import { getOwnMedia, type Media, maxAttachments, updateOwnMedia } from '#src/db/media.ts'
import { getVisibleOriginal } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { findUser } from '#src/db/users.ts'
import { storeUpload } from '#src/media/store.ts'
import { createNote } from '#src/notes/create.ts'
import { loadNoteView, type NoteView } from '#src/notes/view.ts'
import { isSeenOnBluesky } from '#src/relationships/bluesky.ts'
import { search } from '#src/search/search.ts'
import { cancelOrDiscard } from '#src/studio/cancel.ts'
import { capabilitiesOf } from '#src/studio/capabilities.ts'
import { requestGeneration } from '#src/studio/request.ts'
import { type GenerationView, loadGeneration } from '#src/studio/view.ts'
import { Composer, type ComposerFault, composerTitle } from '../components/Composer.tsx'
import { notePath } from '../components/Names.tsx'
import type { ComposerState } from '../composer-state.ts'
import {
  type Draft,
  draftOf,
  dropDraft,
  emptyDraft,
  findDraft,
  isDraftId,
  keepDraft,
  pollFormOf,
  promptOf,
} from '../drafts.ts'
import { askedFor, fileOf, textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { greetingOf, narrower } from '../replies.ts'
import { isId, type PageContext, requireViewer, type Viewer } from '../session.ts'
import { startingPoint } from '../starting-points.ts'
import { editPage } from './edit.tsx'

// The longest description other servers keep.
const longestAlt = 1_500

/** Where a picture is painted or uploaded and a note is written, one page for both. */
export async function composePage(c: PageContext) {
  const viewer = requireViewer(c)
  const { app } = c.var.visit
  if (c.req.query('edit') !== undefined) return editPage(c)
  const wanted = c.req.query('draft')
  const kept = isDraftId(wanted) ? await findDraft(app, viewer.account.id, wanted) : undefined
  // A draft that was posted is gone, and its id with it: what is posted under one id is posted once.
  if (!kept || !isDraftId(wanted)) return showComposer(c, newToken(18), await newDraft(c, viewer))
  return showComposer(c, wanted, kept)
}

async function newDraft(c: PageContext, viewer: Viewer): Promise<Draft> {
  const { app } = c.var.visit
  const user = await findUser(app.db, viewer.userId)
  const visibility = user?.default_visibility ?? 'public'
  const quotePolicy = user?.default_quote_policy ?? 'public'
  const prompt = askedFor(c.req.query('prompt')).slice(0, 4_000)
  const replyTo = c.req.query('reply') ?? (await answeredNote(c, viewer))
  if (!isId(replyTo)) {
    const { default_remix_policy: remixPolicy } = viewer.account
    const start = await startingPoint(c, viewer, visibility)
    return emptyDraft({ visibility, prompt, remixPolicy, quotePolicy, ...sharedWords(c), ...start })
  }
  const parent = await loadNoteView(
    app.db,
    (await getVisibleOriginal(app.db, replyTo, viewer.account.id)).id,
    viewer.account.id,
  )
  return emptyDraft({
    replyTo: parent.note.id,
    quotePolicy,
    text: greetingOf(parent, viewer),
    visibility: narrower(visibility, parent.note.visibility),
  })
}

const longestShared = 5_000

/** What another site asks to have written (FEP-3b86, Create): it stands in the form, and nothing is posted by itself. */
function sharedWords(c: PageContext): Partial<Draft> {
  const text = askedFor(c.req.query('text')).slice(0, longestShared)
  const summary = askedFor(c.req.query('summary')).slice(0, longestShared)
  return { ...(text && { text }), ...(summary && { summary }) }
}

/** The note behind the address that another site wants answered (FEP-3b86, `inReplyTo`). */
async function answeredNote(c: PageContext, viewer: Viewer): Promise<Id | undefined> {
  const address = askedFor(c.req.query('in_reply_to'))
  if (address === '') return undefined
  const request = { text: address, kinds: ['notes' as const], resolve: true, limit: 1, offset: 0 }
  const { notes } = await search(c.var.visit.app, viewer.account.id, request)
  return notes[0]?.note.id
}

type Shown = { fault?: ComposerFault; status?: 422 | 429 | 503; hasWarned?: boolean }

async function showComposer(c: PageContext, draftId: string, draft: Draft, shown: Shown = {}) {
  const { visit } = c.var
  const state = await stateOf(c, draftId, draft)
  const { words } = visit
  const isPainting = state.generation?.state === 'queued' || state.generation?.state === 'running'
  return renderPage(c, {
    title: composerTitle(words, state),
    status: shown.status ?? 200,
    islands: ['composer.ts'],
    isWide: true,
    refreshSeconds: isPainting ? 3 : undefined,
    children: (
      <Composer visit={visit} state={state} fault={shown.fault} hasWarned={shown.hasWarned ?? false} />
    ),
  })
}

async function stateOf(c: PageContext, draftId: string, draft: Draft): Promise<ComposerState> {
  const { app } = c.var.visit
  const viewer = requireViewer(c)
  const accountId = viewer.account.id
  const shown = (id: Id | null) => (id ? orUndefined(loadNoteView(app.db, id, accountId)) : undefined)
  const [{ images, quota }, generation, parent, quoted, remixed] = await Promise.all([
    capabilitiesOf(app, { accountId, role: viewer.role }),
    draft.generationId ? orUndefined(loadGeneration(app, accountId, draft.generationId)) : undefined,
    shown(draft.replyTo),
    shown(draft.quoteOf),
    shown(draft.remixOf),
  ])
  const chosen = await listChosen(c, draft, generation)
  return {
    draftId,
    draft,
    generation,
    chosen,
    parent,
    quoted,
    remixed,
    images,
    quota,
    bluesky: await blueskyOf(c, parent),
    isWelcome: c.req.query('welcome') !== undefined,
  }
}

async function blueskyOf(c: PageContext, parent: NoteView | undefined): Promise<ComposerState['bluesky']> {
  const { app } = c.var.visit
  if (!(await isOnBluesky(app.db, requireViewer(c).account.id))) return undefined
  return { isParentThere: parent !== undefined && (await isSeenOnBluesky(app, parent.account)) }
}

/** What will be posted. A single painted picture is chosen already: there is nothing to choose. */
async function listChosen(
  c: PageContext,
  draft: Draft,
  generation: GenerationView | undefined,
): Promise<Media[]> {
  const { app } = c.var.visit
  const accountId = requireViewer(c).account.id
  if (draft.mediaIds === null) {
    const unposted = generation?.media.filter((media) => media.note_id === null) ?? []
    return generation?.count === 1 ? unposted.slice(0, 1) : []
  }
  const found = await Promise.all(draft.mediaIds.map((id) => orUndefined(getOwnMedia(app.db, id, accountId))))
  return found.filter((media) => media !== undefined).filter((media) => media.note_id === null)
}

/** What is gone meanwhile is simply not there. */
function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch((error: unknown) => {
    if (isAppError(error) && error.kind === 'notFound') return undefined
    throw error
  })
}

type Work = { viewer: Viewer; draftId: string; draft: Draft; intent: string }

/** Every button of the composer: paint, cancel, pick, upload, post, start over. */
export async function compose(c: PageContext) {
  const viewer = requireViewer(c)
  const { form } = c.var
  const wantedId = form.get('draft')
  const work: Work = {
    viewer,
    draftId: isDraftId(wantedId) ? wantedId : newToken(18),
    draft: draftOf(form),
    intent: textOf(form, 'intent'),
  }
  try {
    return await carryOut(c, work)
  } catch (error) {
    const fault = isAppError(error) ? faultOf(error) : undefined
    if (!fault || !isAppError(error)) throw error
    const status = error.kind === 'tooMany' ? 429 : error.kind === 'unavailable' ? 503 : 422
    return showComposer(c, work.draftId, work.draft, { fault, status })
  }
}

function faultOf(error: AppError): ComposerFault | undefined {
  if (error.code === 'prompt') return 'promptMissing'
  if (error.code === 'prompt_too_long' || error.code === 'text_too_long') return 'tooLong'
  if (error.code === 'quota') return 'quotaUsed'
  if (error.code === 'blank') return 'blank'
  if (error.code === 'quote_of') return 'notQuotable'
  if (error.code === 'remix_of') return 'notRemixable'
  if (error.code === 'poll') return 'poll'
  if (error.code === 'upload') return 'uploadFailed'
  if (error.code === 'moved') return 'moved'
  if (error.kind === 'unavailable') return 'unavailable'
  return error.kind === 'invalid' ? 'invalid' : undefined
}

async function carryOut(c: PageContext, work: Work) {
  const [verb, subject] = work.intent.split(':')
  switch (verb) {
    case 'paint':
      return paint(c, work)
    case 'cancel':
      return cancel(c, work)
    case 'upload':
      return upload(c, work)
    case 'pick':
    case 'unpick':
      return choose(c, work, { isIn: verb === 'pick', mediaId: subject })
    case 'post':
      return post(c, work)
    case 'discard':
      await dropDraft(c.var.visit.app, work.viewer.account.id, work.draftId)
      return c.redirect('/compose', 303)
    default:
      return keepAndShow(c, work, {})
  }
}

/** @param place where on the page the change is to be seen */
async function keepAndShow(
  c: PageContext,
  { viewer, draftId, draft }: Work,
  changes: Partial<Draft>,
  place: 'easel' | 'chosen' | 'text' = 'text',
) {
  await keepDraft(c.var.visit.app, viewer.account.id, draftId, { ...draft, ...changes })
  return c.redirect(`/compose?draft=${draftId}#${place}`, 303)
}

async function paint(c: PageContext, work: Work) {
  const { viewer, draft } = work
  const generation = await requestGeneration(
    c.var.visit.app,
    { accountId: viewer.account.id, role: viewer.role },
    {
      prompt: promptOf(draft),
      aspect: draft.aspect,
      count: Number(draft.count),
      remixOfId: draft.remixOf ?? undefined,
    },
    textOf(c.var.form, 'paint_key') || undefined,
  )
  // What was uploaded stays; what an earlier painting gave was for that one.
  const uploads = await listUploads(c, draft)
  const mediaIds = uploads.length > 0 ? uploads : null
  return keepAndShow(c, work, { generationId: generation.id, mediaIds }, 'easel')
}

async function listUploads(c: PageContext, draft: Draft): Promise<Id[]> {
  const chosen = await listChosen(c, draft, undefined)
  return chosen.filter((media) => media.generation_id === null).map((media) => media.id)
}

async function cancel(c: PageContext, work: Work) {
  const { app } = c.var.visit
  const { viewer, draft } = work
  const generation =
    draft.generationId && (await orUndefined(loadGeneration(app, viewer.account.id, draft.generationId)))
  // Pressed too late, it must not throw the finished pictures away.
  if (generation && (generation.state === 'queued' || generation.state === 'running')) {
    await cancelOrDiscard(app, viewer.account.id, generation.id)
  }
  return keepAndShow(c, work, {}, 'easel')
}

async function upload(c: PageContext, work: Work) {
  const file = fileOf(c.var.form, 'file')
  const chosen = work.draft.mediaIds ?? []
  if (!file || chosen.length >= maxAttachments) return keepAndShow(c, work, {})
  const bytes = new Uint8Array(await file.arrayBuffer())
  const media = await storeUpload(c.var.visit.app, { accountId: work.viewer.account.id, bytes }).catch(
    (error: unknown) => {
      if (!isAppError(error) || error.kind !== 'invalid') throw error
      throw new AppError('invalid', error.message, { code: 'upload', cause: error })
    },
  )
  return keepAndShow(c, work, { mediaIds: [...chosen, media.id] }, 'chosen')
}

type Choice = { isIn: boolean; mediaId: string | undefined }

async function choose(c: PageContext, work: Work, { isIn, mediaId }: Choice) {
  const others = (work.draft.mediaIds ?? []).filter((id) => id !== mediaId)
  const mediaIds = isIn && isId(mediaId) ? [...others, mediaId].slice(-maxAttachments) : others
  return keepAndShow(c, work, { mediaIds }, mediaIds.length > 0 ? 'chosen' : 'easel')
}

async function post(c: PageContext, work: Work) {
  const { app } = c.var.visit
  const { viewer, draft, draftId } = work
  const chosen = await listChosen(c, draft, undefined)
  if (draft.text.trim() === '' && chosen.length === 0 && !draft.quoteOf)
    throw new AppError('invalid', 'Blank', { code: 'blank' })
  const isUndescribed = chosen.some((media) => altOf(draft, media) === '')
  if (isUndescribed && textOf(c.var.form, 'warned') !== '1') {
    return showComposer(c, draftId, draft, { fault: 'altMissing', status: 422, hasWarned: true })
  }
  for (const media of chosen) {
    await updateOwnMedia(app.db, media.id, viewer.account.id, { description: altOf(draft, media) })
  }
  const user = await findUser(app.db, viewer.userId)
  const view = await createNote(
    app,
    viewer.account,
    {
      text: draft.text,
      summary: draft.summary,
      isSensitive: draft.isSensitive,
      visibility: draft.visibility,
      language: user?.default_language ?? null,
      inReplyToId: draft.replyTo,
      mediaIds: chosen.map((media) => media.id),
      promptVisibility: draft.promptVisibility,
      remixPolicy: draft.remixPolicy,
      quoteOfId: draft.quoteOf,
      quotePolicy: c.var.form.has('quote_policy')
        ? draft.quotePolicy
        : (user?.default_quote_policy ?? 'public'),
      poll: pollFormOf(draft),
    },
    { idempotencyKey: `web ${draftId}` },
  )
  await dropDraft(app, viewer.account.id, draftId)
  return c.redirect(notePath(viewer.account, view.note.id), 303)
}

function altOf(draft: Draft, media: Media): string {
  return (draft.alts[media.id] ?? media.description).trim().slice(0, longestAlt)
}
