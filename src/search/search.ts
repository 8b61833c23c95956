import type { App } from '#src/app.ts'
import { normalizeTag } from '#src/base/text.ts'
import {
  type Account,
  findAccount,
  findAccountByHandle,
  findAccountByUrl,
  searchAccounts,
} from '#src/db/accounts.ts'
import { findVisibleNoteByUrl } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { searchTags, type Tag } from '#src/db/tags.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'

export type SearchKind = 'accounts' | 'notes' | 'tags'

export type SearchRequest = {
  /** A handle, an address, a hashtag, or the beginning of a name. */
  text: string
  kinds: readonly SearchKind[]
  /** Whether other servers may be asked. */
  resolve: boolean
  limit: number
  offset: number
  /** Only people whom the viewer follows. */
  isFollowing?: boolean
}

export type SearchResult = { accounts: Account[]; notes: NoteView[]; tags: Tag[] }

type Searcher = Pick<App, 'db' | 'lookup' | 'handleHost'>

const longestText = 500

/** Finds people by handle, name or address, notes by address, hashtags by their beginning. */
export async function search(
  app: Searcher,
  viewerId: Id | null,
  request: SearchRequest,
): Promise<SearchResult> {
  const text = request.text.trim().slice(0, longestText)
  const nothing: SearchResult = { accounts: [], notes: [], tags: [] }
  if (text === '') return nothing
  if (/^https?:\/\//i.test(text)) return { ...nothing, ...(await searchByUrl(app, viewerId, text, request)) }
  const [accounts, tags] = await Promise.all([
    request.kinds.includes('accounts') ? searchPeople(app, viewerId, { ...request, text }) : [],
    request.kinds.includes('tags') ? searchHashtags(app, { ...request, text }) : [],
  ])
  return { ...nothing, accounts, tags }
}

async function searchByUrl(
  app: Searcher,
  viewerId: Id | null,
  url: string,
  { kinds, resolve, offset }: SearchRequest,
): Promise<Partial<SearchResult>> {
  // There is one such thing at most, so there is no second page.
  if (offset > 0) return {}
  const account = kinds.includes('accounts') ? usable(await findAccountByUrl(app.db, url)) : undefined
  if (account) return { accounts: [account] }
  const note = kinds.includes('notes') ? await findVisibleNoteByUrl(app.db, url, viewerId) : undefined
  if (note) return { notes: await loadNoteViews(app.db, [note.id], viewerId) }
  if (!resolve || !URL.canParse(url)) return {}
  const noteId = kinds.includes('notes') ? await app.lookup.note(url) : undefined
  if (noteId) return { notes: await loadNoteViews(app.db, [noteId], viewerId) }
  const accountId = kinds.includes('accounts') ? await app.lookup.account(url) : undefined
  const found = accountId && usable(await findAccount(app.db, accountId))
  return found ? { accounts: [found] } : {}
}

async function searchPeople(app: Searcher, viewerId: Id | null, request: SearchRequest): Promise<Account[]> {
  const { text, limit, offset, resolve, isFollowing } = request
  if (text.startsWith('#')) return []
  const followedBy = isFollowing && viewerId !== null ? viewerId : undefined
  const exact = offset === 0 && !followedBy ? await findByHandle(app, text, resolve) : undefined
  const similar = await searchAccounts(app.db, withoutOwnHost(app, text), { limit, offset, followedBy })
  const all = exact ? [exact, ...similar.filter((account) => account.id !== exact.id)] : similar
  return all.slice(0, limit)
}

/** The person of exactly this handle, known here or, with `resolve`, found on their server. */
export async function findByHandle(
  app: Searcher,
  handle: string,
  resolve: boolean,
): Promise<Account | undefined> {
  const parts = /^@?([^@\s]+)(?:@([^@\s]+))?$/.exec(handle.trim())
  if (!parts) return undefined
  const [, username = '', host] = parts
  const domain = host === undefined || host.toLowerCase() === app.handleHost ? null : host.toLowerCase()
  const known = await findAccountByHandle(app.db, username, domain)
  // Asked for by name, someone a boost brought here is looked at more closely.
  if (known && domain !== null && resolve && known.explored_at === null)
    await app.lookup.account(`${username}@${domain}`)
  if (known || domain === null || !resolve) return usable(known)
  const id = await app.lookup.account(`${username}@${domain}`)
  return id === undefined ? undefined : usable(await findAccount(app.db, id))
}

function usable(account: Account | undefined): Account | undefined {
  return account && !account.deleted_at && !account.suspended_at ? account : undefined
}

function withoutOwnHost({ handleHost }: Searcher, text: string): string {
  return text.toLowerCase().endsWith(`@${handleHost}`) ? text.slice(0, -handleHost.length - 1) : text
}

function searchHashtags({ db }: Searcher, { text, limit, offset }: SearchRequest): Promise<Tag[]> | Tag[] {
  const name = normalizeTag(text.replace(/^#/, ''))
  return name === '' || /[\s@]/.test(name) ? [] : searchTags(db, name, { limit, offset })
}
