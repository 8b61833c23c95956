import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, idsOf, linksOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
})
afterAll(() => server.close())

const accounts = '/api/v1/accounts'

describe('oneself', () => {
  it('is told with what only oneself may know', async () => {
    const me = await client.get(`${accounts}/verify_credentials`, alice)
    expect(me).toMatchObject({
      id: alice.accountId,
      username: 'alice',
      acct: 'alice',
      source: { privacy: 'public', note: '', follow_requests_count: 0 },
      role: { name: '' },
    })
    expect(await client.get(`${accounts}/${alice.accountId}`)).not.toHaveProperty('source')
  })

  it('has a default picture that is really there', async () => {
    const me = await client.get(`${accounts}/verify_credentials`, alice)
    for (const address of [me.avatar, me.header]) {
      const response = await fetch(String(address))
      expect(response.headers.get('content-type')).toBe('image/png')
      expect(
        Buffer.from(await response.arrayBuffer())
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG')
    }
  })

  it('changes name, bio, fields and pictures in one form', async () => {
    const body = new FormData()
    body.set('display_name', 'Alice <3')
    body.set('note', 'I paint with @bob & friends')
    body.set('fields_attributes[0][name]', 'Home')
    body.set('fields_attributes[0][value]', 'https://alice.example/')
    body.set('fields_attributes[1][name]', '')
    body.set('fields_attributes[1][value]', '')
    body.set('locked', 'true')
    body.set('bot', 'true')
    body.set('discoverable', 'false')
    body.set('source[privacy]', 'unlisted')
    body.set('avatar', new Blob([new Uint8Array(await softPicture(300, 300).png().toBuffer())]), 'me.png')
    const response = await server.fetch(`${accounts}/update_credentials`, {
      as: alice,
      method: 'PATCH',
      body,
    })
    const me = await response.json()
    expect(me).toMatchObject({
      display_name: 'Alice <3',
      locked: true,
      bot: true,
      discoverable: false,
      source: { note: 'I paint with @bob & friends', privacy: 'unlisted', fields: [{ name: 'Home' }] },
    })
    expect(me.note).toContain(`href="${server.url}/@bob"`)
    expect(me.note).toContain('&amp; friends')
    expect(me.fields).toHaveLength(1)
    expect(me.fields[0].value).toContain('<a href="https://alice.example/" rel="me')
    expect((await fetch(me.avatar)).status).toBe(200)
    const changed = await client.call(`${accounts}/update_credentials`, {
      as: alice,
      json: { locked: false, bot: false },
      method: 'PATCH',
    })
    expect(await changed.json()).toMatchObject({ locked: false, bot: false, display_name: 'Alice <3' })
  })

  it('is refused what is too long or no picture', async () => {
    const refused = [
      { display_name: 'x'.repeat(31) },
      { note: 'x'.repeat(501) },
      { fields_attributes: Array.from({ length: 5 }, () => ({ name: 'a', value: 'b' })) },
      { fields_attributes: [{ name: 'a', value: 'x'.repeat(256) }] },
      { source: { privacy: 'nonsense' } },
      { fields_attributes: 'junk' },
    ]
    for (const json of refused) {
      expect(
        await client.status(`${accounts}/update_credentials`, { as: alice, json, method: 'PATCH' }),
      ).toBe(422)
    }
    const body = new FormData()
    body.set(
      'avatar',
      new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/png' }),
      'x.png',
    )
    const response = await server.fetch(`${accounts}/update_credentials`, {
      as: alice,
      method: 'PATCH',
      body,
    })
    expect(response.status).toBe(422)
  })
})

describe('others', () => {
  it('are found by id, by handle and by the beginning of a name', async () => {
    expect((await client.get(`${accounts}/${bob.accountId}`)).username).toBe('bob')
    for (const acct of ['bob', '@bob', 'BOB', bob.handle, `@${bob.handle}`]) {
      expect((await client.get(`${accounts}/lookup?acct=${encodeURIComponent(acct)}`)).id).toBe(bob.accountId)
    }
    for (const acct of ['nobody', 'bob@elsewhere.example', '', '@@', 'a b']) {
      expect(await client.status(`${accounts}/lookup?acct=${encodeURIComponent(acct)}`)).toBe(404)
    }
    expect(idsOf(await client.get(`${accounts}/search?q=bo`, alice))).toEqual([bob.accountId])
    expect(idsOf(await client.get(`${accounts}/search?q=${bob.handle}`, alice))).toEqual([bob.accountId])
    expect(idsOf(await client.get(`${accounts}?id[]=${bob.accountId}&id[]=1&id[]=x`))).toEqual([
      bob.accountId,
    ])
    expect(await client.status(`${accounts}/1`)).toBe(404)
    expect(await client.status(`${accounts}/bob`)).toBe(404)
  })

  it('show their notes through every filter', async () => {
    const carol = await server.person('carol')
    const post = (json: object) => client.post('/api/v1/statuses', carol, json)
    const { id: mediaId } = await client.upload(carol, await softPicture(40, 30).png().toBuffer())
    const plain = await post({ status: 'plain #Sea' })
    const picture = await post({ status: 'picture', media_ids: [mediaId] })
    const other = await client.post('/api/v1/statuses', bob, { status: 'by bob' })
    const reply = await post({ status: 'reply', in_reply_to_id: other.id })
    const ownReply = await post({ status: 'own thread', in_reply_to_id: plain.id })
    const hidden = await post({ status: 'hidden', visibility: 'private' })
    const boost = await client.post(`/api/v1/statuses/${other.id}/reblog`, carol)
    const list = async (query = '', as?: TestPerson) =>
      idsOf(await client.get(`${accounts}/${carol.accountId}/statuses${query}`, as))
    expect(await list()).toEqual([boost.id, ownReply.id, reply.id, picture.id, plain.id])
    expect(await list('', carol)).toContain(hidden.id)
    expect(await list('?only_media=true')).toEqual([picture.id])
    expect(await list('?exclude_replies=1')).toEqual([boost.id, ownReply.id, picture.id, plain.id])
    expect(await list('?exclude_reblogs=on')).not.toContain(boost.id)
    expect(await list('?tagged=sea')).toEqual([plain.id])
    expect(await list('?pinned=true')).toEqual([])
    expect(await list(`?limit=2&max_id=${reply.id}`)).toEqual([picture.id, plain.id])
    expect(await list(`?limit=1&min_id=${plain.id}`)).toEqual([picture.id])
    expect(await list(`?limit=1&since_id=${plain.id}`)).toEqual([boost.id])
  })
})

describe('following', () => {
  it('follows, shows the relationship from both sides, and unfollows', async () => {
    const [dave, erin] = await Promise.all([server.person('dave'), server.person('erin')])
    const followed = await client.post(`${accounts}/${erin.accountId}/follow`, dave, {
      reblogs: false,
      notify: true,
    })
    expect(followed).toMatchObject({
      id: erin.accountId,
      following: true,
      showing_reblogs: false,
      notifying: true,
    })
    const path = `${accounts}/relationships?id[]=${dave.accountId}&id[]=1`
    expect(await client.get(path, erin)).toMatchObject([
      { id: dave.accountId, following: false, followed_by: true },
    ])
    expect(idsOf(await client.get(`${accounts}/${erin.accountId}/followers`))).toEqual([dave.accountId])
    expect(idsOf(await client.get(`${accounts}/${dave.accountId}/following`))).toEqual([erin.accountId])
    expect(await client.get(`${accounts}/${erin.accountId}`)).toMatchObject({ followers_count: 1 })
    await client.post(`${accounts}/${erin.accountId}/follow`, dave, { reblogs: true })
    const again = await client.get(`${accounts}/relationships?id=${erin.accountId}`, dave)
    expect(again).toMatchObject([{ showing_reblogs: true, notifying: true }])
    const ended = await client.post(`${accounts}/${erin.accountId}/unfollow`, dave)
    expect(ended).toMatchObject({ following: false, requested: false })
    expect(await client.status(`${accounts}/${dave.accountId}/follow`, { as: dave, method: 'POST' })).toBe(
      403,
    )
    expect(await client.status(`${accounts}/1/follow`, { as: dave, method: 'POST' })).toBe(404)
  })

  it('asks someone who is locked, who authorizes or rejects', async () => {
    const [fred, gina, hugo] = await Promise.all(['fred', 'gina', 'hugo'].map((name) => server.person(name)))
    if (!fred || !gina || !hugo) throw new Error('three people were made')
    const lock = { as: fred, json: { locked: true }, method: 'PATCH' }
    await client.call(`${accounts}/update_credentials`, lock)
    for (const person of [gina, hugo]) {
      const asked = await client.post(`${accounts}/${fred.accountId}/follow`, person)
      expect(asked).toMatchObject({ following: false, requested: true })
    }
    const requests = '/api/v1/follow_requests'
    expect(idsOf(await client.get(requests, fred))).toEqual([hugo.accountId, gina.accountId])
    const first = await client.call(`${requests}?limit=1`, { as: fred })
    expect(Object.keys(linksOf(first))).toEqual(['next', 'prev'])
    const next = new URL(linksOf(first).next ?? '')
    expect(idsOf(await client.get(next.pathname + next.search, fred))).toEqual([gina.accountId])
    expect(await client.get(`${accounts}/verify_credentials`, fred)).toMatchObject({
      source: { follow_requests_count: 2 },
    })
    const authorized = await client.post(`${requests}/${gina.accountId}/authorize`, fred)
    expect(authorized).toMatchObject({ followed_by: true, requested_by: false })
    expect(await client.post(`${requests}/${hugo.accountId}/reject`, fred)).toMatchObject({
      followed_by: false,
    })
    expect(await client.status(`${requests}/${hugo.accountId}/reject`, { as: fred, method: 'POST' })).toBe(
      404,
    )
    expect(await client.get(requests, fred)).toEqual([])
  })

  it('keeps counters exact under a hundred follows and unfollows at once', async () => {
    const [ivan, jane] = await Promise.all([server.person('ivan'), server.person('jane')])
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        client.status(`${accounts}/${jane.accountId}/${index % 2 ? 'follow' : 'unfollow'}`, {
          as: ivan,
          method: 'POST',
        }),
      ),
    )
    const [relationship] = await client.get(`${accounts}/relationships?id[]=${jane.accountId}`, ivan)
    const count = relationship?.following ? 1 : 0
    expect(await client.get(`${accounts}/${jane.accountId}`)).toMatchObject({ followers_count: count })
    expect(await client.get(`${accounts}/${ivan.accountId}`)).toMatchObject({ following_count: count })
  })
})
