import { z } from 'zod'
import type { PollForm } from '#src/notes/poll.ts'
import { flag } from '../bodies.ts'

const pollFields = z.object({
  options: z.array(z.union([z.string(), z.number()]).transform(String)).catch([]),
  expires_in: z.coerce.number().catch(Number.NaN),
  multiple: flag,
})

/** The poll of a status that is sent; undefined when there is none. Its faults are found by the operation. */
export const pollField = z
  .unknown()
  .optional()
  .transform((value): PollForm | undefined => {
    if (typeof value !== 'object' || value === null) return undefined
    const parsed = pollFields.safeParse(value)
    if (!parsed.success) return { titles: [], isMultiple: false, expiresInSeconds: 0 }
    const { options, expires_in, multiple } = parsed.data
    return { titles: options, isMultiple: multiple, expiresInSeconds: expires_in }
  })
