import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, idsOf } from './client.ts'

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

const statuses = '/api/v1/statuses'

describe('posting', () => {
  it('answers with the status, which stands in the own home at once', async () => {
    const status = await client.post(statuses, alice, { status: 'Hello @bob #Painting <b>' })
    expect(status).toMatchObject({
      id: expect.stringMatching(/^\d+$/),
      visibility: 'public',
      url: `${server.url}/@alice/${status.id}`,
      spoiler_text: '',
      sensitive: false,
      account: { acct: 'alice', statuses_count: 1 },
      mentions: [{ acct: 'bob', id: bob.accountId }],
      tags: [{ name: 'painting' }],
      favourited: false,
      card: null,
      poll: null,
      quote: null,
      filtered: [],
      emoji_reactions: [],
      pinxit: null,
    })
    expect(status.content).toContain('&lt;b&gt;')
    expect(idsOf(await client.get('/api/v1/timelines/home', alice))).toContain(status.id)
  })

  it('takes JSON, forms and multipart alike', async () => {
    const fields = { status: 'in any body', visibility: 'unlisted', sensitive: 'true', spoiler_text: 'look' }
    const multipart = new FormData()
    for (const [name, value] of Object.entries(fields)) multipart.set(name, value)
    for (const body of [JSON.stringify(fields), new URLSearchParams(fields), multipart]) {
      const headers = new Headers(typeof body === 'string' ? { 'content-type': 'application/json' } : {})
      const response = await server.fetch(statuses, { as: alice, method: 'POST', body, headers })
      expect(await response.json()).toMatchObject({
        content: '<p>in any body</p>',
        visibility: 'unlisted',
        sensitive: true,
        spoiler_text: 'look',
      })
    }
  })

  it('tolerates a slash at the end and unknown parameters', async () => {
    const status = await client.post(`${statuses}/`, alice, {
      status: 'slash',
      content_type: 'text/plain',
      x: [],
    })
    expect(status.content).toBe('<p>slash</p>')
  })

  it('maps the names of visibilities', async () => {
    for (const visibility of ['public', 'unlisted', 'private', 'direct']) {
      const status = await client.post(statuses, alice, { status: visibility, visibility })
      expect(status.visibility).toBe(visibility)
    }
    expect(await client.status(statuses, { as: alice, json: { status: 'x', visibility: 'followers' } })).toBe(
      422,
    )
  })

  it('answers a repeated request with the first one, even twenty at once', async () => {
    const send = () =>
      client.call(statuses, {
        as: alice,
        json: { status: 'only once' },
        method: 'POST',
        headers: { 'idempotency-key': 'the same' },
      })
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const response = await send()
        return { status: response.status, id: (await response.json()).id }
      }),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    const other = await client.call(statuses, {
      as: bob,
      json: { status: 'only once' },
      headers: { 'idempotency-key': 'the same' },
    })
    expect((await other.json()).id).not.toBe(answers[0]?.id)
  })

  it('says plainly what it cannot do', async () => {
    const refused = [
      {},
      { status: '   ' },
      { status: 'x', poll: { options: ['a'], expires_in: 300 } },
      { status: 'x', scheduled_at: '2009-01-01T00:00:00Z' },
      { status: 'x', media_ids: ['junk'] },
      { status: 'x', media_ids: ['1'] },
      { status: 'x', prompt_visibility: 'some' },
      { status: 'x', remix_policy: 'some' },
      { status: 'a'.repeat(5001) },
    ]
    for (const json of refused) {
      const response = await client.call(statuses, { as: alice, json })
      expect(`${response.status} ${await response.text()}`).toMatch(/^422 {"error":"Validation failed: /)
    }
    expect(await client.status(statuses, { as: alice, json: { status: 'x', in_reply_to_id: '1' } })).toBe(404)
    await client.post(statuses, alice, { status: 'a'.repeat(5000) })
  })

  it('refuses pictures of others and ones that are used already', async () => {
    const { id } = await client.upload(alice, await softPicture(40, 30).png().toBuffer())
    const json = { status: 'mine', media_ids: [id] }
    expect(await client.status(statuses, { as: bob, json })).toBe(422)
    const status = await client.post(statuses, alice, json)
    expect(status.media_attachments).toMatchObject([{ id, type: 'image', pinxit: null }])
    expect(await client.status(statuses, { as: alice, json })).toBe(422)
  })

  it('uses the own defaults where a form says nothing', async () => {
    const carol = await server.person('carol')
    const update = { source: { privacy: 'private', sensitive: true, language: 'de' } }
    await client.call('/api/v1/accounts/update_credentials', { as: carol, json: update, method: 'PATCH' })
    const status = await client.post(statuses, carol, { status: 'as I like it' })
    expect(status).toMatchObject({ visibility: 'private', sensitive: true, language: 'de' })
  })
})

