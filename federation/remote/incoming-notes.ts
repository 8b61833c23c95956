import type { App } from '#src/app.ts'
import type { Account } from '#src/db/accounts.ts'
import type { Note } from '#src/db/notes.ts'
import { listLivingAccountsByUris } from '#src/db/remote-notes.ts'
import type { Id } from '#src/db/tables.ts'
import type { NoteDraft, QuoteDraft } from '#src/notes/draft.ts'
import { type IncomingNote, noteFrom } from '../convert/note.ts'
import { isSameOrigin } from '../trust.ts'
import { as, idsOf, type Node } from './linked-data.ts'

const maxAheadMs = 60 * 60_000
const maxConversationBytes = 2_000

/** A note as its author's server has it; undefined for what is none, or not theirs. */
export function readNote(app: App, node: Node, author: Account): IncomingNote | undefined {
  const incoming = noteFrom(node, author, app.clock.now())
  if (!incoming || !isSameOrigin(incoming.uri, author.uri)) return undefined
  return idsOf(node, as('attributedTo')).includes(author.uri) ? incoming : undefined
}

/** The people these notes mention or address, as far as they are known here, in one query. */
export async function listMentioned(
  app: App,
  notes: readonly (IncomingNote | undefined)[],
): Promise<(note: IncomingNote) => Account[]> {
  const urisIn = ({ mentionUris, addressedUris }: IncomingNote) => [
    ...new Set([...mentionUris, ...addressedUris.filter((uri) => app.uris.isLocal(uri))]),
  ]
  const uris = new Set(notes.flatMap((note) => (note ? urisIn(note) : [])))
  const accounts = await listLivingAccountsByUris(app.db, [...uris])
  const accountOf = new Map(accounts.map((account) => [account.uri, account]))
  return (note) =>
    urisIn(note).flatMap((uri) => {
      const account = accountOf.get(uri)
      return account && account.kind !== 'Application' ? [account] : []
    })
}

/** What a draft says of a note that its document does not. */
export type Surroundings = {
  id: Id
  author: Account
  mentioned: Account[]
  parent: Note | undefined
  remixed: Note | undefined
  quote: QuoteDraft | null
}

export function draftFrom(
  app: App,
  incoming: IncomingNote,
  { id, author, mentioned, parent, remixed, quote }: Surroundings,
): NoteDraft {
  const { inReplyToUri, conversationUri, contextUri, remixOfUri, updatedAt } = incoming
  // Whoever names a conversation of ours without answering anything in it is not part of it.
  const isTheirs = conversationUri && !app.uris.isLocal(conversationUri)
  // Any text may stand there, and an index row has room for so many bytes.
  const claimed =
    isTheirs && Buffer.byteLength(conversationUri) <= maxConversationBytes ? conversationUri : incoming.uri
  return {
    id,
    uri: incoming.uri,
    url: incoming.url,
    accountId: author.id,
    isLocal: false,
    visibility: incoming.visibility,
    text: null,
    contentHtml: incoming.contentHtml,
    summary: incoming.summary,
    isSensitive: incoming.isSensitive,
    language: incoming.language,
    emojis: incoming.emojis,
    inReplyTo:
      inReplyToUri === undefined
        ? null
        : { uri: inReplyToUri, id: parent?.id ?? null, accountId: parent?.account_id ?? null },
    conversationUri: parent?.conversation_uri ?? claimed,
    mentionedIds: mentioned.map((account) => account.id).filter((one) => one !== author.id),
    tagNames: incoming.tagNames,
    media: { kind: 'remote', attachments: incoming.attachments },
    promptVisibility: incoming.attachments.some(({ prompt }) => prompt) ? 'public' : 'hidden',
    remixPolicy: incoming.remixPolicy,
    remixOf: remixOfUri === null ? null : { uri: remixOfUri, id: remixed?.id ?? null },
    objectType: incoming.objectType,
    repliesUri: incoming.repliesUri ?? null,
    contextUri: contextUri && !app.uris.isLocal(contextUri) ? contextUri : (parent?.context_uri ?? null),
    poll: incoming.poll,
    quoteOf: quote,
    quotePolicy: incoming.quotePolicy,
    applicationId: null,
    publishedAt: incoming.publishedAt,
    editedAt: updatedAt && updatedAt > incoming.publishedAt ? editedAtOf(app, updatedAt) : null,
  }
}

/**
 * Ahead of us as far as a server's clock may be (signatures allow as much): taken for now, its older edit would pass
 * for the newer when it comes again. A date further ahead must not freeze the note.
 */
export function editedAtOf({ clock }: App, updatedAt: Date): Date {
  const now = clock.now()
  return updatedAt.getTime() > now.getTime() + maxAheadMs ? now : updatedAt
}
