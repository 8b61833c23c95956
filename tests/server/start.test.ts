import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, parseConfig } from '#src/base/config.ts'
import { run } from '#src/run.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'

let database: TestDatabase
let dataDir: string
beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = mkdtempSync(join(tmpdir(), 'pinxit-test-'))
})
afterAll(async () => {
  await database.destroy()
  rmSync(dataDir, { recursive: true, force: true })
})

const start = (environment: Record<string, string> = {}) =>
  run(parseConfig({ PORT: '0', DATABASE_URL: database.url, DATA_DIR: dataDir, ...environment }))

async function expectRefusal(environment: Record<string, string>, words: string): Promise<void> {
  const refusal = start(environment)
  await expect(refusal).rejects.toThrow(ConfigError)
  await expect(refusal).rejects.toThrow(words)
}

describe('a start that cannot succeed is refused in words', () => {
  it('over a database that does not answer', async () => {
    const url = 'postgres://pinxit:swordfish@127.0.0.1:1/pinxit'
    await expectRefusal(
      { DATABASE_URL: url },
      'DATABASE_URL: the database cannot be used: connect ECONNREFUSED',
    )
    await expect(start({ DATABASE_URL: url })).rejects.not.toThrow('swordfish')
  })

  it('over a database whose host has no address', async () => {
    await expectRefusal({ DATABASE_URL: 'postgres://pinxit@nowhere.invalid/pinxit' }, 'DATABASE_URL: ')
  })

  it('over a database that does not exist', async () => {
    const url = new URL(database.url)
    url.pathname = '/there_is_none'
    await expectRefusal({ DATABASE_URL: url.href }, '"there_is_none" does not exist')
  })

  it('on a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address ? String(address.port) : ''
    await expectRefusal({ PORT: port }, 'EADDRINUSE')
    taken.close()
  })

  it('at a host that is not this machine', async () => {
    await expectRefusal({ HOST: '192.0.2.1' }, 'HOST and PORT: ')
  })

  it('in a folder that is a file', async () => {
    const file = join(dataDir, 'a-file')
    writeFileSync(file, '')
    await expectRefusal({ DATA_DIR: file }, 'DATA_DIR: ')
  })

  it('with another secret than the keys of its accounts were encrypted with', async () => {
    const own = { PUBLIC_URL: 'http://localhost:4299', SECRET_KEY: 'a'.repeat(32) }
    await (await start(own)).stop()
    await expectRefusal({ ...own, SECRET_KEY: 'b'.repeat(32) }, 'SECRET_KEY: ')
    await (await start(own)).stop()
  })
})
