import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity } from './client.ts'

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

const poll = (changes: object = {}) => ({ options: ['Oil', 'Ink', 'Chalk'], expires_in: 3600, ...changes })

const ask = (changes: object = {}, form: object = {}): Promise<Entity> =>
  client.post('/api/v1/statuses', alice, { status: 'With what?', poll: poll(changes), ...form })

const vote = (id: string, as: TestPerson, choices: unknown) =>
  client.call(`/api/v1/polls/${id}/votes`, { as, json: { choices } })

async function refusal(response: Response): Promise<string> {
  const { error } = await response.json()
  return `${response.status} ${error}`
}

describe('a poll', () => {
  it('comes with its status, without a vote', async () => {
    const before = server.clock.now().getTime()
    const status = await ask()
    expect(status.poll).toEqual({
      id: status.id,
      expires_at: expect.any(String),
      expired: false,
      multiple: false,
      votes_count: 0,
      voters_count: 0,
      options: ['Oil', 'Ink', 'Chalk'].map((title) => ({ title, votes_count: 0 })),
      emojis: [],
      voted: true,
      own_votes: [],
    })
    const lasts = Date.parse(status.poll.expires_at) - before
    expect(lasts).toBeGreaterThanOrEqual(3_600_000)
    expect(lasts).toBeLessThan(3_660_000)
    expect(await client.get(`/api/v1/polls/${status.id}`)).not.toHaveProperty('voted')
  })

  it('is sent as a form too', async () => {
    const body = new URLSearchParams([
      ['status', 'And now?'],
      ['poll[options][]', 'Oil'],
      ['poll[options][]', 'Ink'],
      ['poll[expires_in]', '600'],
      ['poll[multiple]', 'true'],
    ])
    const response = await server.fetch('/api/v1/statuses', { as: alice, method: 'POST', body })
    expect(await response.json()).toMatchObject({
      poll: { multiple: true, options: [{ title: 'Oil' }, { title: 'Ink' }] },
    })
  })

  it('counts votes, and shows each person their own', async () => {
    const { id } = await ask()
    const answer = await vote(id, bob, [1])
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      voted: true,
      own_votes: [1],
      votes_count: 1,
      voters_count: 1,
    })
    expect(await client.get(`/api/v1/statuses/${id}`, alice)).toMatchObject({
      poll: { own_votes: [], votes_count: 1, options: [{}, { votes_count: 1 }, {}] },
    })
  })

  it('of several choices takes them all at once', async () => {
    const { id } = await ask({ multiple: true })
    expect(await (await vote(id, bob, ['0', 2, 2])).json()).toMatchObject({
      own_votes: [0, 2],
      votes_count: 2,
      voters_count: 1,
    })
  })

  it('is found by the id of a boost of it, and not on another status', async () => {
    const { id } = await ask()
    const boost = await client.post(`/api/v1/statuses/${id}/reblog`, bob)
    expect(await client.get(`/api/v1/polls/${boost.id}`, bob)).toMatchObject({ id })
    const plain = await client.post('/api/v1/statuses', alice, { status: 'No question' })
    expect(await client.status(`/api/v1/polls/${plain.id}`, { as: alice })).toBe(404)
    expect((await vote(plain.id, bob, [0])).status).toBe(404)
  })

  it('ends', async () => {
    const { id } = await ask({ expires_in: 300 })
    await vote(id, bob, [0])
    server.clock.advance(301_000)
    await server.settle()
    expect(await client.get(`/api/v1/polls/${id}`, bob)).toMatchObject({ expired: true, voted: true })
    const [told] = await client.get('/api/v1/notifications?types[]=poll', bob)
    expect(told).toMatchObject({
      type: 'poll',
      status: { id, poll: { expired: true } },
      account: { acct: 'alice' },
    })
    const [own] = await client.get('/api/v1/notifications?types[]=poll', alice)
    expect(own).toMatchObject({ type: 'poll', status: { id } })
    expect(await refusal(await vote(id, bob, [1]))).toBe('422 Validation failed: The poll has already ended')
  })
})

