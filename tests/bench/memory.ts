import type { Bare } from './bare.ts'
import { repeat } from './load.ts'
import { totalOf, type Usage } from './processes.ts'
import { type Row, shortNumber } from './report.ts'
import type { Stage } from './stage.ts'

const restMs = 4_000

/** Memory shortly after the start, and at rest after whatever load this run has put on the server. */
export async function measureMemory(stage: Stage, bare: Bare): Promise<Row[]> {
  const read = async () => {
    await stage.client.call({ path: '/api/v1/timelines/home', token: stage.alice.token })
  }
  await repeat({ count: 400, atMostMs: 8_000, concurrency: 4 }, read)
  await stage.settle()
  await new Promise((resolve) => setTimeout(resolve, restMs))
  return [rowOf('memory, idle', stage.idleMb, bare), rowOf('memory, after load', stage.memory(), bare)]
}

function rowOf(name: string, used: Usage, bare: Bare): Row {
  return {
    name,
    unit: 'MB',
    ours: totalOf(used),
    limit: bare.honoMb + bare.postgresMb,
    limitIs: 'bare Hono and bare Postgres',
    better: 'lower',
    note:
      `server ${shortNumber(used.server)} ÷ ${shortNumber(bare.honoMb)}, ` +
      `database ${shortNumber(used.database)} ÷ ${shortNumber(bare.postgresMb)}`,
  }
}
