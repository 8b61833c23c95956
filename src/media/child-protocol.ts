import type { PictureRequest, PictureResult } from './picture.ts'

/** Parent to child; one at a time. */
export type PictureTask = { bytes: Uint8Array; request: PictureRequest; maxRssBytes: number }

/** Child to parent, besides results: it can take pictures; it is about to end itself. */
export const READY = 'ready'
export const OUT_OF_MEMORY = 'outOfMemory'

// Both ends are built together, so telling messages apart is all that is checked.
export function isPictureTask(message: unknown): message is PictureTask {
  return typeof message === 'object' && message !== null && 'request' in message
}

export function isPictureResult(message: unknown): message is PictureResult {
  return typeof message === 'object' && message !== null && 'outcome' in message
}
