import type { Colour } from './colour.ts'

/** Parent to child, answered one by one. */
export type SketchTask =
  /** A drawing to PNG (`final`) or to a smaller JPEG. */
  | { task: 'render'; svg: string; grain: Uint8Array; isFinal: boolean }
  /** A picture to the colours of 16 × 16 points of it. */
  | { task: 'colours'; bytes: Uint8Array }

/** Child to parent. */
export type SketchResult =
  | { result: 'rendered'; bytes: Uint8Array }
  | { result: 'colours'; colours: Colour[] }
  | { result: 'failed'; reason: string }

/** The side of the square of paper grain that is repeated over the picture; one byte per pixel. */
export const grainSide = 256

// Both ends are built together, so telling messages apart is all that is checked.
export function isSketchTask(message: unknown): message is SketchTask {
  return typeof message === 'object' && message !== null && 'task' in message
}

export function isSketchResult(message: unknown): message is SketchResult {
  return typeof message === 'object' && message !== null && 'result' in message
}
