import type { Generated } from 'kysely'
import type { DefaultedTimestamp, GivenTimestamp, Id, NullableTimestamp } from './column-types.ts'

/** A copy of a file on another server. */
export type RemoteFilesTable = {
  id: Generated<Id>
  url: string
  variant: Generated<'original' | 'small' | 'avatar' | 'emoji'>
  /** Null before it is fetched, and after others were used more; there is no file yet unless the state is `stored`. */
  file_key: string | null
  media_type: string | null
  byte_size: Generated<Id>
  state: Generated<'new' | 'stored' | 'refused' | 'failed'>
  tried_at: NullableTimestamp
  last_used_at: DefaultedTimestamp
  created_at: DefaultedTimestamp
}

/** Inboxes that answered that they are gone, or not there. */
export type RetiredInboxesTable = {
  inbox: string
  /** On how many days it was not there. */
  misses: Generated<number>
  missed_at: GivenTimestamp
  /** Null while it may yet come back. */
  retired_at: NullableTimestamp
}

export type BridgeState = 'asked' | 'active' | 'refused' | 'ended'

/** Who of us is on Bluesky too. */
export type BlueskyBridgesTable = {
  account_id: Id
  state: BridgeState
  /** There, once it is known. */
  handle: string | null
  /** Why the bridge refused. */
  reason: string | null
  created_at: DefaultedTimestamp
  updated_at: DefaultedTimestamp
}
