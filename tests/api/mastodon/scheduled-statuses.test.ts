import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listDeadJobs } from '#src/db/dead-jobs.ts'
import { deleteAccount } from '#src/notes/erase-account.ts'
import { postScheduledNote } from '#src/notes/schedule.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity, idsOf, linksOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson

beforeAll(async () => {
  server = await startTestServer({ AI_PROVIDER: 'sketch' })
  client = clientOf(server)
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
})
afterAll(() => server.close())

const path = '/api/v1/scheduled_statuses'
const minute = 60_000
const inMinutes = (minutes: number) => new Date(server.clock.now().getTime() + minutes * minute).toISOString()
const schedule = (as: TestPerson, fields: object, minutes = 10): Promise<Entity> =>
  client.post('/api/v1/statuses', as, { scheduled_at: inMinutes(minutes), ...fields })
const pass = async (minutes: number) => {
  server.clock.advance(minutes * minute)
  await server.settle()
}
const textsOf = async (person: TestPerson): Promise<string[]> =>
  (await client.get(`/api/v1/accounts/${person.accountId}/statuses`, person)).map((status: Entity) =>
    status.content.replace(/<[^>]+>/g, ''),
  )
const errorOf = async (response: Response) => [response.status, (await response.json()).error]

describe('a scheduled status', () => {
  it('is told as it was sent, and posted at its time, once', async () => {
    const scheduled = await schedule(alice, {
      status: 'In a while #Painting',
      spoiler_text: 'Later',
      visibility: 'unlisted',
      language: 'de',
      poll: { options: ['Oil', 'Ink'], expires_in: 600 },
    })
    expect(scheduled).toMatchObject({
      params: {
        text: 'In a while #Painting',
        spoiler_text: 'Later',
        visibility: 'unlisted',
        language: 'de',
        poll: { options: ['Oil', 'Ink'], expires_in: 600, multiple: false, hide_totals: false },
        in_reply_to_id: null,
        media_ids: null,
        scheduled_at: null,
      },
      media_attachments: [],
    })
    expect(await client.get(`${path}/${scheduled.id}`, alice)).toEqual(scheduled)
    await pass(9)
    expect(await textsOf(alice)).toEqual([])
    await pass(1)
    expect(await textsOf(alice)).toEqual(['In a while #Painting'])
    const [status] = await client.get(`/api/v1/accounts/${alice.accountId}/statuses`, alice)
    expect(status).toMatchObject({
      visibility: 'unlisted',
      spoiler_text: 'Later',
      tags: [{ name: 'painting' }],
      poll: { expired: false },
    })
    expect(Date.parse(status.created_at)).toBeGreaterThanOrEqual(Date.parse(scheduled.scheduled_at))
    // What its poll lasts is counted from then on.
    expect(Date.parse(status.poll.expires_at) - Date.parse(status.created_at)).toBe(600_000)
    expect(await client.get(path, alice)).toEqual([])
    expect(await client.status(`${path}/${scheduled.id}`, { as: alice })).toBe(404)
    await Promise.all([1, 2, 3].map(() => postScheduledNote(server.app, scheduled.id)))
    expect(await textsOf(alice)).toHaveLength(1)
  })

  it('is posted once however many begin at once, and wholly or not at all', async () => {
    const { db } = server.app
    const scheduled = await schedule(bob, { status: 'Once' })
    server.clock.advance(10 * minute)
    await sql`create function refuse_note() returns trigger language plpgsql as
      $$ begin raise exception 'out of order'; end $$`.execute(db)
    await sql`create trigger refuse_note after insert on notes for each row execute function refuse_note()`.execute(
      db,
    )
    await expect(postScheduledNote(server.app, scheduled.id)).rejects.toThrow('out of order')
    expect(idsOf(await client.get(path, bob))).toEqual([scheduled.id])
    await sql`drop trigger refuse_note on notes`.execute(db)
    await Promise.all([1, 2, 3, 4, 5].map(() => postScheduledNote(server.app, scheduled.id)))
    await server.settle()
    expect(await textsOf(bob)).toEqual(['Once'])
    expect(await client.get(path, bob)).toEqual([])
  })

  it('keeps its pictures and the order they stand in, from being pruned, taken back or posted elsewhere', async () => {
    const picture = await softPicture(32, 32).png().toBuffer()
    const [one, two] = [await client.upload(alice, picture), await client.upload(alice, picture)]
    const scheduled = await schedule(alice, { media_ids: [two.id, one.id] }, 3 * 24 * 60)
    expect(idsOf(scheduled.media_attachments)).toEqual([two.id, one.id])
    expect(scheduled.params.media_ids).toEqual([two.id, one.id])
    const inUse = 'Validation failed: A media attachment was not found or is already in use'
    for (const more of [{}, { scheduled_at: inMinutes(10) }]) {
      const json = { status: 'x', media_ids: [one.id], ...more }
      expect(await errorOf(await client.call('/api/v1/statuses', { as: alice, json }))).toEqual([422, inUse])
    }
    expect(await client.status(`/api/v1/media/${one.id}`, { as: alice, method: 'DELETE' })).toBe(422)
    await pass(2 * 24 * 60)
    expect(await client.status(`/api/v1/media/${one.id}`, { as: alice })).toBe(200)
    await pass(24 * 60)
    const [status] = await client.get(`/api/v1/accounts/${alice.accountId}/statuses`, alice)
    expect(idsOf(status.media_attachments)).toEqual([two.id, one.id])
  })

  it('lets its pictures go when it is taken back', async () => {
    const media = await client.upload(alice, await softPicture(32, 32).png().toBuffer())
    const scheduled = await schedule(alice, { media_ids: [media.id] })
    const gone = await client.call(`${path}/${scheduled.id}`, { as: alice, method: 'DELETE' })
    expect([gone.status, await gone.json()]).toEqual([200, {}])
    expect(await client.status(`${path}/${scheduled.id}`, { as: alice, method: 'DELETE' })).toBe(404)
    await client.post('/api/v1/statuses', alice, { status: 'now, then', media_ids: [media.id] })
    const before = await textsOf(alice)
    await pass(20)
    expect(await textsOf(alice)).toEqual(before)
  })

  it('is moved to another time, sooner or later', async () => {
    const dave = await server.person('dave')
    const [later, sooner] = [
      await schedule(dave, { status: 'later' }),
      await schedule(dave, { status: 'sooner' }, 60),
    ]
    const move = (id: string, scheduled_at?: string) =>
      client.call(`${path}/${id}`, { as: dave, method: 'PUT', json: { scheduled_at, status: 'ignored' } })
    expect(await (await move(later.id, inMinutes(120))).json()).toMatchObject({ params: { text: 'later' } })
    await move(sooner.id, inMinutes(10))
    expect(await (await move(sooner.id)).json()).toMatchObject({ params: { text: 'sooner' } })
    for (const at of [inMinutes(5), inMinutes(-5)]) {
      expect(await errorOf(await move(later.id, at))).toEqual([
        422,
        'Validation failed: Scheduled at date must be in the future',
      ])
    }
    await pass(10)
    expect(await textsOf(dave)).toEqual(['sooner'])
    await pass(110)
    expect(await textsOf(dave)).toEqual(['later', 'sooner'])
    await pass(120)
    expect(await textsOf(dave)).toHaveLength(2)
  })

  it('is its author’s alone', async () => {
    const { id } = await schedule(alice, { status: 'mine' })
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const json = method === 'PUT' ? { scheduled_at: inMinutes(20) } : undefined
      const response = await client.call(`${path}/${id}`, { as: bob, method, ...(json && { json }) })
      expect(await errorOf(response)).toEqual([404, 'Record not found'])
    }
    expect(idsOf(await client.get(path, bob))).not.toContain(id)
    await client.call(`${path}/${id}`, { as: alice, method: 'DELETE' })
  })

  it('is stored once under one key, however often it is sent', async () => {
    const send = () =>
      client.call('/api/v1/statuses', {
        as: bob,
        json: { status: 'keyed', scheduled_at: inMinutes(10) },
        headers: { 'idempotency-key': 'the same' },
      })
    const answers = await Promise.all(Array.from({ length: 8 }, send))
    const ids = new Set(idsOf(await Promise.all(answers.map((answer) => answer.json()))))
    expect(ids.size).toBe(1)
    expect(await client.get(path, bob)).toHaveLength(1)
  })

  it('comes in all three kinds of body', async () => {
    const carol = await server.person('carol')
    const fields = { status: 'as a form', scheduled_at: inMinutes(10) }
    await server.fetch('/api/v1/statuses', { as: carol, method: 'POST', body: new URLSearchParams(fields) })
    const multipart = new FormData()
    for (const [name, value] of Object.entries(fields)) multipart.set(name, value)
    await server.fetch('/api/v1/statuses/', { as: carol, method: 'POST', body: multipart })
    const [two, one] = await client.get(path, carol)
    expect([one.params.text, two.params.text]).toEqual(['as a form', 'as a form'])
    const first = await client.call(`${path}?limit=1`, { as: carol })
    expect(idsOf(await first.json())).toEqual([two.id])
    const next = await fetch(linksOf(first).next ?? '', {
      headers: { authorization: `Bearer ${carol.token}` },
    })
    expect(idsOf(await next.json())).toEqual([one.id])
  })
})

