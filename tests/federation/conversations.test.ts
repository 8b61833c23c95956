import { afterAll, beforeAll, expect, it } from 'vitest'
import { post } from '#tests/support/notes.ts'
import { settle, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { copyOf, startTwoServers, type TwoServers } from '#tests/support/two-servers.ts'

let two: TwoServers
beforeAll(async () => {
  two = await startTwoServers()
})
afterAll(async () => {
  await Promise.all([two.here.close(), two.there.close()])
})

type Told = { accounts: { acct: string }[]; last_status: { uri: string } | null; unread: boolean }

async function conversationsOf(server: TestServer, person: TestPerson) {
  const response = await server.fetch('/api/v1/conversations', { as: person })
  const conversations: Told[] = await response.json()
  return conversations.map(({ accounts, last_status, unread }) => ({
    with: accounts.map(({ acct }) => acct),
    last: last_status?.uri,
    unread,
  }))
}

it('people on two servers have one conversation, each on their own', async () => {
  const { here, there, alice, bob } = two
  const first = await post(here, alice, { text: `@${bob.handle} shall we?`, visibility: 'direct' })
  await settle(here, there)
  expect(await conversationsOf(there, bob)).toEqual([
    { with: [alice.handle], last: first.note.uri, unread: true },
  ])
  const copy = await copyOf(there, first.note.uri)
  const answer = await post(there, bob, {
    text: `@${alice.handle} gladly`,
    visibility: 'direct',
    inReplyToId: copy.id,
  })
  await settle(here, there)
  expect(await conversationsOf(here, alice)).toEqual([
    { with: [bob.handle], last: answer.note.uri, unread: true },
  ])
  expect(await conversationsOf(there, bob)).toEqual([
    { with: [alice.handle], last: answer.note.uri, unread: false },
  ])
  await there.fetch(`/api/v1/statuses/${answer.note.id}`, { as: bob, method: 'DELETE' })
  await settle(here, there)
  expect(await conversationsOf(here, alice)).toEqual([
    { with: [bob.handle], last: first.note.uri, unread: true },
  ])
})

it('who is blocked on another server comes into no conversation', async () => {
  const { here, there, alice, bob, aliceThere } = two
  await there.fetch(`/api/v1/accounts/${aliceThere}/block`, { as: bob, method: 'POST' })
  await post(here, alice, { text: `@${bob.handle} hello?`, visibility: 'direct' })
  await settle(here, there)
  expect(await conversationsOf(there, bob)).toEqual([])
})
