import { setTimeout as delay } from 'node:timers/promises'
import type { Bare } from './bare.ts'
import { repeat } from './load.ts'
import { totalOf, type Usage } from './processes.ts'
import { type Row, shortNumber } from './report.ts'
import type { Stage } from './stage.ts'

const restMs = 4_000
const idleTarget = { atMost: 120, is: '120 MB, server and database together' }

/** Memory shortly after the start, and at rest after whatever load this run has put on the server. */
export async function measureMemory(stage: Stage, bare: Bare): Promise<Row[]> {
  const read = async () => {
    await stage.client.call({ path: '/api/v1/timelines/home', token: stage.alice.token })
  }
  await repeat({ count: 400, atMostMs: 8_000, concurrency: 4 }, read)
  await stage.settle()
  await delay(restMs)
  return [
    { ...rowOf('memory, idle', stage.idleMb, bare), target: idleTarget },
    rowOf('memory, after load', stage.memory(), bare),
  ]
}

function rowOf(name: string, parts: Usage, bare: Bare): Row {
  return {
    name,
    unit: 'MB',
    parts,
    ours: totalOf(parts),
    limit: { value: bare.honoMb + bare.postgresMb, is: 'bare Hono and bare Postgres' },
    note: `bare Hono ${shortNumber(bare.honoMb)}, bare Postgres ${shortNumber(bare.postgresMb)}`,
  }
}