describe('a painted note', () => {
  async function painted(as: TestPerson, type: string) {
    const media = await client.upload(as, await softPicture(40, 30).png().toBuffer())
    await server.app.db
      .updateTable('media')
      .set({
        digital_source_type: type,
        generator_name: 'A model',
        generator_url: 'https://provider.example/',
        prompt: 'a lighthouse',
        original_key: 'ab/cd/0123456789abcdef0123456789abcdef.png',
      })
      .where('id', '=', media.id)
      .execute()
    return media.id
  }
  const painting = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia'
  const sketch = 'http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia'

  it('says how it was made, and its prompt only where the author shows it', async () => {
    const hidden = await client.post(statuses, alice, { media_ids: [await painted(alice, painting)] })
    expect(hidden.pinxit).toEqual({
      ai_generated: true,
      digital_source_type: painting,
      generator: { name: 'A model', url: 'https://provider.example/' },
      remix_policy: 'nobody',
      remix_count: 0,
    })
    expect(hidden.media_attachments[0].pinxit).toEqual({
      original_url: `${server.url}/media/ab/cd/0123456789abcdef0123456789abcdef.png`,
      digital_source_type: painting,
    })
    expect(hidden.content).toBe('')
    const shown = await client.post(statuses, alice, {
      media_ids: [await painted(alice, painting)],
      prompt_visibility: 'public',
      remix_policy: 'anyone',
    })
    expect(shown.pinxit).toMatchObject({ prompt: 'a lighthouse', remix_policy: 'anyone' })
  })

  it('says what it was made from, also when that is hidden or gone', async () => {
    const [shown, hidden, deleted] = await Promise.all(
      ['public', 'private', 'public'].map((visibility) =>
        client.post(statuses, alice, { status: 'a parent', visibility }),
      ),
    )
    await client.call(`${statuses}/${deleted.id}`, { as: alice, method: 'DELETE' })
    const parentOf = async (uri: string, parentId: string | null) => {
      const { id } = await client.post(statuses, bob, { media_ids: [await painted(bob, painting)] })
      const values = { remix_of_uri: uri, remix_of_id: parentId }
      await server.app.db.updateTable('notes').set(values).where('id', '=', id).execute()
      return (await client.get(`${statuses}/${id}`, bob)).pinxit.remix_of
    }
    expect(await parentOf(shown.uri, shown.id)).toMatchObject({
      uri: shown.uri,
      state: 'available',
      status: { id: shown.id },
      account: { id: alice.accountId },
    })
    const nothing = { status: null, account: null }
    expect(await parentOf(hidden.uri, hidden.id)).toEqual({
      uri: hidden.uri,
      state: 'unavailable',
      ...nothing,
    })
    expect(await parentOf(deleted.uri, deleted.id)).toEqual({
      uri: deleted.uri,
      state: 'deleted',
      ...nothing,
    })
    const unseen = 'https://elsewhere.example/notes/1'
    expect(await parentOf(unseen, null)).toEqual({ uri: unseen, state: 'unavailable', ...nothing })
  })

  it('is not called AI when it is a sketch', async () => {
    const status = await client.post(statuses, alice, { media_ids: [await painted(alice, sketch)] })
    expect(status.pinxit).toMatchObject({ ai_generated: false, digital_source_type: sketch })
  })
})

