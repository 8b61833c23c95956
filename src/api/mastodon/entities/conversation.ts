import type { ConversationView } from '#src/timelines/conversations.ts'
import { type Server, toAccount } from './account.ts'
import { toStatus } from './status.ts'

/** https://docs.joinmastodon.org/entities/Conversation/ */
export function toConversation(server: Server, { conversation, participants, lastNote }: ConversationView) {
  return {
    id: conversation.id,
    unread: conversation.is_unread,
    accounts: participants.map((account) => toAccount(server, account)),
    last_status: lastNote && toStatus(server, lastNote),
  }
}
