import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '#src/db/embedded-postgres.ts'
import { startChild } from './children.ts'
import { memoryMb, totalOf } from './processes.ts'

export type Bare = {
  /** Seconds until a process with nothing but Hono answers. */
  honoSeconds: number
  honoMb: number
  /** Seconds to make a database and start it, and to start it again. */
  postgresColdSeconds: number
  postgresWarmSeconds: number
  postgresMb: number
}

type Where = { folder: string; atEnd(step: () => Promise<void>): void }

/** The floor under us: Node with Hono, and the same Postgres with the same settings, each without Pinxit. */
export async function measureBare(where: Where): Promise<Bare> {
  const dataDir = mkdtempSync(join(where.folder, 'bare-'))
  const cold = await startPostgres(dataDir, where)
  const warm = await startPostgres(dataDir, where)
  const { seconds, mb } = await startHono()
  return {
    honoSeconds: seconds,
    honoMb: mb,
    postgresColdSeconds: cold.seconds,
    postgresWarmSeconds: warm.seconds,
    postgresMb: warm.mb,
  }
}

async function startPostgres(dataDir: string, { atEnd }: Where) {
  const startedAt = performance.now()
  const starting = startEmbeddedPostgres({ dataDir })
  atEnd(async () => (await starting).stop())
  const postgres = await starting
  const seconds = secondsSince(startedAt)
  await pause()
  const mb = totalOf(memoryMb(postgres.pid))
  await postgres.stop()
  return { seconds, mb }
}

async function startHono() {
  const startedAt = performance.now()
  const child = await startChild('bare-hono-child.mjs')
  await (await fetch(child.url)).arrayBuffer()
  const seconds = secondsSince(startedAt)
  await pause()
  const mb = totalOf(memoryMb(child.pid))
  await child.stop()
  return { seconds, mb }
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_000))
}
