import type { Generated } from 'kysely'
import type { DefaultedTimestamp, GivenTimestamp, Id, NullableTimestamp } from './column-types.ts'

export type ApplicationsTable = {
  id: Generated<Id>
  client_id: string
  client_secret_hash: string
  name: string
  website: string | null
  redirect_uris: string[]
  scopes: string[]
  created_at: DefaultedTimestamp
}

export type AuthorizationCodesTable = {
  id: Generated<Id>
  code_hash: string
  application_id: Id
  account_id: Id
  redirect_uri: string
  scopes: string[]
  /** PKCE, always S256. */
  code_challenge: string | null
  expires_at: GivenTimestamp
  used_at: NullableTimestamp
  created_at: DefaultedTimestamp
}

export type AccessTokensTable = {
  id: Generated<Id>
  token_hash: string
  /** Null for a token made on the command line. */
  application_id: Id | null
  /** Null for a token that stands for an application alone. */
  account_id: Id | null
  authorization_code_id: Id | null
  scopes: string[]
  last_used_at: NullableTimestamp
  revoked_at: NullableTimestamp
  created_at: DefaultedTimestamp
}

export type SessionsTable = {
  id: Generated<Id>
  token_hash: string
  user_id: Id
  user_agent: Generated<string>
  created_at: DefaultedTimestamp
  expires_at: GivenTimestamp
}

export type OwnerLinksTable = {
  id: Generated<Id>
  token_hash: string
  created_at: DefaultedTimestamp
  expires_at: GivenTimestamp
  used_at: NullableTimestamp
}

export type AttemptsTable = {
  key: string
  count: number
  resets_at: GivenTimestamp
}
