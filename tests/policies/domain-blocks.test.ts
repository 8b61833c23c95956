import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAddressBlocked, isDomainBlocked } from '#src/policies/domain-blocks.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  const domains = ['bad.example', 'xn--bcher-kva.example', '192.0.2.7', '[2001:db8::7]']
  await database.db
    .insertInto('domain_blocks')
    .values(domains.map((domain) => ({ domain })))
    .execute()
})
afterAll(() => database.destroy())

describe('a blocked domain', () => {
  it.each([
    'bad.example',
    'BAD.Example',
    'bad.example.',
    'bad.example:8443',
    'a.bad.example',
    'a.b.BAD.example.:444',
    'ｂａｄ.example',
    'bad。example',
    'ba\u00add.example',
    '%62ad.example',
    'bücher.example',
    'BÜCHER.example',
    'bu\u0308cher.example',
    'shop.xn--bcher-kva.example',
    'XN--BCHER-KVA.EXAMPLE',
    '192.0.2.7',
    '0xc0000207',
    '3221225991',
    '192.0.519',
    '[2001:0db8:0:0::7]',
  ])('is blocked as %j', async (domain) => {
    expect(await isDomainBlocked(database.db, domain)).toBe(true)
    expect(await isAddressBlocked(database.db, `https://${domain}/users/1#main-key`)).toBe(true)
    expect(await isAddressBlocked(database.db, `HTTP://user:word@${domain}/users/1`)).toBe(true)
  })

  it.each([
    'good.example',
    'notbad.example',
    'bad.example.org',
    'example',
    '192.0.2.77',
    'bad-example.example',
  ])('leaves %j alone', async (domain) => {
    expect(await isDomainBlocked(database.db, domain)).toBe(false)
    expect(await isAddressBlocked(database.db, `https://${domain}/users/bad.example`)).toBe(false)
  })

  it.each(['', 'https://', 'no address', 'https://[1', '/users/1'])(
    'is what %j is taken for',
    async (address) => {
      expect(await isAddressBlocked(database.db, address)).toBe(true)
    },
  )
})
