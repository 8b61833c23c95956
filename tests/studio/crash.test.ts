import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ledgerOf, type StudioServer, startStudioServer } from './studio-server.ts'

const fixture = new URL('./fixtures/painting-process.ts', import.meta.url).pathname

let server: StudioServer

beforeAll(async () => {
  server = await startStudioServer()
})
afterAll(() => server.close())

const steps = ['begun', 'answered', 'stored', 'committing', 'committed']

test.each(steps)('a process killed when it had %s bills once and shows one set of pictures', async (step) => {
  const alice = await server.person()
  await server.worker.stop()
  const { id } = await server.ask(alice, { prompt: `killed when ${step}`, aspect: '256x256', count: 2 })
  await killAt(step)
  // Nine seconds in one statement: the dead worker's lease runs out.
  await sql`update jobs set lease_until = clock_timestamp() - interval '1 second' where lease_token is not null`.execute(
    server.app.db,
  )
  await server.restartWorker()
  await server.worker.settle()

  const generation = await server.get(alice, id)
  expect(generation).toMatchObject({ status: 'completed', media_attachments: [{}, {}] })
  expect(await ledgerOf(server.app, alice.accountId)).toMatchObject({
    kinds: ['reserve', 'settle'],
    charged: generation.cost_micro_usd,
  })
  const kinds = await server.app.db
    .selectFrom('generation_events')
    .select('kind')
    .where('generation_id', '=', id)
    .where('kind', '<>', 'partial')
    .orderBy('sequence')
    .execute()
  expect(kinds.map(({ kind }) => kind)).toEqual(['queued', 'running', 'completed'])
  const calls = await server.app.db
    .selectFrom('provider_calls')
    .select('outcome')
    .where('generation_id', '=', id)
    .orderBy('attempt')
    .execute()
  expect(calls.map(({ outcome }) => outcome)).toEqual(step === 'committed' ? ['painted'] : [null, 'painted'])
})

test('what a killed process left in the media folder is cleared away', async () => {
  const { app, clock } = server
  clock.advance(48 * 3_600_000)
  await server.worker.settle()
  await server.pruneUploads()
  await server.worker.settle()
  const rows = await app.db.selectFrom('media').select(['original_key', 'file_key', 'small_key']).execute()
  const known = rows.flatMap((row) => [row.original_key, row.file_key, row.small_key])
  expect(known).toHaveLength(steps.length * 2 * 3)
  const found = await readdir(server.mediaDir, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile())
  expect(files.map((file) => join(file.parentPath, file.name)).sort()).toEqual(
    known.map((key) => join(server.mediaDir, key ?? '')).sort(),
  )
})

test('a generation that kills its process each time ends, and is not paid for each time', async () => {
  const alice = await server.person()
  await server.worker.stop()
  const { id } = await server.ask(alice, { prompt: 'poison', aspect: '256x256' })
  for (let deaths = 0; deaths < 3; deaths += 1) {
    await killAt('begun')
    await sql`update jobs set lease_until = clock_timestamp() - interval '1 second' where lease_token is not null`.execute(
      server.app.db,
    )
  }
  await server.restartWorker()
  await server.worker.settle()
  expect(await server.get(alice, id)).toMatchObject({
    status: 'failed',
    error: { code: 'unavailable' },
    cost_micro_usd: 0,
  })
})

test('a generation whose job was dropped fails, and the money comes back', async () => {
  const alice = await server.person()
  await server.worker.stop()
  const { id } = await server.ask(alice, { prompt: 'lost', aspect: '256x256' })
  await server.app.db.deleteFrom('jobs').where('name', '=', 'paint').execute()
  server.clock.advance(20 * 60_000)
  await server.restartWorker()
  await server.worker.settle()
  expect(await server.get(alice, id)).toMatchObject({ status: 'failed', prompt: 'lost' })
  expect(await ledgerOf(server.app, alice.accountId)).toMatchObject({
    kinds: ['reserve', 'refund'],
    charged: 0,
  })
})

async function killAt(step: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      fixture,
      server.app.databaseUrl,
      server.mediaDir,
      server.provider.url,
      step,
      server.clock.now().toISOString(),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [reached] = await once(child.stdout, 'data')
  expect(String(reached).trim()).toBe(step)
  child.kill('SIGKILL')
  await once(child, 'exit')
}
