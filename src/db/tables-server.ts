import type { Generated, GeneratedAlways } from 'kysely'
import type { DefaultedTimestamp, GivenTimestamp, Id, Json, NullableTimestamp } from './column-types.ts'

/** What a server asks of its people. One that was withdrawn stays, since reports name it. */
export type RulesTable = {
  id: GeneratedAlways<Id>
  position: number
  text: string
  hint: Generated<string>
  deleted_at: NullableTimestamp
  created_at: DefaultedTimestamp
}

/** Terms that hold from then on, until later ones do. */
export type TermsOfServiceTable = {
  /** The start of a day, UTC. */
  effective_at: GivenTimestamp
  text: string
  created_at: DefaultedTimestamp
}

/** What is said to everyone here, in the time that is given. */
export type AnnouncementsTable = {
  id: Generated<Id>
  text: string
  starts_at: NullableTimestamp
  ends_at: NullableTimestamp
  created_at: DefaultedTimestamp
  updated_at: DefaultedTimestamp
}

/** Who has read one. */
export type AnnouncementDismissalsTable = { announcement_id: Id; account_id: Id }

export type AnnouncementReactionsTable = {
  announcement_id: Id
  account_id: Id
  /** An emoji, or the name of one of this server. */
  name: string
  emoji_url: string | null
  created_at: DefaultedTimestamp
}

/** One day (UTC, by its first second): how often something was used, and by how many people. */
export type UseOfDay = { day: string; uses: string; accounts: string }

/** What many talk about, the best first. */
export type TrendsTable = {
  kind: 'tag' | 'note' | 'link'
  place: number
  /** Of a tag, a note or a preview card. */
  subject_id: Id
  /** Its last seven days, today first, where it is a tag or a link. */
  history: Json<UseOfDay[]>
}