describe('what is refused', () => {
  it('is what is too soon, no moment, or could not be posted now either', async () => {
    const refused = async (fields: object) =>
      errorOf(await client.call('/api/v1/statuses', { as: alice, json: { status: 'x', ...fields } }))
    const tooSoon = [422, 'Validation failed: Scheduled at date must be in the future']
    expect(await refused({ scheduled_at: inMinutes(5) })).toEqual(tooSoon)
    expect(await refused({ scheduled_at: '2001-01-01' })).toEqual(tooSoon)
    const noMoment = [422, 'Validation failed: Scheduled at is invalid']
    expect(await refused({ scheduled_at: 'tomorrow' })).toEqual(noMoment)
    expect(await refused({ scheduled_at: '+275760-09-13T00:00:00Z' })).toEqual(noMoment)
    const later = { scheduled_at: inMinutes(10) }
    expect(await refused({ ...later, status: ' ' })).toEqual([422, "Validation failed: Text can't be blank"])
    expect(await refused({ ...later, in_reply_to_id: '1' })).toEqual([404, 'Record not found'])
    expect(await refused({ ...later, poll: { options: ['a'], expires_in: 600 } })).toEqual([
      422,
      'Validation failed: Options must have more than one item',
    ])
    expect(await refused({ ...later, media_ids: ['1'] })).toEqual([
      422,
      'Validation failed: A media attachment was not found or is already in use',
    ])
    expect(await client.get(path, alice)).toEqual([])
  })

  it('is the 26th of a day, and the 301st of all', async () => {
    const eve = await server.person('eve')
    const at = (day: number) => `2099-01-${String(day).padStart(2, '0')}T12:00:00Z`
    const fill = (day: number, count: number) =>
      sql`insert into scheduled_notes (account_id, scheduled_at, form)
        select ${eve.accountId}, ${at(day)}, '{}' from generate_series(1, ${sql.lit(count)})`.execute(
        server.app.db,
      )
    await fill(1, 24)
    const last = await schedule(eve, { status: 'the 25th', scheduled_at: at(1) })
    const send = (day: number) =>
      client.call('/api/v1/statuses', { as: eve, json: { status: 'x', scheduled_at: at(day) } })
    expect(await errorOf(await send(1))).toEqual([
      422,
      'Validation failed: You have exceeded the limit of 25 scheduled posts for today',
    ])
    const move = (scheduled_at: string) =>
      client.status(`${path}/${last.id}`, { as: eve, method: 'PUT', json: { scheduled_at } })
    expect(await move('2099-01-01T13:00:00Z')).toBe(200)
    await fill(2, 25)
    expect(await move(at(2))).toBe(422)
    for (let day = 3; day <= 12; day++) await fill(day, 25)
    expect(await errorOf(await send(20))).toEqual([
      422,
      'Validation failed: You have exceeded the limit of 300 scheduled posts',
    ])
  })
})

