import type { ImageProvider, PaintOutcome, PaintRequest, PartialPicture } from '#src/ai/provider.ts'
import type { RetryTime } from '#src/ai/retries.ts'

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
): Promise<{ outcome: PaintOutcome; partials: PartialPicture[] }> {
  const partials: PartialPicture[] = []
  const outcome = await provider.paint(
    { ...paintRequest, ...request },
    { signal, onPartial: (partial) => void partials.push(partial) },
  )
  return { outcome, partials }
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

export type RecordedTime = RetryTime & { waits: number[]; pass(ms: number): void }

/** Time that passes only by waiting, which takes none, and keeps what was waited. */
export function createRecordedTime(): RecordedTime {
  const waits: number[] = []
  let nowMs = 0
  const pass = (ms: number) => {
    nowMs += ms
  }
  return {
    waits,
    pass,
    nowMs: () => nowMs,
    wait: async (ms) => {
      waits.push(ms)
      pass(ms)
    },
  }
}
