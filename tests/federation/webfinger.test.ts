import { afterAll, beforeAll, expect, test } from 'vitest'
import { findInstanceActor } from '#src/db/instance-actor.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
beforeAll(async () => {
  server = await startTestServer({ HANDLE_HOST: 'paint.example' })
  alice = await server.person('alice')
})
afterAll(() => server.close())

const ask = (resource: string) =>
  fetch(`${server.url}/.well-known/webfinger?resource=${encodeURIComponent(resource)}`)

test('every way of naming a person leads to one handle, on the domain of handles', async () => {
  const host = new URL(server.url).host
  const names = [
    'acct:alice@paint.example',
    'acct:ALICE@Paint.Example',
    'acct:@alice@paint.example',
    'alice@paint.example',
    `acct:alice@${host}`,
    alice.account.uri,
    `${server.url}/@alice`,
  ]
  for (const name of names) {
    const response = await ask(name)
    expect(response.status, name).toBe(200)
    expect(await response.json()).toMatchObject({ subject: 'acct:alice@paint.example' })
  }
})

test('the answer names the actor, the page and the way to subscribe, to any origin', async () => {
  const response = await ask('acct:alice@paint.example')
  expect(response.headers.get('content-type')).toBe('application/jrd+json')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(await response.json()).toEqual({
    subject: 'acct:alice@paint.example',
    aliases: [`${server.url}/@alice`, alice.account.uri],
    links: [
      {
        rel: 'http://webfinger.net/rel/profile-page',
        type: 'text/html',
        href: `${server.url}/@alice`,
      },
      { rel: 'self', type: 'application/activity+json', href: alice.account.uri },
      {
        rel: 'http://ostatus.org/schema/1.0/subscribe',
        template: `${server.url}/authorize_interaction?uri={uri}`,
      },
      ...['Follow', 'Like', 'Announce', 'Object'].map((name) => ({
        rel: `https://w3id.org/fep/3b86/${name}`,
        template: `${server.url}/authorize_interaction?uri={object}`,
      })),
      {
        rel: 'https://w3id.org/fep/3b86/Create',
        template: `${server.url}/compose?text={content}&summary={summary}&in_reply_to={inReplyTo}`,
      },
    ],
  })
})

test('the server’s own actor is found by the server’s address', async () => {
  const answer = await (await ask(`${server.url}/`)).json()
  const actor = await findInstanceActor(server.app.db)
  expect(answer.links).toContainEqual({
    rel: 'https://www.w3.org/ns/activitystreams#Service',
    type: 'application/activity+json',
    href: actor?.uri,
  })
  expect(JSON.stringify(answer)).not.toContain('fep/3b86')
})

test('the actor says the handle that WebFinger says', async () => {
  const actor = await fetch(alice.account.uri, { headers: { accept: 'application/activity+json' } })
  expect(await actor.json()).toMatchObject({ preferredUsername: 'alice', webfinger: 'alice@paint.example' })
})

test('a missing resource is a bad request, an unknown one is not found, a deleted one is gone', async () => {
  expect((await fetch(`${server.url}/.well-known/webfinger`)).status).toBe(400)
  const unknown = [
    'acct:bob@paint.example',
    'acct:alice@elsewhere.example',
    'acct:',
    'nonsense',
    `${server.url}/@bob`,
    `${alice.account.uri}/inbox`,
    `${server.url}/@%E0%A4%A`,
    `${server.url}/@%00`,
    'acct:\0@paint.example',
    'acct:%00@paint.example',
  ]
  for (const resource of unknown) expect((await ask(resource)).status, resource).toBe(404)
  const dora = await server.person('dora')
  await server.app.db
    .updateTable('accounts')
    .set({ deleted_at: new Date() })
    .where('id', '=', dora.accountId)
    .execute()
  expect((await ask('acct:dora@paint.example')).status).toBe(410)
})
