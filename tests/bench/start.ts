import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Bare } from './bare.ts'
import { freePort, startServer } from './bench-server.ts'
import type { Row } from './report.ts'
import type { Hall } from './site.ts'
import { medianOf } from './statistics.ts'

const warmStarts = 3

/** From the start of the process until `/readyz` says so, with an empty folder and again with a full one. */
export async function measureStart(hall: Hall, bare: Bare): Promise<Row[]> {
  const dataDir = mkdtempSync(join(hall.folder, 'start-'))
  // The address of a server is permanent, so its port is too.
  const port = await freePort()
  const startOnce = async (): Promise<number> => {
    const { startSeconds, stop } = await startServer({ ...hall, dataDir, port })
    await stop()
    return startSeconds
  }
  const cold = await startOnce()
  const warm: number[] = []
  for (let index = 0; index < warmStarts; index += 1) warm.push(await startOnce())
  const row = (name: string, ours: number, postgresSeconds: number): Row => ({
    name,
    unit: 's',
    ours,
    limit: { value: postgresSeconds + bare.honoSeconds, is: 'bare Postgres, then bare Hono' },
  })
  return [
    row('start, cold', cold, bare.postgresColdSeconds),
    row('start, warm', medianOf(warm), bare.postgresWarmSeconds),
  ]
}
