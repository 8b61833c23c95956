import type { ColumnType, Generated } from 'kysely'
import type { DefaultedMicroUsd, DefaultedTimestamp, Id, Json, NullableTimestamp } from './column-types.ts'

export type GenerationState = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'
export type GenerationEventKind = GenerationState | 'partial'

export type GenerationsTable = {
  id: Generated<Id>
  account_id: Id
  state: Generated<GenerationState>
  prompt: string
  aspect: string
  width: number
  height: number
  count: number
  quality: string | null
  reference_media_ids: Generated<Id[]>
  /** The note whose picture it is made from. */
  remix_of_id: Id | null
  provider: string
  model: string
  is_ai: boolean
  error_code: string | null
  error_message: string | null
  cost_micro_usd: DefaultedMicroUsd
  /** What it takes from its day's quota. */
  quota_pictures: number
  /** The last sequence given out in generation_events. */
  events_count: Generated<number>
  created_at: ColumnType<Date, Date, Date>
  started_at: NullableTimestamp
  finished_at: NullableTimestamp
  discarded_at: NullableTimestamp
}

export type GenerationEventsTable = {
  generation_id: Id
  sequence: number
  kind: GenerationEventKind
  data: Json<GenerationEventData>
  created_at: DefaultedTimestamp
}
/** Of a partial: which picture of the generation it previews, and its file. */
export type GenerationEventData = { index?: number; key?: string }

/** A row without `ended_at` was cut off by its process's death. */
export type ProviderCallsTable = {
  id: Generated<Id>
  generation_id: Id
  account_id: Id
  attempt: number
  provider: string
  model: string
  prompt_hash: string
  outcome: 'painted' | 'refused' | 'cancelled' | 'unusable' | null
  error_code: string | null
  error_detail: string | null
  request_ids: Generated<string[]>
  input_tokens: Generated<number>
  output_tokens: Generated<number>
  images: Generated<number>
  cost_micro_usd: DefaultedMicroUsd
  output_sha256: Generated<string[]>
  started_at: ColumnType<Date, Date, Date>
  ended_at: NullableTimestamp
}

export type LedgerEntriesTable = {
  id: Generated<Id>
  account_id: Id
  generation_id: Id
  kind: 'reserve' | 'settle' | 'refund'
  /** By how much the person owes more; the sum over a generation is its price. */
  amount_micro_usd: ColumnType<string, number, never>
  /** What the provider takes from the operator, whoever pays. */
  operator_cost_micro_usd: DefaultedMicroUsd
  created_at: ColumnType<Date, Date, never>
}
