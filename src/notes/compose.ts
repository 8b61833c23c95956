import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { removeUnstorable } from '#src/base/html.ts'
import {
  countCharacters,
  handleOf,
  normalizeTag,
  type ParsedText,
  parseText,
  renderText,
} from '#src/base/text.ts'
import { type Account, listAccounts, listAccountsByHandles } from '#src/db/accounts.ts'
import { type MediaChanges, maxAttachments } from '#src/db/media.ts'
import { getVisibleOriginal, type Note } from '#src/db/notes.ts'
import type { Id, PromptVisibility, QuotePolicy, RemixPolicy, Visibility } from '#src/db/tables.ts'
import { emojisIn } from '#src/media/emojis.ts'
import { findRemixParent, keepRemixParent } from '#src/remixes/parent.ts'
import type { NoteDraft } from './draft.ts'
import { draftPoll, type PollForm } from './poll.ts'
import { checkQuoteAudience, findWantedQuote, quotingVisibility } from './quote.ts'

/** What a person fills in, whichever face it came through. */
export type NoteForm = {
  text: string
  summary: string
  isSensitive: boolean
  visibility: Visibility
  language: string | null
  inReplyToId: Id | null
  mediaIds: Id[]
  /** What an edit says anew of pictures, by their id. */
  mediaChanges?: { id: Id; changes: MediaChanges }[]
  promptVisibility: PromptVisibility
  remixPolicy: RemixPolicy
  /** An edit without one takes it away. */
  poll?: PollForm | 'unchanged' | null
  quoteOfId?: Id | null
  /** Of a painting it is known already, when it was painted as a remix. */
  remixOfId?: Id | null
  /** Anyone unless given. */
  quotePolicy?: QuotePolicy
}

export const maxCharacters = 5000
// A character is what people take for one, which any number of accents and joiners may be piled upon.
const maxCodeUnits = 10 * maxCharacters
// Each unknown one may cost a request to its server while the author waits.
const maxNewMentions = 10
/** Whoever is not found by then stays plain text. */
const lookupMs = 4_000

/**
 * Reads a form into a draft; looks up mentioned people on other servers, so it belongs before the transaction.
 * @throws AppError invalid, notFound
 */
export async function draftFromForm(
  app: App,
  author: Account,
  form: NoteForm,
  identity: { id: Id; publishedAt: Date; editedAt: Date | null; applicationId: Id | null },
): Promise<NoteDraft> {
  const parsed = parseText(removeUnstorable(form.text))
  checkForm(form, parsed)
  const poll = await draftPoll(app.db, form.poll, {
    id: identity.id,
    now: identity.editedAt ?? identity.publishedAt,
  })
  const parent =
    form.inReplyToId === null ? null : await getVisibleOriginal(app.db, form.inReplyToId, author.id)
  const findParent = identity.editedAt ? keepRemixParent : findRemixParent
  const remixed = await findParent(app.db, { authorId: author.id, ...form })
  const quote = form.quoteOfId ? await findWantedQuote(app, author.id, form.quoteOfId) : null
  const mentioned = await resolveMentions(app, parsed)
  const { html } = renderText(parsed, {
    resolveMention: (handle) => {
      const account = mentioned.get(handle.toLowerCase())
      return account && { url: account.url, handle: account.username }
    },
    tagUrl: (name) => app.uris.tagPage(normalizeTag(name)),
  })
  const draft: NoteDraft = {
    ...identity,
    uri: app.uris.note(identity.id),
    url: app.uris.notePage(author.username, identity.id),
    accountId: author.id,
    isLocal: true,
    visibility: quote ? quotingVisibility(form.visibility, quote.quoted) : form.visibility,
    text: parsed.text,
    contentHtml: html,
    summary: removeUnstorable(form.summary),
    isSensitive: form.isSensitive || form.summary !== '',
    language: form.language,
    emojis: await emojisIn(app, parsed.text, form.summary),
    inReplyTo: parent && { uri: parent.uri, id: parent.id, accountId: parent.account_id },
    conversationUri: parent?.conversation_uri ?? app.uris.conversation(identity.id),
    mentionedIds: mentionedIn(author, mentioned, [parent, remixed]),
    tagNames: [...new Set(parsed.hashtags.map((tag) => normalizeTag(tag.name)))],
    media: { kind: 'uploads', ids: form.mediaIds, changes: form.mediaChanges },
    promptVisibility: form.promptVisibility,
    remixPolicy: form.remixPolicy,
    remixOf: remixed && { uri: remixed.uri, id: remixed.id },
    objectType: poll ? 'Question' : 'Note',
    repliesUri: null,
    contextUri: parent?.context_uri ?? null,
    poll,
    quoteOf: quote?.draft ?? null,
    quotePolicy: form.quotePolicy ?? 'public',
  }
  if (quote) checkQuoteAudience(draft, quote)
  return draft
}

