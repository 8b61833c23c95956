import type { ImageProvider, PaintOutcome, PaintRequest, PartialPicture } from '#src/ai/provider.ts'

export const paintRequest: PaintRequest = {
  prompt: 'a lighthouse at dawn',
  size: { width: 256, height: 256 },
  count: 1,
  safetyIdentifier: 'someone-hashed',
}

/** Paints with little ceremony and keeps the previews. */
export async function paintWith(
  provider: ImageProvider,
  request: Partial<PaintRequest> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ outcome: PaintOutcome; partials: PartialPicture[]; tookMs: number }> {
  const partials: PartialPicture[] = []
  const startedAt = performance.now()
  const outcome = await provider.paint(
    { ...paintRequest, ...request },
    { signal, onPartial: (partial) => void partials.push(partial) },
  )
  return { outcome, partials, tookMs: performance.now() - startedAt }
}

/** The pictures of a painting that must have succeeded. */
export function paintedBy(outcome: PaintOutcome) {
  if (outcome.outcome !== 'painted') throw new Error(`Not painted: ${JSON.stringify(outcome)}`)
  return outcome
}

/** Why a painting that must have been refused was. */
export function refusedBy(outcome: PaintOutcome) {
  if (outcome.outcome !== 'refused') throw new Error(`Not refused: ${outcome.outcome}`)
  return outcome
}
