import { afterAll, beforeAll, expect, it } from 'vitest'
import { upsertRemoteAccount } from '#src/db/accounts.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.destroy())

const store = (username: string, changes: object = {}) => {
  const uri = `https://far.example/users/${username}`
  const values = { username, domain: 'far.example', uri, url: uri, inbox_uri: `${uri}/inbox` }
  return upsertRemoteAccount(database.db, { ...values, ...changes })
}

it('stores an account of another server once, however many read it at the same time', async () => {
  for (let round = 0; round < 100; round += 1) {
    const stored = await Promise.all(Array.from({ length: 8 }, () => store(`bob${round}`)))
    expect(new Set(stored.map(({ id }) => id)).size).toBe(1)
  }
})

it('takes what its server says of a known one', async () => {
  const { id } = await store('eve')
  expect(await store('eve', { name: 'Eve' })).toMatchObject({ id, name: 'Eve' })
})

it('gives nobody another’s handle', async () => {
  const mallory = { uri: 'https://far.example/users/2' }
  const { id } = await store('alice')
  await expect(store('alice', mallory)).rejects.toThrow()
  expect(await store('alice')).toMatchObject({ id, uri: 'https://far.example/users/alice' })
})
