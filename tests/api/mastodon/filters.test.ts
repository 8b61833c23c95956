import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post } from '#tests/support/notes.ts'
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

const v2 = '/api/v2/filters'
const v1 = '/api/v1/filters'
const everywhere = ['home', 'notifications', 'public', 'thread', 'account']
const put = async (path: string, as: TestPerson, json: unknown) =>
  (await client.call(path, { as, json, method: 'PUT' })).json()
const remove = async (path: string, as: TestPerson) => {
  const response = await client.call(path, { as, method: 'DELETE' })
  return [response.status, await response.json()]
}
const faultOf = async (path: string, json: unknown, method = 'POST') => {
  const response = await client.call(path, { as: alice, json, method })
  const { error } = await response.json()
  return [response.status, error]
}
const make = (json: object = {}, as = alice) =>
  client.post(v2, as, { title: 'Seas', context: ['home'], ...json })

describe('a filter', () => {
  it('is made with its keywords, read, listed, changed and deleted', async () => {
    const made = await make({
      filter_action: 'hide',
      expires_in: 3_600,
      keywords_attributes: [{ keyword: 'sea', whole_word: false }, { keyword: 'Waves' }, { keyword: '' }],
    })
    expect(made).toEqual({
      id: expect.stringMatching(/^\d+$/),
      title: 'Seas',
      context: ['home'],
      expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
      filter_action: 'hide',
      keywords: [
        { id: expect.any(String), keyword: 'sea', whole_word: false },
        { id: expect.any(String), keyword: 'Waves', whole_word: true },
      ],
      statuses: [],
    })
    const path = `${v2}/${made.id}`
    expect(await client.get(path, alice)).toEqual(made)
    expect(await client.get(v2, alice)).toEqual([made])
    expect(await client.get(v2, bob)).toEqual([])
    const [sea, waves] = made.keywords
    const changed = await put(path, alice, {
      title: 'Waters',
      context: everywhere,
      filter_action: 'blur',
      expires_in: '',
      keywords_attributes: [
        { id: sea.id, keyword: 'seas' },
        { id: waves.id, _destroy: true },
        { keyword: 'lake', whole_word: 'true' },
      ],
    })
    expect(changed).toEqual({
      ...made,
      title: 'Waters',
      context: everywhere,
      expires_at: null,
      filter_action: 'blur',
      keywords: [
        { ...sea, keyword: 'seas' },
        { id: expect.any(String), keyword: 'lake', whole_word: true },
      ],
    })
    expect(await put(path, alice, { unknown: 1 })).toEqual(changed)
    expect(await remove(path, alice)).toEqual([200, {}])
    expect(await client.get(v2, alice)).toEqual([])
    expect(await client.status(path, { as: alice })).toBe(404)
  })

  it('keeps its end unless another is given, or null', async () => {
    const made = await make({ expires_in: 600 })
    const path = `${v2}/${made.id}`
    expect((await put(path, alice, { title: 'Other' })).expires_at).toBe(made.expires_at)
    expect((await put(path, alice, { expires_in: null })).expires_at).toBeNull()
    const { expires_at: end } = await put(path, alice, { expires_in: '60' })
    expect(Date.parse(end)).toBeLessThan(Date.parse(made.expires_at))
    await remove(path, alice)
  })

  it.each<[string, BodyInit, Record<string, string>]>([
    [
      'a form with brackets',
      'title=Form&context[]=home&context[]=public&filter_action=warn' +
        '&keywords_attributes[][keyword]=one&keywords_attributes[][whole_word]=false' +
        '&keywords_attributes[][keyword]=two&keywords_attributes[][whole_word]=true',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    [
      'a form with escaped brackets and places',
      'title=Form&context%5B%5D=home&context%5B%5D=public' +
        '&keywords_attributes%5B0%5D%5Bkeyword%5D=one&keywords_attributes%5B0%5D%5Bwhole_word%5D=0' +
        '&keywords_attributes%5B1%5D%5Bkeyword%5D=two',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    [
      'a multipart form',
      formOf([
        ['title', 'Form'],
        ['context[]', 'home'],
        ['context[]', 'public'],
        ['keywords_attributes[][keyword]', 'one'],
        ['keywords_attributes[][whole_word]', 'false'],
        ['keywords_attributes[][keyword]', 'two'],
      ]),
      {},
    ],
    [
      'JSON with places',
      JSON.stringify({
        title: 'Form',
        context: ['home', 'public'],
        keywords_attributes: { 0: { keyword: 'one', whole_word: false }, 1: { keyword: 'two' } },
      }),
      { 'content-type': 'application/json' },
    ],
  ])('is made of %s', async (_name, body, headers) => {
    const response = await server.fetch(v2, { as: alice, method: 'POST', body, headers })
    const made = await response.json()
    expect(made).toMatchObject({
      title: 'Form',
      context: ['home', 'public'],
      filter_action: 'warn',
      keywords: [
        { keyword: 'one', whole_word: false },
        { keyword: 'two', whole_word: true },
      ],
    })
    await remove(`${v2}/${made.id}`, alice)
  })

  it('loses keywords that a form marks', async () => {
    const made = await make({ keywords_attributes: [{ keyword: 'one' }, { keyword: 'two' }] })
    const [one, two] = idsOf(made.keywords)
    const body = `keywords_attributes[][id]=${one}&keywords_attributes[][_destroy]=1&keywords_attributes[][id]=${two}&keywords_attributes[][keyword]=second`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const response = await server.fetch(`${v2}/${made.id}/`, { as: alice, method: 'PUT', body, headers })
    expect((await response.json()).keywords).toEqual([{ id: two, keyword: 'second', whole_word: true }])
    await remove(`${v2}/${made.id}`, alice)
  })
})

function formOf(pairs: [string, string][]): FormData {
  const form = new FormData()
  for (const [name, value] of pairs) form.append(name, value)
  return form
}

describe('what cannot be a filter is refused in words, and nothing changes', () => {
  const blankContext = "Context can't be blank, Context None or invalid context supplied"
  it.each<[unknown, string]>([
    [{}, `Title can't be blank, ${blankContext}`],
    [{ title: ' ', context: ['home'] }, "Title can't be blank"],
    [{ title: 'x', context: [] }, blankContext],
    [{ title: 'x', context: ['home', 'kitchen'] }, 'Context None or invalid context supplied'],
    [{ title: 'x', context: [{ toString: 1 }] }, 'Context None or invalid context supplied'],
    [{ title: 'x'.repeat(257), context: ['home'] }, 'Title is too long (maximum is 256 characters)'],
    [{ title: 'x', context: ['home'], filter_action: 'burn' }, 'Action is not included in the list'],
    [{ title: 'x', context: ['home'], expires_in: 'soon' }, 'Expires in is not a number of seconds'],
    [{ title: 'x', context: ['home'], expires_in: 1e12 }, 'Expires in is not a number of seconds'],
    [{ title: 'x', context: ['home'], expires_in: { toString: 1 } }, 'Expires in is not a number of seconds'],
    [{ title: 'x', context: ['home'], expires_in: -5 }, 'Expires in is not a number of seconds'],
    [
      { title: 'x', context: ['home'], keywords_attributes: [{ keyword: ' ', whole_word: true }] },
      "Keywords keyword can't be blank",
    ],
    [
      { title: 'x', context: ['home'], keywords_attributes: [{ keyword: 'x'.repeat(513) }] },
      'Keywords keyword is too long (maximum is 512 characters)',
    ],
  ])('%j', async (json, fault) => {
    expect(await faultOf(v2, json)).toEqual([422, `Validation failed: ${fault}`])
    expect(await client.get(v2, alice)).toEqual([])
  })

  it('with fields of another kind', async () => {
    for (const keywords of ['x', [1], [{ id: 'x', keyword: 'x' }], [{ keyword: { a: 1 } }]]) {
      const json = { title: 'x', context: ['home'], keywords_attributes: keywords }
      expect(await client.status(v2, { as: alice, json })).toBe(422)
    }
    expect(await client.get(v2, alice)).toEqual([])
  })

  it('with keywords of another filter, all of it', async () => {
    const [mine, other, bobs] = [
      await make({ keywords_attributes: [{ keyword: 'mine' }] }),
      await make({ keywords_attributes: [{ keyword: 'other' }] }),
      await make({ keywords_attributes: [{ keyword: 'bobs' }] }, bob),
    ]
    for (const { id } of [other.keywords[0], bobs.keywords[0], { id: '1' }]) {
      const change = { title: 'New', keywords_attributes: [{ keyword: 'new' }, { id, _destroy: true }] }
      expect(await faultOf(`${v2}/${mine.id}`, change, 'PUT')).toEqual([404, 'Record not found'])
      expect(await faultOf(v2, { ...change, context: ['home'] })).toEqual([404, 'Record not found'])
    }
    expect(await client.get(v2, alice)).toEqual([mine, other])
    expect(await client.get(v2, bob)).toEqual([bobs])
    for (const { id } of [mine, other]) await remove(`${v2}/${id}`, alice)
  })

  it('beyond the number of filters and letters there is room for', async () => {
    const keywords = Array.from({ length: 39 }, () => ({ keyword: 'x'.repeat(512) }))
    const full = await make({ keywords_attributes: keywords })
    const more = { keyword: 'x'.repeat(512) }
    const path = `${v2}/${full.id}/keywords`
    expect(await faultOf(path, more)).toEqual([422, 'Validation failed: You have too many keywords'])
    expect(await client.get(path, alice)).toHaveLength(39)
    await remove(`${v2}/${full.id}`, alice)
    const answers = await Promise.all(
      Array.from({ length: 205 }, () =>
        client.status(v2, { as: alice, json: { title: 'x', context: ['home'] } }),
      ),
    )
    expect(answers.filter((status) => status === 200)).toHaveLength(200)
    const all = await client.get(v2, alice)
    expect(all).toHaveLength(200)
    await Promise.all(idsOf(all).map((id) => remove(`${v2}/${id}`, alice)))
  })
})

describe('keywords', () => {
  it('are added, read, changed and deleted one by one', async () => {
    const filter = await make()
    const path = `${v2}/${filter.id}/keywords`
    const keyword = await client.post(path, alice, { keyword: 'sea' })
    expect(keyword).toEqual({ id: expect.any(String), keyword: 'sea', whole_word: true })
    expect(await client.get(path, alice)).toEqual([keyword])
    const own = `${v2}/keywords/${keyword.id}`
    expect(await client.get(own, alice)).toEqual(keyword)
    const changed = { ...keyword, keyword: 'seas', whole_word: false }
    expect(await put(own, alice, { keyword: 'seas', whole_word: false })).toEqual(changed)
    expect(await put(own, alice, {})).toEqual(changed)
    for (const json of [{ keyword: '' }, { keyword: 'x'.repeat(513) }])
      expect(await client.status(own, { as: alice, json, method: 'PUT' })).toBe(422)
    expect(await faultOf(path, {})).toEqual([422, "Validation failed: Keyword can't be blank"])
    expect((await client.get(`${v2}/${filter.id}`, alice)).keywords).toEqual([changed])
    expect(await remove(own, alice)).toEqual([200, {}])
    expect(await client.get(path, alice)).toEqual([])
    await remove(`${v2}/${filter.id}`, alice)
  })
})

describe('notes that a filter names', () => {
  it('are added once, read and taken out; a boost stands for what it boosts', async () => {
    const filter = await make()
    const path = `${v2}/${filter.id}/statuses`
    const { note } = await post(server, bob)
    const boost = await client.post(`/api/v1/statuses/${note.id}/reblog`, bob)
    const named = await client.post(path, alice, { status_id: boost.id })
    expect(named).toEqual({ id: expect.any(String), status_id: note.id })
    expect(await faultOf(path, { status_id: note.id })).toEqual([
      422,
      'Validation failed: Status has already been taken',
    ])
    expect(await client.get(path, alice)).toEqual([named])
    expect((await client.get(`${v2}/${filter.id}`, alice)).statuses).toEqual([named])
    expect(await client.get(`${v2}/statuses/${named.id}`, alice)).toEqual(named)
    expect(await remove(`${v2}/statuses/${named.id}`, alice)).toEqual([200, {}])
    expect(await client.get(path, alice)).toEqual([])
    await remove(`${v2}/${filter.id}`, alice)
  })

  it('are only such as the person may see, and go with the note', async () => {
    const filter = await make()
    const path = `${v2}/${filter.id}/statuses`
    const secret = await post(server, bob, { visibility: 'direct' })
    for (const status_id of [secret.note.id, '1', 'x', undefined])
      expect(await faultOf(path, { status_id })).toEqual([404, 'Record not found'])
    const { note } = await post(server, bob)
    const named = await client.post(path, alice, { status_id: note.id })
    await client.call(`/api/v1/statuses/${note.id}`, { as: bob, method: 'DELETE' })
    expect(await client.get(path, alice)).toEqual([])
    expect(await client.status(`${v2}/statuses/${named.id}`, { as: alice })).toBe(404)
    await remove(`${v2}/${filter.id}`, alice)
  })
})

describe('filters of the first version', () => {
  it('are keywords of filters of the second, and the other way round', async () => {
    const single = await client.post(v1, alice, {
      phrase: 'sea',
      context: ['home', 'thread'],
      irreversible: true,
      whole_word: false,
      expires_in: 600,
    })
    const [whole] = await client.get(v2, alice)
    expect(single).toEqual({
      id: whole.keywords[0].id,
      phrase: 'sea',
      context: ['home', 'thread'],
      whole_word: false,
      expires_at: whole.expires_at,
      irreversible: true,
    })
    expect(whole).toMatchObject({
      title: 'sea',
      filter_action: 'hide',
      keywords: [{ keyword: 'sea', whole_word: false }],
    })
    const path = `${v1}/${single.id}`
    expect(await client.get(path, alice)).toEqual(single)
    const changed = await put(path, alice, { phrase: 'land', context: ['public'], irreversible: false })
    expect(changed).toEqual({ ...single, phrase: 'land', context: ['public'], irreversible: false })
    expect(await client.get(`${v2}/${whole.id}`, alice)).toMatchObject({
      title: 'land',
      context: ['public'],
      filter_action: 'warn',
      keywords: [{ id: single.id, keyword: 'land' }],
    })
    expect(await remove(path, alice)).toEqual([200, {}])
    expect(await client.get(v1, alice)).toEqual([])
    expect(await client.get(v2, alice)).toEqual([])
  })

  it('change only their phrase where they share a filter, and leave it to the others when they go', async () => {
    const whole = await make({
      filter_action: 'blur',
      keywords_attributes: [{ keyword: 'a' }, { keyword: 'b' }],
    })
    const singles = await client.get(v1, alice)
    expect(singles).toMatchObject([
      { phrase: 'a', irreversible: false },
      { phrase: 'b', irreversible: false },
    ])
    const path = `${v1}/${singles[0].id}`
    const same = { phrase: 'c', context: ['home'], irreversible: false, whole_word: false, expires_in: '' }
    expect(await put(path, alice, same)).toMatchObject({ phrase: 'c', whole_word: false })
    expect(await client.get(`${v2}/${whole.id}`, alice)).toMatchObject({
      title: 'Seas',
      filter_action: 'blur',
      keywords: [{ keyword: 'c', whole_word: false }, { keyword: 'b' }],
    })
    for (const other of [{ context: ['public'] }, { irreversible: true }, { expires_in: 60 }])
      expect(await client.status(path, { as: alice, json: { ...same, ...other }, method: 'PUT' })).toBe(422)
    await remove(path, alice)
    expect(await client.get(`${v2}/${whole.id}`, alice)).toMatchObject({ keywords: [{ keyword: 'b' }] })
    await remove(`${v2}/${whole.id}`, alice)
  })

  it.each([
    [{}, "Title can't be blank, Context can't be blank, Context None or invalid context supplied"],
    [{ phrase: 'x' }, "Context can't be blank, Context None or invalid context supplied"],
    [{ phrase: '', context: ['home'] }, "Title can't be blank"],
  ])('cannot be %j', async (json, fault) => {
    expect(await faultOf(v1, json)).toEqual([422, expect.stringContaining(fault)])
    expect(await client.get(v1, alice)).toEqual([])
  })
})