describe('one status', () => {
  it('is read, alone and with others, by anyone when public', async () => {
    const status = await client.post(statuses, alice, { status: 'for all' })
    const read = await client.get(`${statuses}/${status.id}`)
    expect(read.id).toBe(status.id)
    expect(read).not.toHaveProperty('favourited')
    expect(idsOf(await client.get(`${statuses}?id[]=${status.id}&id[]=1`))).toEqual([status.id])
    for (const id of ['1', 'junk', '99999999999999999999', '-1', '%00']) {
      expect(await client.status(`${statuses}/${id}`)).toBe(404)
    }
  })

  it('stands in its thread', async () => {
    const root = await client.post(statuses, alice, { status: 'root' })
    const reply = await client.post(statuses, bob, { status: 'reply', in_reply_to_id: root.id })
    const answer = await client.post(statuses, alice, { status: 'answer', in_reply_to_id: reply.id })
    const context = await client.get(`${statuses}/${reply.id}/context`)
    expect(idsOf(context.ancestors)).toEqual([root.id])
    expect(idsOf(context.descendants)).toEqual([answer.id])
    expect(reply).toMatchObject({ in_reply_to_id: root.id, in_reply_to_account_id: alice.accountId })
    expect((await client.get(`${statuses}/${root.id}`)).replies_count).toBe(1)
  })

  it('is edited by its author, and keeps its picture', async () => {
    const { id: mediaId } = await client.upload(alice, await softPicture(40, 30).png().toBuffer())
    const { id } = await client.post(statuses, alice, {
      status: 'befor',
      spoiler_text: 'w',
      media_ids: [mediaId],
      visibility: 'unlisted',
    })
    const json = {
      status: 'before',
      visibility: 'public',
      media_attributes: [{ id: mediaId, description: 'Hills' }],
    }
    const edited = await (await client.call(`${statuses}/${id}`, { as: alice, json, method: 'PUT' })).json()
    expect(edited).toMatchObject({
      id,
      content: '<p>before</p>',
      spoiler_text: '',
      visibility: 'unlisted',
      edited_at: expect.any(String),
      media_attachments: [{ id: mediaId, description: 'Hills' }],
    })
    expect(await client.get(`${statuses}/${id}/source`, alice)).toEqual({
      id,
      text: 'before',
      spoiler_text: '',
    })
    const refused = {
      ...json,
      status: 'x'.repeat(5001),
      media_attributes: [{ id: mediaId, description: 'Other' }],
    }
    expect(await client.status(`${statuses}/${id}`, { as: alice, json: refused, method: 'PUT' })).toBe(422)
    expect(await client.get(`/api/v1/media/${mediaId}`, alice)).toMatchObject({ description: 'Hills' })
    expect(await client.status(`${statuses}/${id}/source`, { as: bob })).toBe(404)
    expect(await client.status(`${statuses}/${id}`, { as: bob, json, method: 'PUT' })).toBe(404)
  })

  it('is deleted by its author alone, who gets the text back', async () => {
    const { id } = await client.post(statuses, alice, { status: 'away with it' })
    expect(await client.status(`${statuses}/${id}`, { as: bob, method: 'DELETE' })).toBe(404)
    const deleted = await client.call(`${statuses}/${id}`, { as: alice, method: 'DELETE' })
    expect(await deleted.json()).toMatchObject({ id, text: 'away with it', media_attachments: [] })
    expect(await client.status(`${statuses}/${id}`, { as: alice })).toBe(404)
  })
})

describe('reacting', () => {
  it('favourites, bookmarks and boosts, and takes it back', async () => {
    const { id } = await client.post(statuses, alice, { status: 'react to me' })
    const liked = await client.post(`${statuses}/${id}/favourite`, bob)
    expect(liked).toMatchObject({ favourited: true, favourites_count: 1 })
    expect(await client.post(`${statuses}/${id}/favourite`, bob)).toMatchObject({ favourites_count: 1 })
    expect(idsOf(await client.get(`${statuses}/${id}/favourited_by`))).toEqual([bob.accountId])
    expect(idsOf(await client.get('/api/v1/favourites', bob))).toEqual([id])
    expect(await client.post(`${statuses}/${id}/bookmark`, bob)).toMatchObject({ bookmarked: true })
    expect(idsOf(await client.get('/api/v1/bookmarks', bob))).toEqual([id])
    const boost = await client.post(`${statuses}/${id}/reblog`, bob)
    expect(boost).toMatchObject({
      account: { acct: 'bob' },
      reblog: { id, reblogged: true, reblogs_count: 1 },
    })
    expect(boost.id).not.toBe(id)
    expect(idsOf(await client.get(`${statuses}/${id}/reblogged_by`))).toEqual([bob.accountId])
    await client.post(`${statuses}/${id}/unfavourite`, bob)
    await client.post(`${statuses}/${id}/unbookmark`, bob)
    // Apps send the id of whatever stood in the feed.
    const undone = await client.post(`${statuses}/${boost.id}/unreblog`, bob)
    expect(undone).toMatchObject({
      id,
      favourited: false,
      bookmarked: false,
      reblogged: false,
      reblogs_count: 0,
      favourites_count: 0,
    })
    expect(await client.get('/api/v1/bookmarks', bob)).toEqual([])
    expect(await client.get('/api/v1/favourites', bob)).toEqual([])
  })

  it('boosts nothing that is not for everyone', async () => {
    const { id } = await client.post(statuses, alice, { status: 'mine', visibility: 'private' })
    expect(await client.status(`${statuses}/${id}/reblog`, { as: alice, method: 'POST' })).toBe(403)
  })

  it('keeps counters exact under a hundred likes and unlikes at once', async () => {
    const { id } = await client.post(statuses, alice, { status: 'hammer me' })
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        client.status(`${statuses}/${id}/${index % 2 ? 'favourite' : 'unfavourite'}`, {
          as: bob,
          method: 'POST',
        }),
      ),
    )
    const status = await client.get(`${statuses}/${id}`, bob)
    expect(status.favourites_count).toBe(status.favourited ? 1 : 0)
    expect(idsOf(await client.get(`${statuses}/${id}/favourited_by`))).toHaveLength(
      Number(status.favourites_count),
    )
  })
})
