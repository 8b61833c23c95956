import type { App } from '#src/app.ts'
import { FetchFailed, FetchRefused } from '#src/base/fetch-errors.ts'
import { cardLifetimeMs, claimPreviewCard, updatePreviewCard } from '#src/db/preview-cards.ts'
import type { Id } from '#src/db/tables.ts'
import { isAddressBlocked } from '#src/policies/domain-blocks.ts'
import { type PageCard, readPageCard } from './page-card.ts'

const maxBytes = 1024 * 1024
const deadlineMs = 10_000
/** After that, whoever asked died over it or heard nothing. */
const patienceMs = 3_600_000

/**
 * Asks the page of a card for what it says of itself, unless it said so lately. A page that cannot be read now is asked
 * again when somebody links to it an hour later; what is no page stays without a card.
 */
export async function fetchPreviewCard(app: App, cardId: Id, signal: AbortSignal): Promise<void> {
  const now = app.clock.now()
  const before = (ms: number) => new Date(now.getTime() - ms)
  const since = { answered: before(cardLifetimeMs), asked: before(patienceMs) }
  const url = await claimPreviewCard(app.db, cardId, { now, since })
  if (url === undefined) return
  try {
    const card = await readPage(app, url, signal)
    await updatePreviewCard(app.db, cardId, card ? { ...card, state: 'found' } : { state: 'empty' })
  } catch (error) {
    if (error instanceof FetchRefused) await updatePreviewCard(app.db, cardId, { state: 'empty' })
    // What it said before stands.
    else if (!(error instanceof FetchFailed)) throw error
  }
}

/** @throws FetchFailed, FetchRefused */
async function readPage(app: App, url: string, signal: AbortSignal): Promise<PageCard | undefined> {
  if (app.uris.isLocal(url) || (await isAddressBlocked(app.db, url))) return undefined
  const answer = await app.safeFetch(url, {
    accept: 'text/html,application/xhtml+xml;q=0.9',
    headers: { 'user-agent': `Pinxit/${app.version} (+${app.publicUrl}/; link preview)` },
    maxBytes,
    isBeginningEnough: true,
    deadlineMs,
    signal,
  })
  if (answer.status === 429 || answer.status >= 500) throw new FetchFailed('network')
  const contentType = answer.headers.get('content-type') ?? ''
  const isPage = /^(text\/html|application\/xhtml\+xml)\s*(;|$)/i.test(contentType)
  if (answer.status !== 200 || !isPage || (await isAddressBlocked(app.db, answer.url))) return undefined
  return readPageCard({ bytes: answer.body, contentType, url: answer.url })
}
