import type { Client as Sql } from 'pg'
import { createUris, type Uris } from '#src/base/uris.ts'
import { connectToDatabaseOf, freePort, type NewServer, startServer } from './bench-server.ts'
import type { Authority } from './certificates.ts'
import { type Client, createClient, until } from './load.ts'
import { cpuSeconds, difference, memoryMb, totalOf, type Usage } from './processes.ts'
import type { Progress } from './progress.ts'
import type { Limit, Row, Target } from './report.ts'

/** What a measurement finds: a build, room for files, and how to leave nothing behind. */
export type Hall = {
  folder: string
  /** The build that runs, which must not change while it is measured. */
  dist: string
  profileDir?: string | undefined
  /** Whose certificates the servers that we post to have, and the file that ours trusts for it. */
  authority: Authority
  authorityFile: string
  progress: Progress
  atEnd(step: () => Promise<void>): void
}

/** A running server with a database of its own. */
export type Site = {
  url: string
  uris: Uris
  pid: number
  dataDir: string
  client: Client
  sql: Sql
  progress: Progress
  startSeconds: number
  memory(): Usage
  /** Waits until no job is left. */
  settle(): Promise<void>
  /** What `work` costs for each of the units it answers, jobs included. */
  cost(work: () => Promise<number>): Promise<Cost>
  /** The same where nothing takes up the jobs. */
  costUnsettled(work: () => Promise<number>): Promise<Cost>
  stop(): Promise<void>
}

/** CPU ms of each unit. */
export type Cost = Usage & { units: number }

/** The address of a server is permanent: one that is started again keeps its port. */
export type NewSite = { dataDir: string; role?: NewServer['role']; port?: number }

export async function openSite(hall: Hall, { dataDir, role, port }: NewSite): Promise<Site> {
  const server = await startServer({ ...hall, dataDir, role, port: port ?? (await freePort()) })
  const client = createClient(server.url)
  hall.atEnd(client.close)
  const own = await connectToDatabaseOf(dataDir)
  const usage = () => cpuSeconds(server.pid, [own.pid])
  const settle = () =>
    until('all jobs are done', async () => (await countJobs(own.sql)) === 0, { atMostMs: 120_000 })
  const costUnsettled = async (work: () => Promise<number>) => {
    const before = usage()
    const units = await work()
    return costOf(units, difference(usage(), before))
  }
  return {
    url: server.url,
    uris: createUris(server.url),
    pid: server.pid,
    dataDir,
    client,
    sql: own.sql,
    progress: hall.progress,
    startSeconds: server.startSeconds,
    memory: () => memoryMb(server.pid, [own.pid]),
    settle,
    cost: async (work) => {
      await settle()
      return costUnsettled(async () => {
        const units = await work()
        await settle()
        return units
      })
    },
    costUnsettled,
    stop: server.stop,
  }
}

function costOf(units: number, { server, database }: Usage): Cost {
  return { units, server: (server / units) * 1000, database: (database / units) * 1000 }
}

/** Of several measurements of the same the one in the middle. */
export function middleOf(costs: Cost[]): Cost {
  const sorted = costs.toSorted((a, b) => totalOf(a) - totalOf(b))
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (!middle) throw new Error('Nothing was measured')
  return { ...middle, units: costs.reduce((sum, { units }) => sum + units, 0) }
}

type Measured = { name: string; cost: Cost; limit?: Limit; target?: Target | undefined; note?: string }

export function costRow({ name, cost, limit, target, note }: Measured): Row {
  const { units, ...parts } = cost
  const notes = [`${units} measured`, note].filter(Boolean).join('; ')
  return {
    name,
    unit: 'CPU ms',
    parts,
    ours: totalOf(parts),
    ...(limit && { limit }),
    ...(target && { target }),
    note: notes,
  }
}

async function countJobs(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    'select count(*)::int as count from jobs where run_at <= now()',
  )
  return rows[0]?.count ?? 0
}