describe('what became impossible meanwhile', () => {
  it('is not posted and not lost: it waits for its author, and the operator is told', async () => {
    const frank = await server.person('frank')
    const parent = await post(server, bob, { text: 'a question' })
    const scheduled = await schedule(frank, { status: 'an answer', in_reply_to_id: parent.note.id })
    expect(scheduled.params.in_reply_to_id).toBe(parent.note.id)
    await client.call(`/api/v1/statuses/${parent.note.id}`, { as: bob, method: 'DELETE' })
    await pass(10)
    expect(await textsOf(frank)).toEqual([])
    expect(idsOf(await client.get(path, frank))).toEqual([scheduled.id])
    const dead = await listDeadJobs(server.app.db)
    expect(dead).toMatchObject([{ name: 'postScheduledNote' }])
    expect(JSON.stringify(dead)).toContain('It cannot be posted any more')
  })

  it('goes with an account that is deleted', async () => {
    const grace = await server.person('grace')
    await schedule(grace, { status: 'too late' })
    await deleteAccount(server.app, grace.account, null)
    await pass(10)
    const left = await server.app.db
      .selectFrom('scheduled_notes')
      .select('id')
      .where('account_id', '=', grace.accountId)
      .execute()
    expect(left).toEqual([])
  })
})

it('a painting waits with its label, and its remix with its credit, though the generation is discarded', async () => {
  const paint = async (as: TestPerson, more: object = {}) => {
    const { id } = await (
      await client.call('/api/pinxit/v1/generations', {
        as,
        json: { prompt: 'a quiet sea', aspect: '256x256', count: 1, ...more },
      })
    ).json()
    await server.settle()
    const generation = await client.get(`/api/pinxit/v1/generations/${id}`, as)
    return { id, mediaId: generation.media_attachments[0].id }
  }
  const original = await paint(bob)
  const parent = await client.post('/api/v1/statuses', bob, {
    status: 'take it',
    media_ids: [original.mediaId],
    remix_policy: 'anyone',
  })
  const remix = await paint(alice, { remix_of: parent.id })
  await schedule(
    alice,
    { status: 'taken', media_ids: [remix.mediaId], prompt_visibility: 'public' },
    2 * 24 * 60,
  )
  await client.call(`/api/pinxit/v1/generations/${remix.id}`, { as: alice, method: 'DELETE' })
  await pass(2 * 24 * 60)
  const [status] = await client.get(`/api/v1/accounts/${alice.accountId}/statuses`, alice)
  expect(status.media_attachments[0].id).toBe(remix.mediaId)
  expect(status.pinxit).toMatchObject({ prompt: 'a quiet sea', remix_of: { uri: parent.uri } })
})
