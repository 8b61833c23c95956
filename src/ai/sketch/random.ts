import { createHash } from 'node:crypto'

/** The same seed draws the same numbers on every machine, for ever: pictures depend on it. */
export type Random = {
  /** 0 ≤ x < 1 */
  next(): number
  between(low: number, high: number): number
  /** A whole number, both ends included. */
  whole(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(choices: readonly [T, ...T[]]): T
  /** A smooth curve over x (period about 1) between -1 and 1; each call makes another curve. */
  curve(octaves: number): (x: number) => number
}

export function createRandom(...seeds: (string | Uint8Array)[]): Random {
  const hash = createHash('sha256')
  for (const seed of seeds) hash.update(seed).update('\0')
  const next = sfc32(hash.digest())
  const between = (low: number, high: number) => low + (high - low) * next()
  return {
    next,
    between,
    whole: (low, high) => Math.floor(between(low, high + 1)),
    chance: (probability) => next() < probability,
    pick: (choices) => choices[Math.floor(next() * choices.length)] ?? choices[0],
    curve: (octaves) => fractalCurve(next, octaves),
  }
}

/** Chris Doty-Humphrey's small fast counter, public domain. */
function sfc32(seed: Buffer): () => number {
  let a = seed.readUInt32LE(0) | 0
  let b = seed.readUInt32LE(4) | 0
  let c = seed.readUInt32LE(8) | 0
  let counter = seed.readUInt32LE(12) | 0
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
}

function fractalCurve(next: () => number, octaves: number): (x: number) => number {
  const lattices = Array.from({ length: octaves }, () => Array.from({ length: 64 }, () => next() * 2 - 1))
  return (x) => {
    let sum = 0
    let weight = 0
    lattices.forEach((lattice, octave) => {
      sum += latticeAt(lattice, x * 2 ** octave) / 2 ** octave
      weight += 1 / 2 ** octave
    })
    return sum / weight
  }
}

function latticeAt(lattice: readonly number[], x: number): number {
  const cell = Math.floor(x)
  const t = x - cell
  const at = (index: number) => lattice[((index % 64) + 64) % 64] ?? 0
  const eased = t * t * (3 - 2 * t)
  return at(cell) * (1 - eased) + at(cell + 1) * eased
}
