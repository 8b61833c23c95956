import { afterAll, beforeAll, expect, it } from 'vitest'
import { keysNoticedWithinMs, rotateKeys } from '#src/accounts/keys.ts'
import { post } from '#tests/support/notes.ts'
import { settle, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { startTwoServers } from '#tests/support/two-servers.ts'

let here: TestServer
let there: TestServer
let alice: TestPerson

beforeAll(async () => {
  ;({ here, there, alice } = await startTwoServers())
})
afterAll(() => Promise.all([here.close(), there.close()]))

async function actor() {
  const response = await fetch(alice.account.uri, { headers: { accept: 'application/activity+json' } })
  return { etag: response.headers.get('etag'), document: await response.json() }
}

async function arrives(text: string): Promise<boolean> {
  const { note } = await post(here, alice, { text })
  await settle(here, there)
  const copies = await there.app.db.selectFrom('notes').select('id').where('uri', '=', note.uri).execute()
  return copies.length === 1
}

it('new keys are used and shown within a minute, under their old ids, and peers take them', async () => {
  expect(await arrives('before')).toBe(true)
  const before = await actor()
  await rotateKeys(here.app, alice.account)
  expect(await arrives('meanwhile')).toBe(true)
  here.clock.advance(keysNoticedWithinMs + 1_000)
  const after = await actor()
  expect(after.etag).not.toBe(before.etag)
  expect(after.document.publicKey.id).toBe(before.document.publicKey.id)
  expect(after.document.publicKey.publicKeyPem).not.toBe(before.document.publicKey.publicKeyPem)
  expect(after.document.assertionMethod[0].id).toBe(before.document.assertionMethod[0].id)
  expect(after.document.assertionMethod[0].publicKeyMultibase).not.toBe(
    before.document.assertionMethod[0].publicKeyMultibase,
  )
  expect(await arrives('after')).toBe(true)
  here.clock.advance(2 * keysNoticedWithinMs)
  await settle(here, there)
  const dead = await here.app.db.selectFrom('dead_jobs').selectAll().execute()
  expect(dead).toEqual([])
  expect(await arrives('long after')).toBe(true)
})
