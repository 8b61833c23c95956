/** A picture's size in pixels. */
export type PictureSize = { width: number; height: number }

export const qualities = ['low', 'medium', 'high', 'xhigh', 'max', 'auto'] as const
export type Quality = (typeof qualities)[number]

export type PaintRequest = {
  prompt: string
  size: PictureSize
  /** 1 to `capabilities.maxCount`. */
  count: number
  quality?: Quality
  /** Encoded pictures (PNG, JPEG or WebP) to edit or remix; empty or absent for a new picture. */
  references?: readonly Uint8Array[]
  /** Stands for the person towards the provider: an HMAC, never a name. */
  safetyIdentifier: string
}

/** A preview of picture `index`; `step` counts from 0 within that picture. */
export type PartialPicture = { index: number; step: number; bytes: Uint8Array }

export type PaintedPicture = { index: number; bytes: Uint8Array; revisedPrompt?: string }

/** What the provider says it used. Token counts are 0 where it says nothing. */
export type PaintUsage = {
  inputTokens: number
  outputTokens: number
  /** The part of `inputTokens` that stands for reference pictures. */
  inputImageTokens: number
  images: number
}

export const refusalCodes = [
  'content_policy',
  'rate_limited',
  'quota',
  'timeout',
  'bad_request',
  'unavailable',
  'auth',
] as const
export type RefusalCode = (typeof refusalCodes)[number]

export type Refusal = {
  code: RefusalCode
  /** Public, in plain words; carries nothing the provider said. */
  message: string
  /** Private, for the operator's audit: what the provider said, shortened and without the key. */
  detail?: string
  requestId?: string
}

/**
 * How a painting ended. `painted` may hold fewer pictures than were asked for when the provider refused the
 * others. `usage` is what was spent in any case, as far as the provider said so.
 */
export type PaintOutcome =
  | { outcome: 'painted'; pictures: PaintedPicture[]; usage: PaintUsage; requestIds: string[] }
  | ({ outcome: 'refused'; usage: PaintUsage } & Refusal)
  | { outcome: 'cancelled'; usage: PaintUsage }

export type PaintHooks = {
  signal: AbortSignal
  /** Awaited before more of the provider's answer is read; what it throws ends the painting. */
  onPartial(partial: PartialPicture): Promise<void> | void
}

type ImageCapabilities = {
  aspects: readonly string[]
  maxCount: number
  edit: boolean
  stream: boolean
}

export type ImageProvider = {
  name: 'openai' | 'compat' | 'sketch'
  isAi: boolean
  model: string
  /** What is known now: a provider found not to stream or edit says so from then on. */
  readonly capabilities: ImageCapabilities
  /** Failure of the provider is a normal answer; only a fault of our own (or of `onPartial`) throws. */
  paint(request: PaintRequest, hooks: PaintHooks): Promise<PaintOutcome>
}

export const noUsage: PaintUsage = { inputTokens: 0, outputTokens: 0, inputImageTokens: 0, images: 0 }

export function addUsage(a: PaintUsage, b: PaintUsage): PaintUsage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    inputImageTokens: a.inputImageTokens + b.inputImageTokens,
    images: a.images + b.images,
  }
}
