import { type Row, type Target, timesLimit } from './report.ts'
import type { Cost } from './site.ts'

type Growth = { name: string; of: Cost; before: Cost; beforeIs: string; atMost?: number }

/** What one unit costs where there is much, against where there is little. */
export function growthRow({ name, of, before, beforeIs, atMost }: Growth): Row {
  const limit = { value: before.server + before.database, is: beforeIs }
  const target: Target | undefined = atMost === undefined ? undefined : timesLimit(atMost, limit)
  return {
    name,
    unit: 'CPU ms',
    parts: { server: of.server, database: of.database },
    ours: of.server + of.database,
    limit,
    ...(target && { target }),
  }
}
