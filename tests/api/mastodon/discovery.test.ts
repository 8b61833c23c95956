import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, idsOf } from './client.ts'

let server: TestServer
let client: Client
let people: Record<string, TestPerson>

const names = ['alice', 'bob', 'carol', 'dave', 'eve', 'frank']
const person = (name: string): TestPerson => {
  const found = people[name]
  if (!found) throw new Error(`There is no ${name}`)
  return found
}
const at = (name: string, deed: string) => `/api/v1/accounts/${person(name).accountId}/${deed}`
const follow = (follower: string, followee: string) => client.post(at(followee, 'follow'), person(follower))
const namesOf = (accounts: { username: string }[]) => accounts.map(({ username }) => username)

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  people = {}
  for (const name of names) people[name] = await server.person(name)
})
afterAll(() => server.close())

describe('the directory', () => {
  const directory = async (query = '', as?: TestPerson) =>
    namesOf(await client.get(`/api/v1/directory${query}`, as))

  it('has who wrote last first, then who came last, and pages by offset', async () => {
    await post(server, person('carol'), { text: 'first' })
    await post(server, person('bob'), { text: 'last' })
    expect(await directory()).toEqual(['bob', 'carol', 'frank', 'eve', 'dave', 'alice'])
    expect(await directory('?limit=2&offset=1')).toEqual(['carol', 'frank'])
    expect(await directory('?offset=6')).toEqual([])
    expect(await directory('?limit=-1&offset=junk')).toEqual(['bob'])
  })

  it('has the newest first where that is asked for, also of here alone', async () => {
    await server.app.db
      .insertInto('accounts')
      .values({
        username: 'zoe',
        domain: 'there.example',
        uri: 'https://there.example/zoe',
        url: 'https://there.example/zoe',
        inbox_uri: 'https://there.example/zoe/inbox',
      })
      .execute()
    expect(await directory('?order=new')).toEqual(['zoe', 'frank', 'eve', 'dave', 'carol', 'bob', 'alice'])
    expect(await directory('?order=new&local=true')).toEqual([...names].reverse())
    expect(await directory('?local=true')).toEqual(['bob', 'carol', 'frank', 'eve', 'dave', 'alice'])
  })

  it('has nobody who does not want to be found, and nobody a reader refuses', async () => {
    await client.call('/api/v1/accounts/update_credentials', {
      as: person('eve'),
      json: { discoverable: false },
      method: 'PATCH',
    })
    await client.post(at('dave', 'mute'), person('alice'))
    await client.post(at('alice', 'block'), person('carol'))
    expect(await directory('?local=true')).toEqual(['bob', 'carol', 'frank', 'dave', 'alice'])
    expect(await directory('?local=true', person('alice'))).toEqual(['bob', 'frank', 'alice'])
    await client.post(at('dave', 'unmute'), person('alice'))
    await client.post(at('alice', 'unblock'), person('carol'))
  })
})

describe('suggestions', () => {
  const suggested = () => client.get('/api/v2/suggestions', person('alice'))

  it('are whom those one follows follow, then whom many follow here, and say why', async () => {
    await follow('alice', 'bob')
    await follow('bob', 'carol')
    await follow('carol', 'frank')
    await follow('dave', 'frank')
    await follow('bob', 'eve')
    const suggestions = await suggested()
    expect(suggestions).toMatchObject([
      {
        account: { username: 'carol' },
        sources: ['friends_of_friends', 'most_followed'],
        source: 'past_interactions',
      },
      { account: { username: 'frank' }, sources: ['most_followed'], source: 'global' },
    ])
    expect(suggestions).toHaveLength(2)
    const plain = await client.get('/api/v1/suggestions', person('alice'))
    expect(plain).toEqual(suggestions.map((one: { account: unknown }) => one.account))
    expect(await client.get('/api/v2/suggestions?limit=1', person('alice'))).toHaveLength(1)
  })

  it.each([
    ['followed', 'follow', 'unfollow'],
    ['blocked', 'block', 'unblock'],
    ['muted', 'mute', 'unmute'],
  ])('have nobody who is %s', async (_, deed, undo) => {
    await client.post(at('frank', deed), person('alice'))
    expect(namesOf((await suggested()).map((one: { account: unknown }) => one.account))).toEqual(['carol'])
    await client.post(at('frank', undo), person('alice'))
    expect(await suggested()).toHaveLength(2)
  })

  it('have nobody who blocks the reader', async () => {
    await client.post(at('alice', 'block'), person('frank'))
    expect(await suggested()).toHaveLength(1)
    await client.post(at('alice', 'unblock'), person('frank'))
    expect(await suggested()).toHaveLength(2)
  })

  it('do not bring back who was dismissed', async () => {
    const dismiss = (id: string) =>
      client.call(`/api/v1/suggestions/${id}`, { as: person('alice'), method: 'DELETE' })
    const response = await dismiss(person('carol').accountId)
    expect([response.status, await response.json()]).toEqual([200, {}])
    expect((await dismiss(person('carol').accountId)).status).toBe(200)
    expect((await dismiss('1')).status).toBe(200)
    expect((await dismiss('junk')).status).toBe(404)
    expect(namesOf((await suggested()).map((one: { account: unknown }) => one.account))).toEqual(['frank'])
    const others = await client.get('/api/v1/suggestions', person('dave'))
    expect(namesOf(others)).toContain('carol')
  })
})

describe('followers one knows', () => {
  it('are whom one follows who follow another, of each in the order asked for', async () => {
    await follow('alice', 'dave')
    const path = `/api/v1/accounts/familiar_followers?id[]=${person('frank').accountId}&id[]=1&id[]=${person('carol').accountId}`
    const familiar = await client.get(path, person('alice'))
    expect(idsOf(familiar)).toEqual([person('frank').accountId, person('carol').accountId])
    expect(familiar.map((one: { accounts: { username: string }[] }) => namesOf(one.accounts))).toEqual([
      ['dave'],
      ['bob'],
    ])
    expect(await client.get('/api/v1/accounts/familiar_followers', person('alice'))).toEqual([])
  })
})

describe('a search for people', () => {
  it('can be among those one follows', async () => {
    const search = (query: string) => client.get(`/api/v1/accounts/search?q=${query}`, person('alice'))
    expect(namesOf(await search('frank'))).toEqual(['frank'])
    expect(await search('frank&following=true')).toEqual([])
    expect(namesOf(await search('dav&following=1'))).toEqual(['dave'])
    expect(await search('dave&following=1&offset=1')).toEqual([])
  })
})

it('an account is asked for proofs that are kept nowhere any more', async () => {
  expect(await client.get(at('bob', 'identity_proofs'), person('alice'))).toEqual([])
  expect(await client.status('/api/v1/accounts/1/identity_proofs', { as: person('alice') })).toBe(404)
})
