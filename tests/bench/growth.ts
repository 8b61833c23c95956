import type { Row } from './report.ts'

/** The cost for each of a step, beside that for each of the step before; both as CPU ms of one unit. */
export function growthRow(name: string, eachMs: { of: number; before: number }, limitIs: string): Row {
  return { name, unit: 'CPU ms for each', ours: eachMs.of, limit: eachMs.before, limitIs, better: 'lower' }
}
