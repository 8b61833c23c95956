import type { Id } from './column-types.ts'

/** Each once, and without the nulls of columns that point at nothing. */
export function distinctIds(ids: readonly (Id | null)[]): Id[] {
  return [...new Set(ids.filter((id) => id !== null))]
}
