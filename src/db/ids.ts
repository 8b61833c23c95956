import { sql } from 'kysely'
import type { Id } from './column-types.ts'

/** Each once, and without the nulls of columns that point at nothing. */
export function distinctIds(ids: readonly (Id | null)[]): Id[] {
  return [...new Set(ids.filter((id) => id !== null))]
}

/** Ids are moments: what is older than this one has a smaller id. */
export function idAt(moment: Date): Id {
  return String(BigInt(moment.getTime()) << 16n)
}

/** To compare an id with: as one parameter however many there are, so that the statement is planned once. */
export const anyOf = (ids: readonly Id[]) => sql<Id>`any(${ids}::bigint[])`
