import type { Transaction } from 'kysely'
import { isAwaited } from '#src/db/home-entries.ts'
import type { Note } from '#src/db/notes.ts'
import { listKnownAddresses, setPreviewCard, upsertPreviewCard } from '#src/db/preview-cards.ts'
import type { Database } from '#src/db/tables.ts'
import { enqueue, enqueueMany } from '#src/jobs/queue.ts'
import type { NoteDraft } from './draft.ts'
import { linksIn } from './links.ts'

/** Every server that gets a note with a link asks the linked page; they had better not do so at once. */
const spreadMs = 60_000

/** What a note says, and when it is stored. */
type Written = { draft: NoteDraft; now: Date }

/** Has fetched, in jobs, what readers will see of other servers beside a note: its pictures and its link's preview. */
export async function prepareShowing(
  trx: Transaction<Database>,
  note: Note,
  { draft, now }: Written,
): Promise<void> {
  await copyPictures(trx, note, draft)
  await previewLink(trx, note, { draft, now })
}

/** Before anyone opens the page on which they stand; what stands in nobody's feed waits until somebody looks at it. */
async function copyPictures(trx: Transaction<Database>, note: Note, draft: NoteDraft): Promise<void> {
  if (draft.media.kind !== 'remote') return
  const urls = draft.media.attachments.flatMap(({ kind, remote_url, preview_remote_url }) =>
    kind === 'image' ? [remote_url] : (preview_remote_url ?? []),
  )
  if (urls.length === 0 || !(await isAwaited(trx, note.id))) return
  await enqueueMany(
    trx,
    'copyRemoteFile',
    [...new Set(urls)].map((url) => ({ payload: { url }, dedupeKey: url })),
  )
}

/** Gives a note the card of the first page it leads to, which is fetched once for all who link to it. */
async function previewLink(trx: Transaction<Database>, note: Note, { draft, now }: Written): Promise<void> {
  const url = await linkToPreview(trx, draft)
  if (url === undefined) {
    if (note.preview_card_id !== null) await setPreviewCard(trx, note.id, null)
    return
  }
  const card = await upsertPreviewCard(trx, url, now)
  await setPreviewCard(trx, note.id, card.id)
  if (!card.isDue) return
  const runAt = draft.isLocal ? undefined : new Date(now.getTime() + Math.random() * spreadMs)
  await enqueue(trx, 'fetchPreviewCard', { cardId: card.id }, { runAt, dedupeKey: card.id })
}

/** As on Mastodon, none beside pictures or a quote; and none for what is shown here itself. */
async function linkToPreview(trx: Transaction<Database>, draft: NoteDraft): Promise<string | undefined> {
  const { media, visibility, quoteOf, contentHtml } = draft
  const hasMedia = media.kind === 'remote' ? media.attachments.length > 0 : media.ids.length > 0
  if (hasMedia || quoteOf || visibility === 'direct') return undefined
  const links = linksIn(contentHtml)
  if (links.length === 0) return undefined
  const known = await listKnownAddresses(trx, links)
  return links.find((link) => !known.has(link))
}
