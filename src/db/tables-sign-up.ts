import type { Generated } from 'kysely'
import type { DefaultedTimestamp, GivenTimestamp, Id, NullableTimestamp } from './column-types.ts'

export type MailLinkPurpose = 'confirm' | 'reset'

export type MailLinksTable = {
  id: Generated<Id>
  user_id: Id
  purpose: MailLinkPurpose
  /** The address the letter goes to, which may not be the user's yet. */
  email: string
  /** The token is made of it and the server's secret. */
  seed: string
  token_hash: string
  created_at: DefaultedTimestamp
  expires_at: GivenTimestamp
  used_at: NullableTimestamp
}

export type InvitesTable = {
  id: Generated<Id>
  account_id: Id
  /** As with the links in letters. */
  seed: string
  token_hash: string
  /** Null for any number. */
  max_uses: number | null
  uses: Generated<number>
  created_at: DefaultedTimestamp
  /** Null for never. */
  expires_at: NullableTimestamp
}
