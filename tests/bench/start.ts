import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Bare } from './bare.ts'
import { freePort, startServer } from './bench-server.ts'
import type { Row } from './report.ts'

type Where = { dist: string; folder: string; atEnd(step: () => Promise<void>): void }

const warmStarts = 3

/** From the start of the process until `/readyz` says so, with an empty folder and again with a full one. */
export async function measureStart(where: Where, bare: Bare): Promise<Row[]> {
  const dataDir = mkdtempSync(join(where.folder, 'start-'))
  // The address of a server is permanent, so its port is too.
  const port = await freePort()
  const startOnce = async (): Promise<number> => {
    const { startSeconds, stop } = await startServer({ ...where, dataDir, port })
    await stop()
    return startSeconds
  }
  const cold = await startOnce()
  const warm: number[] = []
  for (let index = 0; index < warmStarts; index += 1) warm.push(await startOnce())
  const row = { unit: 's', limitIs: 'bare Postgres, then bare Hono', better: 'lower' as const }
  return [
    { ...row, name: 'start, cold', ours: cold, limit: bare.postgresColdSeconds + bare.honoSeconds },
    { ...row, name: 'start, warm', ours: medianOf(warm), limit: bare.postgresWarmSeconds + bare.honoSeconds },
  ]
}

function medianOf(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
