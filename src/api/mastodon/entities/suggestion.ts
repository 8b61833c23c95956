import type { Suggestion, SuggestionSource } from '#src/db/discovery.ts'
import { type Server, toAccount } from './account.ts'

/** What apps read that are older than Mastodon 4.3. */
const oldNames: Record<SuggestionSource, string> = {
  friends_of_friends: 'past_interactions',
  most_followed: 'global',
}

/** https://docs.joinmastodon.org/entities/Suggestion/ */
export function toSuggestion(server: Server, { sources, ...account }: Suggestion) {
  const [first = 'most_followed'] = sources
  return { source: oldNames[first], sources, account: toAccount(server, account) }
}
