import { z } from 'zod'
import { AppError } from '#src/base/errors.ts'
import { removeUnstorable } from '#src/base/html.ts'
import type { MediaChanges } from '#src/db/media.ts'
import { textField } from '../bodies.ts'

/** Mastodon's bound, so that no server cuts an alt text short. */
export const longestDescription = 1500

export const mediaForm = z.object({ description: textField, focus: textField })

export type Focus = { x: number; y: number }

/** What a person says of a picture; throws AppError invalid when it is too long. */
export function descriptionOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const description = removeUnstorable(text).trim()
  if (Array.from(description).length <= longestDescription) return description
  throw new AppError(
    'invalid',
    `Validation failed: Description is too long (maximum is ${longestDescription} characters)`,
  )
}

/** `x,y`, each from -1 to 1; what is beyond is drawn in, what is no point counts as not given. */
export function focusOf(text: string | undefined): Focus | undefined {
  const [x = Number.NaN, y = Number.NaN, ...rest] = (text ?? '').split(',').map(Number.parseFloat)
  if (Number.isNaN(x) || Number.isNaN(y) || rest.length > 0) return undefined
  const drawnIn = (value: number) => Math.min(1, Math.max(-1, value))
  return { x: drawnIn(x), y: drawnIn(y) }
}

/** The columns that a description and a focus change. */
export function mediaChanges(fields: {
  description?: string | undefined
  focus?: string | undefined
}): MediaChanges {
  const description = descriptionOf(fields.description)
  const focus = focusOf(fields.focus)
  return {
    ...(description !== undefined && { description }),
    ...(focus && { focus_x: focus.x, focus_y: focus.y }),
  }
}
