import type { ProfileField } from '#src/db/tables.ts'

/** New fields with the marks of those that say the same as before: an edit elsewhere takes no mark away. */
export function withKeptMarks(fields: ProfileField[], before: readonly ProfileField[]): ProfileField[] {
  return fields.map((field) => ({
    ...field,
    verifiedAt: before.find(({ value }) => value === field.value)?.verifiedAt ?? null,
  }))
}
