import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settle, startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

// The whole story between servers of our own, over HTTP, told through the API that people's apps use.

let here: TestServer
let there: TestServer
let third: TestServer
let alice: TestPerson
let bob: TestPerson
let carol: TestPerson

type Json = Record<string, unknown> & { id: string; uri: string; url: string }

beforeAll(async () => {
  ;[here, there, third] = await Promise.all([startTestServer(), startTestServer(), startTestServer()])
  alice = await here.person('alice')
  bob = await there.person('bob')
  carol = await third.person('carol')
})
afterAll(() => Promise.all([here, there, third].map((server) => server.close())))

async function ask<T = Json>(
  server: TestServer,
  as: TestPerson,
  path: string,
  json?: unknown,
  method?: string,
): Promise<T> {
  const response = await server.fetch(path, {
    as,
    ...(json !== undefined && { json }),
    ...(method && { method }),
  })
  const text = await response.text()
  expect(response.status, `${path}: ${text}`).toBe(200)
  return JSON.parse(text)
}

/** What a server calls something that another server made. */
async function find(
  server: TestServer,
  as: TestPerson,
  kind: 'accounts' | 'statuses',
  q: string,
): Promise<Json> {
  const found = await ask<Record<string, Json[]>>(
    server,
    as,
    `/api/v2/search?resolve=true&q=${encodeURIComponent(q)}`,
  )
  const [first] = found[kind] ?? []
  if (!first) throw new Error(`${q} was not found`)
  return first
}

const follow = async (server: TestServer, follower: TestPerson, followee: TestPerson) => {
  const account = await find(server, follower, 'accounts', `@${followee.handle}`)
  await ask(server, follower, `/api/v1/accounts/${account.id}/follow`, {})
  await settle(here, there, third)
  return account
}

const home = (server: TestServer, as: TestPerson) => ask<Json[]>(server, as, '/api/v1/timelines/home')
const notifications = (server: TestServer, as: TestPerson) => ask<Json[]>(server, as, '/api/v1/notifications')

async function upload(): Promise<string> {
  const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#c33' } })
    .png()
    .toBuffer()
  const form = new FormData()
  form.set('file', new File([new Uint8Array(bytes)], 'red.png', { type: 'image/png' }))
  form.set('description', 'A red field')
  const response = await here.fetch('/api/v2/media', { as: alice, method: 'POST', body: form })
  expect(response.status).toBe(200)
  return (await response.json()).id
}

