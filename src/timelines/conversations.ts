import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { type Account, listAccounts } from '#src/db/accounts.ts'
import {
  type Conversation,
  deleteConversation,
  listConversations,
  listConversationsByIds,
  markConversation,
} from '#src/db/conversations.ts'
import { distinctIds } from '#src/db/ids.ts'
import type { Page } from '#src/db/paging.ts'
import type { Id } from '#src/db/tables.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'
import type { Slice } from './slice.ts'

type Reader = Pick<App, 'db'>

export type ConversationView = {
  conversation: Conversation
  /** The others; oneself, where one wrote to nobody or nobody is left. */
  participants: Account[]
  /** Null where the reader may not see it any more. */
  lastNote: NoteView | null
}

/** What someone wrote directly with others, the newest first. */
export async function readConversations(
  { db }: Reader,
  accountId: Id,
  page: Page,
): Promise<Slice<ConversationView>> {
  const conversations = await listConversations(db, accountId, page)
  return {
    items: await viewsOf({ db }, accountId, conversations),
    cursors: conversations.map((one) => one.last_note_id),
  }
}

/** Of these conversations what those who have them are shown, as far as they are among `accountIds`. */
export async function readStreamedConversations(
  app: Reader,
  ids: readonly Id[],
  accountIds: readonly Id[],
): Promise<ConversationView[]> {
  const conversations = await listConversationsByIds(app.db, ids, accountIds)
  const views: ConversationView[] = []
  for (const [accountId, own] of Map.groupBy(conversations, ({ account_id }) => account_id))
    views.push(...(await viewsOf(app, accountId, own)))
  return views
}

/** @throws AppError notFound, for somebody else's too */
export async function setConversationUnread(
  { db }: Reader,
  accountId: Id,
  { id, isUnread }: { id: Id; isUnread: boolean },
): Promise<ConversationView> {
  const conversation = await markConversation(db, { id, accountId, isUnread })
  const [view] = conversation ? await viewsOf({ db }, accountId, [conversation]) : []
  if (!view) throw notFound()
  return view
}

/** Takes a conversation out of the list until somebody writes in it again. @throws AppError notFound */
export async function forgetConversation({ db }: Reader, accountId: Id, id: Id): Promise<void> {
  if (!(await deleteConversation(db, id, accountId))) throw notFound()
}

async function viewsOf(
  { db }: Reader,
  accountId: Id,
  conversations: Conversation[],
): Promise<ConversationView[]> {
  const peopleIds = distinctIds([accountId, ...conversations.flatMap((one) => one.participant_ids)])
  const noteIds = conversations.map((one) => one.last_note_id)
  const [accounts, notes] = await Promise.all([
    listAccounts(db, peopleIds),
    loadNoteViews(db, noteIds, accountId),
  ])
  const usable = accounts.filter((account) => !account.deleted_at && !account.suspended_at)
  const accountOf = new Map(usable.map((account) => [account.id, account]))
  const noteOf = new Map(notes.map((view) => [view.note.id, view]))
  const known = (ids: Id[]) => ids.map((id) => accountOf.get(id)).filter((account) => account !== undefined)
  return conversations.map((conversation) => {
    const others = known(conversation.participant_ids)
    return {
      conversation,
      participants: others.length > 0 ? others : known([accountId]),
      lastNote: noteOf.get(conversation.last_note_id) ?? null,
    }
  })
}
