/** What the same machine can do at most, or what it is measured against, in the row's unit. */
export type Limit = { value: number; is: string }

/** What a row is to reach, in its unit. */
export type Target = { atMost: number; is: string }

export type Row = {
  name: string
  unit: 'CPU ms' | 's' | 'MB' | 'kB' | 'requests'
  /** Of the server's processes and of its database; undefined where they cannot be told apart. */
  parts?: { server: number; database: number }
  ours: number
  limit?: Limit
  target?: Target
  note?: string
}

export function ratioOf({ ours, limit }: Row): number | undefined {
  return limit && ours / limit.value
}

export function isMet({ ours, target }: Row): boolean | undefined {
  return target && ours <= target.atMost
}

/** So many times a limit. */
export function timesLimit(times: number, limit: Limit): Target {
  return { atMost: times * limit.value, is: `${times} × the limit` }
}

/** So many of each together. */
export function targetOf(parts: [times: number, limit: Limit][]): Target {
  return {
    is: parts.map(([times, { is }]) => (times === 1 ? is : `${times} × ${is}`)).join(' + '),
    atMost: parts.reduce((sum, [times, { value }]) => sum + times * value, 0),
  }
}

const head = ['', 'server', 'database', 'together', 'unit', 'limit', 'ratio', 'target', 'met', 'the limit is']

/** The table for people. */
export function tableOf(rows: readonly Row[]): string {
  const lines = columnsOf([head, ...rows.map(cellsOf)])
  const targets = rows.filter((row) => row.target).map((row) => `${row.name}: at most ${row.target?.is}`)
  const notes = rows.filter((row) => row.note).map((row) => `${row.name}: ${row.note}`)
  return [lines.join('\n'), section('Targets', targets), section('Notes', notes)].filter(Boolean).join('\n\n')
}

function cellsOf(row: Row): string[] {
  const ratio = ratioOf(row)
  const met = isMet(row)
  return [
    row.name,
    row.parts ? shortNumber(row.parts.server) : '',
    row.parts ? shortNumber(row.parts.database) : '',
    shortNumber(row.ours),
    row.unit,
    row.limit ? shortNumber(row.limit.value) : '',
    ratio === undefined ? '' : shortNumber(ratio),
    row.target ? shortNumber(row.target.atMost) : '',
    met === undefined ? '' : met ? 'yes' : 'no',
    row.limit?.is ?? '',
  ]
}

function columnsOf(lines: string[][]): string[] {
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function section(title: string, lines: string[]): string {
  return lines.length > 0 ? [title, ...lines.map((line) => `  ${line}`)].join('\n') : ''
}

/** For scripts: each row with its ratio and whether it meets its target. */
export function jsonOf(rows: readonly Row[], about: object): string {
  const told = rows.map((row) => ({ ...row, ratio: ratioOf(row), isMet: isMet(row) }))
  return JSON.stringify({ ...about, rows: told }, null, 2)
}

/** Three digits that matter. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return String(Math.round(value))
  return String(Number(value.toPrecision(3)))
}
