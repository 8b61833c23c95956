import type { ColumnType, JSONColumnType } from 'kysely'

// How columns read and write where that differs from their plain TypeScript type.

/** A 64-bit id as a decimal string: it does not fit a JavaScript number. */
export type Id = string
/** Always given on insert. */
export type GivenTimestamp = ColumnType<Date, Date | string, Date | string>
export type DefaultedTimestamp = ColumnType<Date, Date | string | undefined, Date | string>
export type NullableTimestamp = ColumnType<
  Date | null,
  Date | string | null | undefined,
  Date | string | null
>
/** Kept as the text it came as: `json`, because `jsonb` refuses `\\u0000`, which a remote document may hold. */
export type JsonText = ColumnType<unknown, string, string>
export type DefaultedMicroUsd = ColumnType<string, number | undefined, number>
export type Json<T extends object> = JSONColumnType<T, string | undefined, string>
