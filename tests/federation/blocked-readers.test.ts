import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAccountByUri } from '#src/db/accounts.ts'
import { blockAccount, unblockAccount } from '#src/relationships/block.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let foreign: ForeignServer
let alice: TestPerson
let bob: ForeignActor
let carol: ForeignActor
beforeAll(async () => {
  server = await startTestServer()
  foreign = await startForeignServer()
  alice = await server.person('alice')
  ;[bob, carol] = [foreign.addActor('bob'), foreign.addActor('carol')]
  await Promise.all([bob, carol].map((actor) => server.app.lookup.account(actor.uri)))
})
afterAll(async () => {
  await server.close()
  await foreign.close()
})

const document = 'application/activity+json'
const block = (domain: string) =>
  server.app.db
    .insertInto('domain_blocks')
    .values({ domain })
    .onConflict((c) => c.doNothing())
    .execute()
const unblock = () => server.app.db.deleteFrom('domain_blocks').execute()

describe('a blocked server', () => {
  async function paths(): Promise<string[]> {
    const { note } = await post(server, alice)
    const actor = new URL(alice.account.uri).pathname
    const own = new URL(note.uri).pathname
    return [
      ...[
        actor,
        `${actor}/outbox?page=true`,
        `${actor}/followers`,
        `${actor}/following`,
        `${actor}/featured`,
      ],
      ...[own, `${own}/activity`, `${own}/replies`, `${own}/likes`, `/@alice`, `/@alice/${note.id}`],
      ...['/.well-known/webfinger?resource=acct:alice@here', '/.well-known/nodeinfo', '/nodeinfo/2.1'],
    ]
  }

  it('gets nothing whatever it asks for, signed by its actors', async () => {
    const asked = await paths()
    const answers = async () =>
      Promise.all(asked.map(async (path) => (await bob.get(`${server.url}${path}`)).status))
    expect(await answers()).not.toContain(403)
    await block(new URL(foreign.url).hostname)
    expect(new Set(await answers())).toEqual(new Set([403]))
    await unblock()
    expect(await answers()).not.toContain(403)
  })

  it.each([
    ['as it is', 'https://bad.example/u/1#main-key'],
    ['in capitals', 'https://BAD.Example/u/1#main-key'],
    ['with a final dot', 'https://bad.example./u/1#main-key'],
    ['with a port', 'https://bad.example:8443/u/1#main-key'],
    ['as a subdomain', 'https://social.bad.example/u/1#main-key'],
    ['with percent signs', 'https://%62ad.example/u/1#main-key'],
    ['in Punycode', 'https://xn--bcher-kva.example/u/1#main-key'],
    ['in Latin-1', 'https://bücher.example/u/1#main-key'],
    ['with credentials', 'https://good.example@bad.example/u/1#main-key'],
  ])('gets nothing, its name written %s', async (_name, keyId) => {
    await block('bad.example')
    await block('xn--bcher-kva.example')
    const uri = new URL(alice.account.uri)
    const header = `keyId="${keyId}",headers="(request-target) host date",signature="AAAA"`
    const ask = (signature: string) =>
      server.fetch(uri.pathname, { headers: { accept: document, signature } })
    expect((await ask(header)).status).toBe(403)
    const modern = {
      accept: document,
      signature: 'sig1=:AAAA:',
      'signature-input': `sig1=("@method");keyid="${keyId}"`,
    }
    expect((await server.fetch(uri.pathname, { headers: modern })).status).toBe(403)
    expect((await ask('keyId="https://notbad.example/u/1#main-key",signature="AAAA"')).status).toBe(200)
    expect((await server.fetch(uri.pathname, { headers: { accept: document } })).status).toBe(200)
    await unblock()
  })
})

describe('a blocked person', () => {
  it('of another server cannot fetch the note, though others there can', async () => {
    const { note } = await post(server, alice)
    const account = await findAccountByUri(server.app.db, bob.uri)
    await blockAccount(server.app, alice.accountId, account?.id ?? '0')
    for (const uri of [note.uri, `${note.uri}/activity`]) {
      expect((await bob.get(uri)).status).toBe(404)
      expect((await carol.get(uri)).status).toBe(200)
      // Nobody finds out by pretending.
      const pretended = { accept: document, signature: `keyId="${bob.keyId}",signature="AAAA"` }
      expect((await fetch(uri, { headers: pretended })).status).toBe(200)
    }
    await unblockAccount(server.app, alice.accountId, account?.id ?? '0')
    expect((await bob.get(note.uri)).status).toBe(200)
  })
})
