import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { upsertRemoteAccount } from '#src/db/accounts.ts'
import { listRefusals } from '#src/db/refusals.ts'
import { blockAccount } from '#src/relationships/block.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { visit } from '#tests/support/visitor.ts'

let server: TestServer
let alice: TestPerson
let bob: TestPerson
let moderator: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  moderator = await server.person('molly', { role: 'moderator' })
})
afterAll(() => server?.close())

type Browser = {
  get(path: string): Promise<{ status: number; text: string }>
  send(path: string, fields?: Record<string, string>): Promise<Response>
}

/** Someone's browser: it keeps the cookie, and takes the token from a page of ours. */
async function browserOf(person: TestPerson): Promise<Browser> {
  const { cookie, csrf } = await visit(server, person)
  const read = async (path: string) => {
    const response = await server.fetch(path, { headers: { cookie } })
    return { status: response.status, text: await response.text() }
  }
  return {
    get: read,
    send: (path, fields = {}) => {
      const body = new URLSearchParams({ csrf, back: '/settings/blocks', ...fields })
      return server.fetch(path, { method: 'POST', body, headers: { cookie } })
    },
  }
}

const refusals = async () =>
  (await listRefusals(server.app.db, alice.accountId, [bob.accountId])).map((one) => ({
    muting: one.muting,
    blocking: one.blocking,
  }))[0]
/** Where strangers are sent. */
const signInOf = ({ headers }: Response) => headers.get('location')?.split('?')[0]
const remoteAccount = () =>
  upsertRemoteAccount(server.app.db, {
    username: 'actor',
    domain: 'far.example',
    kind: 'Application',
    uri: 'https://far.example/actor',
    url: 'https://far.example/actor',
    inbox_uri: 'https://far.example/inbox',
  })
const about = (deed: string) => `/accounts/${bob.accountId}/${deed}`