/**
 * An answer speaks to whom it answers, and a remix to the author of what it was made from, whether their names are
 * typed or not: on other servers only a mention is heard of.
 */
function mentionedIn(author: Account, typed: Map<string, Account>, sources: (Note | null)[]): Id[] {
  const ids = [...typed.values()].map((account) => account.id)
  const authorIds = sources.flatMap((source) => source?.account_id ?? [])
  return [...new Set([...ids, ...authorIds.filter((id) => id !== author.id)])]
}

// The words are Mastodon's: apps show them as they come.
function checkForm(form: NoteForm, parsed: ParsedText): void {
  if (form.text.trim() === '' && form.mediaIds.length === 0 && !form.quoteOfId) {
    throw new AppError('invalid', "Validation failed: Text can't be blank", { code: 'blank' })
  }
  const isPiledUp = form.text.length + form.summary.length > maxCodeUnits
  if (isPiledUp || countCharacters(parsed) + countCharacters(form.summary) > maxCharacters) {
    throw new AppError('invalid', `Validation failed: Text character limit of ${maxCharacters} exceeded`, {
      code: 'text_too_long',
    })
  }
  if (form.poll && form.poll !== 'unchanged' && form.mediaIds.length > 0) {
    throw new AppError('invalid', 'Validation failed: Cannot attach files to a poll', { code: 'poll' })
  }
  if (form.mediaIds.length > maxAttachments) {
    throw new AppError('invalid', `Validation failed: Cannot attach more than ${maxAttachments} files`)
  }
}

/** The accounts behind the typed mentions, by handle as typed in lower case; unknown people stay plain text. */
async function resolveMentions(app: App, parsed: ParsedText): Promise<Map<string, Account>> {
  const found = new Map<string, Account>()
  const wanted = [...new Set(parsed.mentions.map((mention) => handleOf(mention).toLowerCase()))]
  if (wanted.length === 0) return found
  const known = await listAccountsByHandles(
    app.db,
    wanted.map((handle) => splitHandle(app, handle)),
  )
  const missing: string[] = []
  for (const handle of wanted) {
    const { username, domain } = splitHandle(app, handle)
    const account = known.find((one) => one.username.toLowerCase() === username && one.domain === domain)
    if (account) found.set(handle, account)
    else if (domain !== null) missing.push(handle)
  }
  const ids = await Promise.all(
    missing.slice(0, maxNewMentions).map((handle) => app.lookup.account(handle, { withinMs: lookupMs })),
  )
  const lookedUp = await listAccountsByIds(app, ids)
  for (const [index, handle] of missing.entries()) {
    const account = lookedUp.get(ids[index] ?? '')
    if (account) found.set(handle, account)
  }
  return found
}

async function listAccountsByIds(app: App, ids: (Id | undefined)[]): Promise<Map<Id, Account>> {
  const accounts = await listAccounts(
    app.db,
    ids.filter((id) => id !== undefined),
  )
  return new Map(accounts.map((account) => [account.id, account]))
}

function splitHandle(app: App, handle: string): { username: string; domain: string | null } {
  const [username = '', host] = handle.toLowerCase().split('@')
  return { username, domain: host === undefined || host === app.handleHost ? null : host }
}
