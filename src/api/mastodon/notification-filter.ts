import { z } from 'zod'
import type { GroupFilter } from '#src/db/notification-groups.ts'
import { clamped, flag, optionalId } from '../bodies.ts'
import { allKinds, kindsOfTypes } from './entities/notification.ts'

const typeList = z
  .unknown()
  .optional()
  .transform((value) => (value === undefined ? undefined : [value].flat().map(String)))

const narrowing = {
  types: typeList,
  exclude_types: typeList,
  grouped_types: typeList,
  account_id: optionalId.catch(undefined),
}

/** Which notifications are asked for, in lists. */
export const filterQuery = z.object({ ...narrowing, include_filtered: flag })

/** The same for counting what is unread. */
export const unreadQuery = z.object({ ...narrowing, limit: clamped(1, 1_000, 100) })

type Fields = z.output<z.ZodObject<typeof narrowing>> & { include_filtered?: boolean }

/** An app that asks only for types we do not have gets none, not all. */
export function readFilter(fields: Fields): GroupFilter | 'nothing' {
  const { types, exclude_types: excluded = [], grouped_types: grouped, account_id: accountId } = fields
  const without = new Set(kindsOfTypes(excluded))
  const kinds = (types ? kindsOfTypes(types) : allKinds).filter((kind) => !without.has(kind))
  if (kinds.length === 0) return 'nothing'
  return {
    ...(kinds.length < allKinds.length && { kinds }),
    ...(accountId && { fromAccountId: accountId }),
    ...(fields.include_filtered && { includesHeld: true }),
    ...(grouped && { grouped: kindsOfTypes(grouped) }),
  }
}
