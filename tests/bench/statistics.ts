/** NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

export type Sample = { seconds: number; value: number }

/** By how much a value grows in an hour: the slope of the line that lies closest to the samples. */
export function growthPerHour(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [meanSeconds, meanValue] = [mean(({ seconds }) => seconds), mean(({ value }) => value)]
  const covariance = mean(({ seconds, value }) => (seconds - meanSeconds) * (value - meanValue))
  const variance = mean(({ seconds }) => (seconds - meanSeconds) ** 2)
  return (covariance / variance) * 3_600
}

/**
 * The least of each stretch of so many seconds. Memory under load goes up and down as garbage is made and collected;
 * what is kept shows at the bottom.
 */
export function floorsOf(samples: readonly Sample[], stretchSeconds: number): Sample[] {
  const stretches = Map.groupBy(samples, ({ seconds }) => Math.floor(seconds / stretchSeconds))
  return [...stretches.values()].map((stretch) =>
    stretch.reduce((least, sample) => (sample.value < least.value ? sample : least)),
  )
}
