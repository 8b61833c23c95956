import { z } from 'zod'
import { AppError } from '#src/base/errors.ts'

// What the forms of filters of both versions share.

/** One context or a list of them; undefined when it is not given. */
export const contextList = z
  .unknown()
  .optional()
  .transform((value) =>
    value === undefined || value === null
      ? undefined
      : [value]
          .flat()
          .map((context) => String(context).trim())
          .filter(Boolean),
  )

const longestSeconds = 1_000_000_000

/** In how many seconds it ends: null and nothing are for never, undefined when it is not given. */
export const expiresIn = z
  .unknown()
  .optional()
  .transform((value) => {
    if (value === undefined) return undefined
    const text = String(value ?? '').trim()
    if (text === '') return null
    const seconds = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
    if (!(seconds <= longestSeconds)) {
      throw new AppError('invalid', 'Validation failed: Expires in is not a number of seconds')
    }
    return seconds
  })
