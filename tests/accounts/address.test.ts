import { afterAll, beforeAll, expect, it } from 'vitest'
import { firstAddress, keepAddress } from '#src/accounts/address.ts'
import { ConfigError } from '#src/base/config.ts'
import { findInstanceActor } from '#src/db/instance-actor.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const elsewhere = { publicUrl: 'https://elsewhere.example', handleHost: 'elsewhere.example' }

it('may change the address while there is nobody, and then makes its own actor anew', async () => {
  const { db, publicUrl, handleHost } = server.app
  await keepAddress(db, elsewhere)
  expect(await firstAddress(db, { publicUrl, handleHost })).toEqual(elsewhere)
  expect(await findInstanceActor(db)).toBeUndefined()
  await keepAddress(db, { publicUrl, handleHost })
})

it('may not change it any more once there is someone, and says what to set', async () => {
  const { db, publicUrl, handleHost } = server.app
  await server.person('alice')
  const refusal = keepAddress(db, elsewhere)
  await expect(refusal).rejects.toThrow(ConfigError)
  await expect(refusal).rejects.toThrow(`set PUBLIC_URL=${publicUrl}`)
  await expect(keepAddress(db, { publicUrl, handleHost })).resolves.toBeUndefined()
})