describe('a vote', () => {
  it.each([
    [[7], '422 Validation failed: The chosen vote option does not exist'],
    [[-1], '422 Validation failed: The chosen vote option does not exist'],
    [[0.5], '422 Validation failed: The chosen vote option does not exist'],
    [[0, 1], '422 Validation failed: The chosen vote option does not exist'],
  ])('for %j in a single choice is refused', async (choices, words) => {
    const { id } = await ask()
    expect(await refusal(await vote(id, bob, choices))).toBe(words)
    expect(await client.get(`/api/v1/polls/${id}`)).toMatchObject({ votes_count: 0 })
  })

  it.each([[[]], ['x'], [null], [{}], [['x']], [Array(1000).fill(0)]])(
    'of %j is no vote',
    async (choices) => {
      const { id } = await ask()
      expect((await vote(id, bob, choices)).status).toBe(422)
    },
  )

  it('is given once', async () => {
    const { id } = await ask()
    await vote(id, bob, [1])
    expect(await refusal(await vote(id, bob, [0]))).toBe(
      '422 Validation failed: You have already voted on this poll',
    )
  })

  it('is not given by who asks', async () => {
    const { id } = await ask()
    expect(await refusal(await vote(id, alice, [0]))).toBe(
      '422 Validation failed: You cannot vote in your own polls',
    )
  })

  it('needs a person with the right to write, who may see it', async () => {
    const reader = await server.person('reader', { scopes: ['read'] })
    const { id } = await ask()
    const hidden = await ask({}, { visibility: 'direct' })
    expect((await vote(id, reader, [0])).status).toBe(403)
    expect((await client.call(`/api/v1/polls/${id}/votes`, { json: { choices: [0] } })).status).toBe(401)
    expect((await vote(hidden.id, bob, [0])).status).toBe(404)
    expect(await client.status(`/api/v1/polls/${hidden.id}`, { as: bob })).toBe(404)
    expect(await client.status('/api/v1/polls/junk', { as: bob })).toBe(404)
  })
})

describe('a poll that cannot be', () => {
  it.each([
    [{ options: ['One'] }, 'Options must have more than one item'],
    [{ options: ['One', ' '] }, 'Options must have more than one item'],
    [{ options: 'One' }, 'Options must have more than one item'],
    [{ options: [{}, []] }, 'Options must have more than one item'],
    [{ options: ['1', '2', '3', '4', '5'] }, "Options can't contain more than 4 items"],
    [{ options: ['One', 'x'.repeat(51)] }, 'Options cannot be longer than 50 characters each'],
    [{ options: ['One', ' One '] }, 'Options contain duplicate items'],
    [{ expires_in: 299 }, 'Expires at is too soon'],
    [{ expires_in: 'soon' }, 'Expires at is too soon'],
    [{ expires_in: undefined }, 'Expires at is too soon'],
    [{ expires_in: 2_629_747 }, 'Expires at is too far into the future'],
    [{ expires_in: 1e300 }, 'Expires at is too far into the future'],
  ])('%j is refused in words', async (changes, words) => {
    const response = await client.call('/api/v1/statuses', {
      as: alice,
      json: { status: 'With what?', poll: poll(changes) },
    })
    expect(await refusal(response)).toBe(`422 Validation failed: ${words}`)
  })

  it('is not the limit', async () => {
    const longest = '🎨'.repeat(50)
    const status = await ask({ options: [longest, '2', '3', '4'], expires_in: 2_629_746 })
    expect(status.poll.options).toHaveLength(4)
    const { configuration } = await client.get('/api/v2/instance')
    expect(configuration.polls).toEqual({
      max_options: 4,
      max_characters_per_option: 50,
      min_expiration: 300,
      max_expiration: 2_629_746,
    })
  })
})

describe('an edit', () => {
  const edit = (id: string, json: object) =>
    client.call(`/api/v1/statuses/${id}`, { as: alice, json, method: 'PUT' })

  it('that asks the same keeps the votes', async () => {
    const { id } = await ask()
    await vote(id, bob, [1])
    const edited = await (await edit(id, { status: 'With what, then?', poll: poll() })).json()
    expect(edited.poll).toMatchObject({ votes_count: 1 })
  })

  it('that asks something else begins anew', async () => {
    const { id } = await ask()
    await vote(id, bob, [1])
    const edited = await (
      await edit(id, { status: 'With what?', poll: poll({ options: ['Oil', 'Acrylic'] }) })
    ).json()
    expect(edited.poll).toMatchObject({
      votes_count: 0,
      voters_count: 0,
      options: [{ title: 'Oil' }, { title: 'Acrylic' }],
    })
    expect((await vote(id, bob, [1])).status).toBe(200)
  })

  it('without a poll takes it away', async () => {
    const { id } = await ask()
    expect(await (await edit(id, { status: 'Never mind' })).json()).toMatchObject({ poll: null })
    expect(await client.status(`/api/v1/polls/${id}`)).toBe(404)
  })

  it('that gives more time moves the end', async () => {
    const { id } = await ask({ expires_in: 300 })
    await edit(id, { status: 'With what?', poll: poll({ expires_in: 3600 }) })
    server.clock.advance(400_000)
    await server.settle()
    expect(await client.get(`/api/v1/polls/${id}`)).toMatchObject({ expired: false })
    server.clock.advance(3_400_000)
    await server.settle()
    expect(await client.get(`/api/v1/polls/${id}`)).toMatchObject({ expired: true })
  })
})
