import { createPublicKey } from 'node:crypto'
import { lookupObject, Person } from '@fedify/vocab'
import { getDocumentLoader } from '@fedify/vocab-runtime'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addAlias } from '#src/accounts/aliases.ts'
import { updateProfile } from '#src/accounts/profile.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
})
afterAll(() => server.close())

const accept = 'application/activity+json'

async function actorOf(person: TestPerson): Promise<Record<string, unknown>> {
  const response = await fetch(person.account.uri, { headers: { accept } })
  expect(response.status).toBe(200)
  return JSON.parse(await response.text())
}

test('an actor has every property that Mastodon reads, empty rather than absent', async () => {
  const { uri } = alice.account
  const actor = await actorOf(alice)
  expect(actor).toMatchObject({
    id: uri,
    type: 'Person',
    preferredUsername: 'alice',
    name: 'alice',
    summary: '',
    url: `${server.url}/@alice`,
    inbox: `${uri}/inbox`,
    outbox: `${uri}/outbox`,
    followers: `${uri}/followers`,
    following: `${uri}/following`,
    featured: `${uri}/featured`,
    featuredTags: `${uri}/featured-tags`,
    manuallyApprovesFollowers: false,
    discoverable: expect.any(Boolean),
    indexable: false,
    published: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    endpoints: { sharedInbox: `${server.url}/ap/inbox` },
    attachment: [],
    tag: [],
    alsoKnownAs: [],
    generator: {
      type: 'Application',
      implements: expect.arrayContaining([
        expect.objectContaining({ href: 'https://datatracker.ietf.org/doc/html/rfc9421' }),
      ]),
    },
    webfinger: `alice@${server.app.handleHost}`,
    publicKey: { id: `${uri}#main-key`, owner: uri },
    assertionMethod: [{ id: `${uri}#ed25519-key`, type: 'Multikey', controller: uri }],
  })
})