describe('the menu of a profile', () => {
  test('mutes and blocks, and the page of all that is refused undoes both', async () => {
    const browser = await browserOf(alice)
    expect((await browser.get('/@bob')).text).toContain(`action="${about('block')}"`)
    const answer = await browser.send(about('mute'), { duration: '3600', notifications: '1' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/settings/blocks'])
    await browser.send(about('block'))
    expect(await refusals()).toEqual({ muting: true, blocking: true })
    const page = await browser.get('/settings/blocks')
    for (const deed of ['unmute', 'unblock']) expect(page.text).toContain(`action="${about(deed)}"`)
    const profile = await browser.get('/@bob')
    expect(profile.text).toContain(`action="${about('unblock')}"`)
    expect(profile.text).not.toContain(`action="${about('follow')}"`)
    await browser.send(about('unmute'))
    await browser.send(about('unblock'))
    expect(await refusals()).toEqual({ muting: false, blocking: false })
  })

  test('removes a follower', async () => {
    await followAccount(server.app, bob.accountId, alice.accountId)
    const browser = await browserOf(alice)
    expect((await browser.get('/@bob')).text).toContain(`action="${about('remove-follower')}"`)
    await browser.send(about('remove-follower'))
    expect((await browser.get('/@bob')).text).not.toContain(`action="${about('remove-follower')}"`)
  })

  test('is not there for strangers, nor on one’s own profile', async () => {
    expect(await (await server.fetch('/@bob')).text()).not.toContain('profile-menu')
    expect((await (await browserOf(alice)).get('/@alice')).text).not.toContain('profile-menu')
  })
})

test('a server is blocked and unblocked by its domain, and what is none is refused in words', async () => {
  const browser = await browserOf(alice)
  await browser.send('/domain-blocks', { domain: 'Social.Example' })
  expect((await browser.get('/settings/blocks')).text).toContain('<bdi>social.example</bdi>')
  const wrong = await browser.send('/domain-blocks', { domain: 'not a <b>domain' })
  expect(wrong.status).toBe(422)
  expect(await wrong.text()).toContain('That is not the domain of another server.')
  await browser.send('/domain-blocks/remove', { domain: 'social.example' })
  expect((await browser.get('/settings/blocks')).text).not.toContain('<bdi>social.example</bdi>')
})

test('a conversation is muted from a note’s menu', async () => {
  const { note } = await post(server, alice)
  const browser = await browserOf(alice)
  const path = `/@alice/${note.id}`
  expect((await browser.get(path)).text).toContain(`action="/notes/${note.id}/mute"`)
  await browser.send(`/notes/${note.id}/mute`)
  expect((await browser.get(path)).text).toContain(`action="/notes/${note.id}/unmute"`)
})

describe('a report', () => {
  test('is written on a page, read by moderators, and resolved once, with a trace', async () => {
    const { note } = await post(server, bob, { text: 'Something unkind' })
    const browser = await browserOf(alice)
    const form = await browser.get(`/report?account=${bob.accountId}&note=${note.id}`)
    expect(form.status).toBe(200)
    expect(form.text).toContain('Something unkind')
    const fields = {
      account: bob.accountId,
      note: note.id,
      category: 'violation',
      comment: 'See <b>this</b>',
    }
    const sent = await browser.send('/report', fields)
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/report/sent'])
    const long = await browser.send('/report', { ...fields, comment: 'x'.repeat(1001) })
    expect(long.status).toBe(422)

    const desk = await browserOf(moderator)
    const [report] = await server.app.db.selectFrom('reports').selectAll().execute()
    const path = `/admin/reports/${report?.id}`
    expect((await desk.get('/notifications')).text).toContain(`href="${path}"`)
    expect((await desk.get('/admin/reports')).text).toContain(`href="${path}"`)
    const page = await desk.get(path)
    expect(page.text).toContain('Something unkind')
    expect(page.text).toContain('See &lt;b&gt;this&lt;/b&gt;')
    for (let time = 0; time < 2; time++)
      expect((await desk.send(`${path}/resolve`)).headers.get('location')).toBe('/admin/reports')
    expect((await desk.get('/admin/reports')).text).not.toContain(`href="${path}"`)
    expect((await desk.get('/admin/reports?resolved')).text).toContain(`href="${path}"`)
    const trace = server.app.db.selectFrom('audit_log').selectAll().where('action', '=', 'report.resolve')
    expect(await trace.execute()).toMatchObject([
      { actor_account_id: moderator.accountId, subject: report?.id },
    ])
  })

  test('shows moderators a note for followers only where a follower reports it', async () => {
    await followAccount(server.app, alice.accountId, bob.accountId)
    const { note } = await post(server, bob, { text: 'Among ourselves', visibility: 'followers' })
    const browser = await browserOf(alice)
    const desk = await browserOf(moderator)
    await browser.send('/report', { account: bob.accountId, note: note.id, comment: '' })
    const { id } = await server.app.db
      .selectFrom('reports')
      .select('id')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect((await desk.get(`/admin/reports/${id}`)).text).toContain('Among ourselves')
    expect((await desk.get(`/@bob/${note.id}`)).status).toBe(404)
    await server.app.db
      .updateTable('reports')
      .set({ account_id: (await remoteAccount()).id })
      .where('id', '=', id)
      .execute()
    expect((await desk.get(`/admin/reports/${id}`)).text).not.toContain('Among ourselves')
  })

  test('is nobody else’s to see or resolve', async () => {
    const [report] = await server.app.db.selectFrom('reports').selectAll().execute()
    const paths = ['/admin/reports', `/admin/reports/${report?.id}`, '/admin/reports/1', '/admin/reports/x']
    const browser = await browserOf(bob)
    for (const path of paths) {
      expect([path, (await browser.get(path)).status]).toEqual([path, 404])
      expect([path, signInOf(await server.fetch(path))]).toEqual([path, '/sign-in'])
    }
    expect((await browser.send(`/admin/reports/${report?.id}/resolve`)).status).toBe(404)
    const desk = await browserOf(moderator)
    expect((await desk.get('/admin/reports/1')).status).toBe(404)
  })

  test('is of somebody else who is there, and of their notes alone', async () => {
    const { note } = await post(server, alice)
    const browser = await browserOf(alice)
    for (const account of [alice.accountId, '1', 'x', ''])
      expect((await browser.get(`/report?account=${account}`)).status).toBe(404)
    const page = await browser.get(`/report?account=${bob.accountId}&note=${note.id}`)
    expect(page.text).not.toContain('name="note"')
  })
})

test('every form is refused to strangers and from other sites', async () => {
  await blockAccount(server.app, alice.accountId, bob.accountId)
  const paths = [
    ...['mute', 'unmute', 'block', 'unblock', 'remove-follower'].map(about),
    ...['/domain-blocks', '/domain-blocks/remove', '/report', '/admin/reports/1/resolve'],
  ]
  const { cookie } = await visit(server, alice)
  for (const path of paths) {
    const body = () => new URLSearchParams({ domain: 'x.example' })
    const stranger = await server.fetch(path, { method: 'POST', body: body() })
    expect([path, signInOf(stranger)]).toEqual([path, '/sign-in'])
    const forged = await server.fetch(path, { method: 'POST', body: body(), headers: { cookie } })
    expect([path, forged.status]).toEqual([path, 403])
  }
  expect(await refusals()).toMatchObject({ blocking: true })
})
