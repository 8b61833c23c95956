import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { countDeadJobs } from '#src/db/dead-jobs.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { visit } from '#tests/support/visitor.ts'

let server: TestServer
let admin: TestPerson
let user: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  admin = await server.person('ada', { role: 'admin' })
  user = await server.person('uma')
})
afterAll(() => server.close())

beforeEach(async () => {
  const { db } = server.app
  await db.deleteFrom('jobs').where('name', '=', 'deliver').execute()
  await db.deleteFrom('dead_jobs').execute()
  const payload = (host: string) =>
    JSON.stringify({
      inbox: `https://${host}/inbox`,
      activityType: 'https://www.w3.org/ns/activitystreams#Create',
    })
  await sql`insert into dead_jobs (id, name, lane, payload, attempts, error, created_at) values
    (1, 'deliver', 'redelivery', ${payload('dead.example')}, 19, 'HTTP 500', now()),
    (2, 'deliver', 'redelivery', ${payload('dead.example')}, 19, 'HTTP 500', now())`.execute(db)
  await sql`insert into jobs (name, lane, payload, run_at, attempts, last_error)
    select 'deliver', 'redelivery', ${payload('sick.example')}, now() + interval '40 days', 3, '<b>HTTP 502</b>'
    from generate_series(1, 7)`.execute(db)
})

async function see(person: TestPerson): Promise<{ status: number; text: string }> {
  const { cookie } = await visit(server, person)
  const answer = await server.fetch('/admin/deliveries', { headers: { cookie, 'accept-language': 'en' } })
  return { status: answer.status, text: await answer.text() }
}

async function press(person: TestPerson, fields: Record<string, string>): Promise<number> {
  const { cookie, csrf } = await visit(server, person)
  const body = new URLSearchParams({ csrf, ...fields })
  return (await server.fetch('/admin/deliveries', { method: 'POST', body, headers: { cookie } })).status
}

test('an administrator sees which servers give trouble, and what was given up', async () => {
  const { status, text } = await see(admin)
  expect(status).toBe(200)
  expect(text).toContain('7 deliveries wait.')
  expect(text).toMatch(/<th scope="row">sick\.example<\/th>\s*<td[^>]*>7<\/td>\s*<td[^>]*>3<\/td>/)
  expect(text).toContain('deliver Create → dead.example')
  expect(text).toContain('Try all 2 again')
  expect(text).toContain('&lt;b&gt;HTTP 502')
})

describe('what was given up', () => {
  const entries = () =>
    server.app.db
      .selectFrom('audit_log')
      .select(['action', 'subject', 'actor_account_id'])
      .orderBy('id')
      .execute()

  test('is dropped one by one, replayed all at once, and both are kept in the log', async () => {
    expect(await press(admin, { verb: 'drop', id: '2' })).toBe(303)
    expect(await countDeadJobs(server.app.db)).toBe(1)
    expect(await press(admin, { verb: 'replay' })).toBe(303)
    expect(await entries()).toEqual([
      { action: 'jobs.drop', subject: '2', actor_account_id: admin.accountId },
      { action: 'jobs.replay', subject: 'all', actor_account_id: admin.accountId },
    ])
  })

  test.each([[{ verb: 'drop', id: 'x' }], [{ verb: 'drop', id: '' }], [{ verb: 'explode', id: '1' }], [{}]])(
    'stays for %j',
    async (fields) => {
      expect(await press(admin, fields)).toBe(303)
      expect(await countDeadJobs(server.app.db)).toBe(2)
    },
  )
})

test('nobody else sees the page or presses its buttons', async () => {
  expect((await see(user)).status).toBe(404)
  expect(await press(user, { verb: 'drop' })).toBe(404)
  expect((await server.fetch('/admin/deliveries')).status).not.toBe(200)
  expect(await countDeadJobs(server.app.db)).toBe(2)
})
