import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, idsOf } from './client.ts'

let here: TestServer
let there: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson
let carol: TestPerson

beforeAll(async () => {
  ;[here, there] = await Promise.all([startTestServer(), startTestServer()])
  client = clientOf(here)
  ;[alice, bob, carol] = await Promise.all([here.person('alice'), here.person('bob'), there.person('carol')])
})
afterAll(() => Promise.all([here.close(), there.close()]))

const search = (q: string, as?: TestPerson, more = '') =>
  client.get(`/api/v2/search?q=${encodeURIComponent(q)}${more}`, as)

it('finds people by name, handle and address', async () => {
  for (const q of [
    'ali',
    'alice',
    '@alice',
    alice.handle,
    `@${alice.handle}`,
    `${here.url}/@alice`,
    alice.account.uri,
  ]) {
    expect(idsOf((await search(q, bob)).accounts)).toEqual([alice.accountId])
  }
  expect(await search('', bob)).toEqual({ accounts: [], statuses: [], hashtags: [] })
  expect(await search('%', bob)).toMatchObject({ accounts: [] })
})

it('finds notes by their address, as far as one may see them', async () => {
  const shown = await client.post('/api/v1/statuses', alice, { status: 'shown' })
  const hidden = await client.post('/api/v1/statuses', alice, { status: 'hidden', visibility: 'private' })
  for (const address of [shown.url, shown.uri]) {
    expect(idsOf((await search(String(address), bob)).statuses)).toEqual([shown.id])
  }
  expect(await search(String(hidden.url), bob, '&resolve=true')).toMatchObject({ statuses: [] })
  expect(idsOf((await search(String(hidden.url), alice)).statuses)).toEqual([hidden.id])
})

it('finds hashtags by their beginning', async () => {
  await client.post('/api/v1/statuses', alice, { status: '#Aquarelle and #Aquarium' })
  for (const q of ['#aqua', 'AQUA']) {
    const { hashtags } = await search(q, bob)
    expect(hashtags.map(({ name }: { name: string }) => name)).toEqual(['aquarium', 'aquarelle'])
  }
})

it('keeps to the type that is asked for', async () => {
  await client.post('/api/v1/statuses', alice, { status: '#alicetag' })
  expect(await search('alice', bob, '&type=hashtags')).toMatchObject({
    accounts: [],
    hashtags: [{ name: 'alicetag' }],
  })
  expect(await search('alice', bob, '&type=accounts')).toMatchObject({
    accounts: [{ acct: 'alice' }],
    hashtags: [],
  })
})

it('asks other servers for people and notes when told to', async () => {
  const far = clientOf(there)
  const status = await far.post('/api/v1/statuses', carol, { status: 'from afar' })
  expect(await search(`@${carol.handle}`, alice)).toMatchObject({ accounts: [] })
  const found = await search(`@${carol.handle}`, alice, '&resolve=true')
  expect(found.accounts).toMatchObject([{ acct: carol.handle, uri: carol.account.uri }])
  const byUrl = await search(`${there.url}/@carol`, alice, '&resolve=true')
  expect(byUrl.accounts).toMatchObject([{ acct: carol.handle }])
  const note = await search(String(status.uri), alice, '&resolve=true')
  expect(note.statuses).toMatchObject([{ uri: status.uri, content: '<p>from afar</p>' }])
  expect(await search('nobody@nowhere.invalid', alice, '&resolve=true')).toMatchObject({ accounts: [] })
})

it('makes no stranger ask other servers', async () => {
  expect((await search('ali')).accounts).toHaveLength(1)
  expect(await client.status('/api/v2/search?q=x@example.com&resolve=true')).toBe(401)
  expect(await client.status('/api/v2/search?q=x&offset=20')).toBe(401)
})
