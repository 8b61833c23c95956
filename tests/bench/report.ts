/** One ratio: what we do, and what the limit of the same run does, in the same unit. */
export type Row = {
  name: string
  unit: string
  ours: number
  limit: number
  limitIs: string
  /** For a rate more is better; for seconds and memory less is. */
  better: 'higher' | 'lower'
  note?: string
}

export function ratioOf({ ours, limit }: Row): number {
  return ours / limit
}

/** The table for people, ratios first. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['', 'ratio', 'better', 'ours', 'limit', 'unit', 'the limit is']
  const body = rows.map((row) => [
    row.name,
    shortNumber(ratioOf(row)),
    row.better,
    shortNumber(row.ours),
    shortNumber(row.limit),
    row.unit,
    row.limitIs,
  ])
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((line) => line[column]?.length ?? 0)),
  )
  const lines = [head, ...body].map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const notes = rows.filter((row) => row.note).map((row) => `${row.name}: ${row.note}`)
  return [...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')
}

/** Three digits that matter. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return String(Math.round(value))
  return String(Number(value.toPrecision(3)))
}