describe('between three servers', () => {
  it('people find and follow each other by handle', async () => {
    const remoteAlice = await follow(there, bob, alice)
    await follow(third, carol, alice)
    await follow(here, alice, bob)
    const [relationship] = await ask<Json[]>(
      there,
      bob,
      `/api/v1/accounts/relationships?id[]=${remoteAlice.id}`,
    )
    expect(relationship).toMatchObject({ following: true, followed_by: true, requested: false })
    expect(await notifications(here, alice)).toMatchObject([{ type: 'follow' }, { type: 'follow' }])
    const mine = await ask(here, alice, '/api/v1/accounts/verify_credentials')
    expect(mine).toMatchObject({ followers_count: 2, following_count: 1 })
    const instance = await (await here.fetch('/api/v1/instance')).json()
    expect(instance.stats).toMatchObject({ domain_count: 2, user_count: 1 })
  })

  it('a picture arrives with its alt text, size and blurhash, and comes home', async () => {
    const status = { status: 'Red #study', media_ids: [await upload()], language: 'en' }
    const posted = await ask(here, alice, '/api/v1/statuses', status)
    await settle(here, there, third)
    for (const [server, reader] of [
      [there, bob],
      [third, carol],
    ] as const) {
      const [received] = await home(server, reader)
      expect(received).toMatchObject({
        uri: posted.uri,
        url: posted.url,
        visibility: 'public',
        language: 'en',
        account: { acct: alice.handle },
        tags: [{ name: 'study' }],
        media_attachments: [
          { type: 'image', description: 'A red field', meta: { original: { width: 64, height: 48 } } },
        ],
      })
      expect(received?.media_attachments).toMatchObject([{ blurhash: expect.any(String) }])
    }
  })

  it('likes, boosts and replies reach the author, and the thread stands on both sides', async () => {
    const posted = await ask(here, alice, '/api/v1/statuses', { status: 'What do you see?' })
    await settle(here, there, third)
    const seen = await find(there, bob, 'statuses', posted.uri)
    await ask(there, bob, `/api/v1/statuses/${seen.id}/favourite`, {})
    await ask(there, bob, `/api/v1/statuses/${seen.id}/reblog`, {})
    const reply = { status: `@${alice.handle} The sea`, in_reply_to_id: seen.id }
    await ask(there, bob, '/api/v1/statuses', reply)
    await settle(here, there, third)

    expect(
      (await notifications(here, alice))
        .slice(0, 3)
        .map((one) => one.type)
        .sort(),
    ).toEqual(['favourite', 'mention', 'reblog'])
    const counted = await ask(here, alice, `/api/v1/statuses/${posted.id}`)
    expect(counted).toMatchObject({ favourites_count: 1, reblogs_count: 1, replies_count: 1 })
    const thread = await ask<{ descendants: Json[] }>(here, alice, `/api/v1/statuses/${posted.id}/context`)
    expect(thread.descendants).toMatchObject([{ account: { acct: bob.handle }, in_reply_to_id: posted.id }])

    const answer = { status: `@${bob.handle} Yes!`, in_reply_to_id: thread.descendants[0]?.id }
    await ask(here, alice, '/api/v1/statuses', answer)
    await settle(here, there, third)
    const theirs = await ask<{ descendants: Json[] }>(there, bob, `/api/v1/statuses/${seen.id}/context`)
    expect(theirs.descendants).toHaveLength(2)

    await ask(there, bob, `/api/v1/statuses/${seen.id}/unfavourite`, {})
    await ask(there, bob, `/api/v1/statuses/${seen.id}/unreblog`, {})
    await settle(here, there, third)
    expect(await ask(here, alice, `/api/v1/statuses/${posted.id}`)).toMatchObject({
      favourites_count: 0,
      reblogs_count: 0,
    })
  })

  it('a boost carries a note to those who do not follow its author', async () => {
    const dora = await there.person('dora')
    await follow(there, dora, bob)
    const posted = await ask(third, carol, '/api/v1/statuses', { status: 'From a third place' })
    const seen = await find(there, bob, 'statuses', posted.url)
    await ask(there, bob, `/api/v1/statuses/${seen.id}/reblog`, {})
    await settle(here, there, third)
    const [first] = await home(here, alice)
    expect(first).toMatchObject({ account: { acct: bob.handle }, reblog: { uri: posted.uri } })
    expect((await home(there, dora))[0]).toMatchObject({ reblog: { uri: posted.uri } })
  })

  it('an edit is seen, and a deletion too', async () => {
    const posted = await ask(here, alice, '/api/v1/statuses', { status: 'First words' })
    await settle(here, there, third)
    await ask(here, alice, `/api/v1/statuses/${posted.id}`, { status: 'Second words' }, 'PUT')
    await settle(here, there, third)
    const seen = await find(there, bob, 'statuses', posted.uri)
    expect(seen).toMatchObject({ content: '<p>Second words</p>', edited_at: expect.any(String) })
    await ask(here, alice, `/api/v1/statuses/${posted.id}`, undefined, 'DELETE')
    await settle(here, there, third)
    expect((await there.fetch(`/api/v1/statuses/${seen.id}`, { as: bob })).status).toBe(404)
    const gone = await fetch(posted.uri, { headers: { accept: 'application/activity+json' } })
    expect(gone.status).toBe(410)
  })

  it('a note for followers reaches followers only, a direct one its reader only', async () => {
    const stranger = await third.person('stranger')
    const followersOnly = await ask(here, alice, '/api/v1/statuses', {
      status: 'For friends',
      visibility: 'private',
    })
    const direct = await ask(here, alice, '/api/v1/statuses', {
      status: `@${bob.handle} For you`,
      visibility: 'direct',
    })
    await settle(here, there, third)
    expect(await find(third, carol, 'statuses', followersOnly.uri)).toMatchObject({ visibility: 'private' })
    expect(await find(there, bob, 'statuses', direct.uri)).toMatchObject({ visibility: 'direct' })
    await expect(find(third, stranger, 'statuses', followersOnly.uri)).rejects.toThrow('not found')
    await expect(find(third, carol, 'statuses', direct.uri)).rejects.toThrow('not found')
    for (const { uri } of [followersOnly, direct]) {
      const unsigned = await fetch(uri, { headers: { accept: 'application/activity+json' } })
      expect(unsigned.status).toBe(404)
    }
  })

  it('a locked account is asked, and says yes or no', async () => {
    const erin = await here.person('erin')
    await ask(here, erin, '/api/v1/accounts/update_credentials', { locked: true }, 'PATCH')
    const seen = await follow(there, bob, erin)
    const relation = async () =>
      (await ask<Json[]>(there, bob, `/api/v1/accounts/relationships?id[]=${seen.id}`))[0]
    expect(await relation()).toMatchObject({ following: false, requested: true })
    const [request] = await ask<Json[]>(here, erin, '/api/v1/follow_requests')
    await ask(here, erin, `/api/v1/follow_requests/${request?.id}/authorize`, {})
    await settle(here, there, third)
    expect(await relation()).toMatchObject({ following: true, requested: false })
  })

  it('a changed profile is seen elsewhere', async () => {
    await ask(
      here,
      alice,
      '/api/v1/accounts/update_credentials',
      { display_name: 'Alice the painter' },
      'PATCH',
    )
    await settle(here, there, third)
    expect(await find(there, bob, 'accounts', `@${alice.handle}`)).toMatchObject({
      display_name: 'Alice the painter',
    })
  })

  it('unfollowing ends what comes', async () => {
    const seen = await find(third, carol, 'accounts', `@${alice.handle}`)
    await ask(third, carol, `/api/v1/accounts/${seen.id}/unfollow`, {})
    await settle(here, there, third)
    await ask(here, alice, '/api/v1/statuses', { status: 'Where did you go?' })
    await settle(here, there, third)
    expect(await home(third, carol)).not.toContainEqual(
      expect.objectContaining({ content: '<p>Where did you go?</p>' }),
    )
    expect(await ask(here, alice, '/api/v1/accounts/verify_credentials')).toMatchObject({
      followers_count: 1,
    })
  })
})