test('its kind, pictures, fields, aliases and successor are in it once there are any', async () => {
  const frida = await server.person('frida')
  await updateProfile(server.app, frida.accountId, {
    isBot: true,
    isLocked: true,
    isDiscoverable: true,
    isIndexable: true,
    bio: 'Paints',
    fields: [
      { name: 'Site', value: 'https://carol.example/?a=1&b=2' },
      { name: 'Pronouns', value: 'she <3' },
    ],
    avatar: await softPicture(64, 64).png().toBuffer(),
    header: await softPicture(64, 32).png().toBuffer(),
  })
  await addAlias(server.app, frida.accountId, { id: alice.accountId, uri: alice.account.uri })
  await server.app.db
    .updateTable('accounts')
    .set({ moved_to_uri: alice.account.uri, updated_at: sql`now()` })
    .where('id', '=', frida.accountId)
    .execute()
  expect(await actorOf(frida)).toMatchObject({
    type: 'Service',
    summary: '<p>Paints</p>',
    manuallyApprovesFollowers: true,
    discoverable: true,
    indexable: true,
    icon: { type: 'Image', mediaType: expect.stringMatching(/^image\//), url: expect.any(String) },
    image: { type: 'Image', mediaType: expect.stringMatching(/^image\//), url: expect.any(String) },
    attachment: [
      {
        type: 'PropertyValue',
        name: 'Site',
        value: expect.stringMatching(/^<a href="https:\/\/carol\.example\/\?a=1&amp;b=2" rel="me /),
      },
      { type: 'PropertyValue', name: 'Pronouns', value: 'she &lt;3' },
    ],
    alsoKnownAs: [alice.account.uri],
    movedTo: alice.account.uri,
  })
  expect(await actorOf(alice)).not.toHaveProperty('movedTo')
})

test('its RSA key has 2048 bits', async () => {
  const actor: { publicKey?: { publicKeyPem: string } } = await actorOf(alice)
  const key = createPublicKey(actor.publicKey?.publicKeyPem ?? '')
  expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048)
})

test('an implementation of ActivityPub reads it', async () => {
  const loaders = { documentLoader: getDocumentLoader({ allowPrivateAddress: true }) }
  const actor = await lookupObject(alice.account.uri, loaders)
  expect(actor).toBeInstanceOf(Person)
  if (!(actor instanceof Person)) return
  expect(actor.inboxId?.href).toBe(`${alice.account.uri}/inbox`)
  expect((await actor.getPublicKey(loaders))?.publicKey).toBeDefined()
  const [multikey] = await Array.fromAsync(actor.getAssertionMethods(loaders))
  expect(multikey?.publicKey?.algorithm.name).toBe('Ed25519')
})

test('an actor is told from its cached bytes until it changes', async () => {
  const first = await fetch(alice.account.uri, { headers: { accept } })
  const etag = first.headers.get('etag') ?? ''
  expect(first.headers.get('content-type')).toBe(accept)
  expect(first.headers.get('vary')).toContain('Accept')
  const unchanged = await fetch(alice.account.uri, { headers: { accept, 'if-none-match': etag } })
  expect(unchanged.status).toBe(304)
  await server.app.db
    .updateTable('accounts')
    .set({ name: 'Alice', updated_at: sql`now()` })
    .where('id', '=', alice.accountId)
    .execute()
  const changed = await fetch(alice.account.uri, { headers: { accept, 'if-none-match': etag } })
  expect(changed.status).toBe(200)
  expect(await changed.json()).toMatchObject({ name: 'Alice' })
})

test('a profile page shows the document to who asks for it, and the page to a browser', async () => {
  const page = `${server.url}/@alice`
  const document = await fetch(page, {
    headers: {
      accept: `application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.5`,
    },
  })
  expect(document.headers.get('content-type')).toBe(accept)
  expect(document.headers.get('vary')).toContain('Accept')
  expect(await document.json()).toMatchObject({ id: alice.account.uri })
  const html = await fetch(page, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
  expect(html.headers.get('content-type')).toContain('text/html')
})

test('the server itself is an actor, found by its handle and by its address', async () => {
  const { handleHost } = server.app
  const name = handleHost.replace(/:\d+$/, '')
  for (const resource of [`acct:${name}@${handleHost}`, server.url]) {
    const found = await fetch(`${server.url}/.well-known/webfinger?resource=${encodeURIComponent(resource)}`)
    const { links }: { links: { rel: string; href: string }[] } = JSON.parse(await found.text())
    const self = links.find(({ rel }) => rel === 'self')?.href ?? ''
    const actor = await fetch(self, { headers: { accept } })
    expect(await actor.json()).toMatchObject({
      type: 'Application',
      preferredUsername: name,
      publicKey: { id: `${self}#main-key` },
    })
  }
})

test('fields, pictures and the kind of account are told', async () => {
  const bot = await server.person('robot')
  await server.app.db
    .updateTable('accounts')
    .set({
      kind: 'Service',
      bio_html: '<p>I paint</p>',
      fields: JSON.stringify([
        { name: 'Site', value: 'https://example.com/?a=1&b=2', verifiedAt: null },
        { name: 'Motto', value: '<b>paint</b>', verifiedAt: null },
      ]),
      avatar_key: 'ab/cd/00112233445566778899aabbccddeeff.webp',
    })
    .where('id', '=', bot.accountId)
    .execute()
  const link = 'https://example.com/?a=1&amp;b=2'
  expect(await actorOf(bot)).toMatchObject({
    type: 'Service',
    summary: '<p>I paint</p>',
    icon: { type: 'Image', mediaType: 'image/webp', url: expect.stringContaining('.webp') },
    attachment: [
      {
        type: 'PropertyValue',
        name: 'Site',
        value: `<a href="${link}" rel="me nofollow noopener noreferrer" target="_blank">${link}</a>`,
      },
      { type: 'PropertyValue', name: 'Motto', value: '&lt;b&gt;paint&lt;/b&gt;' },
    ],
  })
})

test('a deleted actor is gone, a suspended and an unknown one are not there', async () => {
  const carol = await server.person('carol')
  const status = async (path: string) => (await fetch(`${server.url}${path}`, { headers: { accept } })).status
  await server.app.db
    .updateTable('accounts')
    .set({ suspended_at: new Date() })
    .where('id', '=', carol.accountId)
    .execute()
  expect(await status(`/ap/users/${carol.accountId}`)).toBe(404)
  await server.app.db
    .updateTable('accounts')
    .set({ suspended_at: null, deleted_at: new Date() })
    .where('id', '=', carol.accountId)
    .execute()
  const gone = await fetch(carol.account.uri, { headers: { accept } })
  expect(gone.status).toBe(410)
  expect(await gone.json()).toMatchObject({ id: carol.account.uri, type: 'Tombstone' })
  expect(await status('/ap/users/999999')).toBe(404)
  expect(await status('/ap/users/99999999999999999999999')).toBe(404)
  expect(await status('/ap/users/alice')).toBe(404)
  expect(await status('/ap/nonsense')).toBe(404)
})
