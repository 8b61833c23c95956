import type { PictureSize } from './provider.ts'

const named: Record<string, PictureSize> = {
  square: { width: 1024, height: 1024 },
  portrait: { width: 1024, height: 1536 },
  landscape: { width: 1536, height: 1024 },
}

export const aspects: readonly string[] = [...Object.keys(named), 'WxH']

const minEdge = 256
const maxEdge = 2048
// Today's image models want edges divisible by 16 and a shape between 1:3 and 3:1.
const edgeStep = 16
const maxRatio = 3

/** The pixels of `square`, `portrait`, `landscape` or `WxH`; undefined when no provider could paint it. */
export function sizeOfAspect(aspect: string): PictureSize | undefined {
  if (Object.hasOwn(named, aspect)) return named[aspect]
  const edges = /^([1-9]\d{2,3})x([1-9]\d{2,3})$/.exec(aspect)
  if (!edges) return undefined
  const size = { width: Number(edges[1]), height: Number(edges[2]) }
  return isPaintable(size) ? size : undefined
}

function isPaintable({ width, height }: PictureSize): boolean {
  const fits = (edge: number) => edge >= minEdge && edge <= maxEdge && edge % edgeStep === 0
  return fits(width) && fits(height) && Math.max(width / height, height / width) <= maxRatio
}
