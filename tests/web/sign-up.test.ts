import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInvite, inviteAddress } from '#src/auth/invites.ts'
import { listInvites } from '#src/db/invites.ts'
import { countUsers, getUserByLogin } from '#src/db/users.ts'
import { linkIn, startMailServer } from '#tests/support/mail-server.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Visitor, visit } from '#tests/support/visitor.ts'

type Fields = Record<string, string>

const password = 'a long enough password'
const filled = (username: string, more: Fields = {}): Fields => ({
  username,
  email: `${username}@mail.example`,
  password,
  agreement: 'on',
  ...more,
})

const send = (server: TestServer, path: string, fields: Fields, headers: Fields = {}) =>
  server.fetch(path, { method: 'POST', body: new URLSearchParams(fields), headers })

const canSignIn = async (server: TestServer, login: string) =>
  (await send(server, '/sign-in', { login, password })).status === 303

describe('where sign-up is closed', () => {
  it('says so, and makes nobody an account', async () => {
    const server = await startTestServer()
    const page = await (await server.fetch('/sign-up')).text()
    expect(page).toContain('Sign-up is closed')
    expect(page).not.toContain('<form')
    expect((await send(server, '/sign-up', filled('mallory'))).status).toBe(403)
    expect(await countUsers(server.app.db)).toBe(0)
    await server.close()
  })
})

describe('where sign-up is open', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ REGISTRATIONS: 'open' })
  })
  afterAll(() => server.close())

  it('the form makes an account, in the language of the page, and signs in', async () => {
    const answer = await send(server, '/sign-up', filled('ada'), { 'accept-language': 'it' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/compose?welcome'])
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    expect(await (await server.fetch('/settings', { headers: { cookie } })).text()).toContain(
      '<html lang="it"',
    )
    expect((await server.fetch('/@ada')).status).toBe(200)
  })

  it.each([
    ['a taken name', { username: 'ADA' }, 'taken'],
    ['a reserved name', { username: 'admin' }, 'reserved'],
    ['a name with spaces', { username: 'a b' }, 'letters, digits'],
    ['a taken address', { email: 'Ada@mail.example' }, 'in use here already'],
    ['no address', { email: 'nowhere' }, 'cannot be used'],
    ['a short password', { password: 'short' }, 'too short'],
    ['no agreement', { agreement: '' }, 'Without that'],
  ])('%s is told, and what was typed stays but for the password', async (_name, fields: Fields, words) => {
    const typed = filled('bea', fields)
    const answer = await send(server, '/sign-up', typed)
    const page = await answer.text()
    expect([answer.status, /role="alert"[^>]*>([^<]*)</.exec(page)?.[1]]).toEqual([
      422,
      expect.stringContaining(words),
    ])
    expect(page).toContain(`value="${typed.email}"`)
    expect(page).not.toContain(`value="${password}"`)
    await expect(getUserByLogin(server.app.db, 'bea')).rejects.toThrow()
  })

  it('is refused from another site', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    expect((await send(server, '/sign-up', filled('cleo'), headers)).status).toBe(403)
    expect((await send(server, '/sign-up', filled('cleo'))).status).toBe(303)
  })
})

describe('where addresses are confirmed', () => {
  it('who signs in too early gets another letter, and comes in after its link', async () => {
    const mail = await startMailServer()
    const server = await startTestServer({ REGISTRATIONS: 'open', SMTP_URL: mail.url })
    const asked = await send(server, '/sign-up', filled('ida'))
    expect([asked.status, asked.headers.get('set-cookie')]).toEqual([200, null])
    expect(await asked.text()).toContain('ida@mail.example')
    const early = await send(server, '/sign-in', { login: 'ida', password })
    expect([early.status, await early.text()]).toEqual([403, expect.stringContaining('not confirmed yet')])
    expect((await send(server, '/sign-in', { login: 'ida', password: 'wrong one' })).status).toBe(401)
    await server.settle()
    const [latest] = mail.letters.slice(-1)
    if (!latest) throw new Error('no letter')
    const confirmed = await send(server, new URL(linkIn(latest)).pathname, {})
    expect([confirmed.status, await confirmed.text()]).toEqual([200, expect.stringContaining('Thank you')])
    expect(await canSignIn(server, 'ida')).toBe(true)
    await server.close()
    await mail.close()
  })
})

describe('where people join by invitation', () => {
  let server: TestServer
  let olga: TestPerson
  let browser: Visitor
  beforeAll(async () => {
    server = await startTestServer({ REGISTRATIONS: 'invite' })
    olga = await server.person('olga', { role: 'moderator' })
    browser = await visit(server, olga)
  })
  afterAll(() => server.close())

  const asOlga = (path: string, fields: Fields = {}) =>
    send(server, path, { ...fields, csrf: browser.csrf }, { cookie: browser.cookie })

  async function invite(fields: Fields): Promise<string> {
    expect((await asOlga('/admin/invites', fields)).status).toBe(303)
    const headers = { cookie: browser.cookie }
    const page = await (await server.fetch('/admin/invites', { headers })).text()
    return new URL(/href="([^"]+\/sign-up\/[\w-]{43})"/.exec(page)?.[1] ?? '').pathname
  }

  it('a link lets in as many as it says, and nobody without one', async () => {
    const page = await (await server.fetch('/sign-up')).text()
    expect(page).toContain('by invitation')
    expect((await send(server, '/sign-up', filled('dora'))).status).toBe(403)
    const path = await invite({ uses: '1', lifetime: 'week' })
    expect(await (await server.fetch(path)).text()).toContain('You are invited')
    expect((await send(server, path, filled('dora', { password: 'short' }))).status).toBe(422)
    expect((await send(server, path, filled('dora'))).status).toBe(303)
    expect((await send(server, path, filled('eve'))).status).toBe(410)
    expect((await server.fetch(path)).status).toBe(410)
    expect((await send(server, `/sign-up/${'x'.repeat(43)}`, filled('eve'))).status).toBe(410)
    await expect(getUserByLogin(server.app.db, 'eve')).rejects.toThrow()
  })

  it('twenty at once with a link for five make five', async () => {
    const path = await invite({ uses: '5', lifetime: 'ever' })
    const before = await countUsers(server.app.db)
    await Promise.all(Array.from({ length: 20 }, (_, i) => send(server, path, filled(`crowd${i}`))))
    expect((await countUsers(server.app.db)) - before).toBe(5)
  })

  it('a link ends by the clock, when it is deleted, and with who made it', async () => {
    const path = await invite({ uses: 'any', lifetime: 'day' })
    expect((await server.fetch(path)).status).toBe(200)
    server.clock.advance(25 * 3_600_000)
    expect((await server.fetch(path)).status).toBe(410)
    const another = await invite({ uses: 'any', lifetime: 'ever' })
    const [latest] = await listInvites(server.app.db, olga.accountId, { limit: 1, maxId: undefined })
    expect((await server.fetch(another)).status).toBe(200)
    expect((await asOlga(`/admin/invites/${latest?.id}/remove`)).status).toBe(303)
    expect((await server.fetch(another)).status).toBe(410)

    const gone = await server.person('gone', { role: 'admin' })
    await createInvite(server.app, gone.accountId, { maxUses: null, lifetimeMs: null })
    const [theirs] = await listInvites(server.app.db, gone.accountId, { limit: 1, maxId: undefined })
    if (!theirs) throw new Error('no invitation')
    const lasting = new URL(inviteAddress(server.app, theirs)).pathname
    expect((await server.fetch(lasting)).status).toBe(200)
    await server.app.db
      .updateTable('accounts')
      .set({ suspended_at: new Date() })
      .where('id', '=', gone.accountId)
      .execute()
    expect((await server.fetch(lasting)).status).toBe(410)
  })

  it('links are made and deleted by those who moderate, each their own, and stand in no row', async () => {
    const path = await invite({ uses: 'any', lifetime: 'ever' })
    const rows = await server.app.db.selectFrom('invites').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(path.split('/').at(-1))
    const peter = await visit(server, await server.person('peter'))
    const as = { csrf: peter.csrf }
    const headers = { cookie: peter.cookie }
    expect((await server.fetch('/admin/invites', { headers })).status).toBe(404)
    expect((await send(server, '/admin/invites', { ...as, uses: 'any' }, headers)).status).toBe(404)
    const mona = await visit(server, await server.person('mona', { role: 'moderator' }))
    const [latest] = await listInvites(server.app.db, olga.accountId, { limit: 1, maxId: undefined })
    const remove = `/admin/invites/${latest?.id}/remove`
    expect((await send(server, remove, { csrf: mona.csrf }, { cookie: mona.cookie })).status).toBe(303)
    expect((await server.fetch(path)).status).toBe(200)
  })
})

describe('where somebody approves', () => {
  let server: TestServer
  let browser: Visitor
  beforeAll(async () => {
    server = await startTestServer({ REGISTRATIONS: 'approval' })
    browser = await visit(server, await server.person('olga', { role: 'moderator' }))
  })
  afterAll(() => server.close())

  const pending = async (headers: Fields = { cookie: browser.cookie }) =>
    (await server.fetch('/admin/sign-ups', { headers })).text()
  const answer = async (name: string, verb: string, { cookie, csrf } = browser) => {
    const { id } = await getUserByLogin(server.app.db, name)
    return (await send(server, `/admin/sign-ups/${id}/${verb}`, { csrf }, { cookie })).status
  }

  it('whoever asks says why, waits, and comes in once let in', async () => {
    expect((await send(server, '/sign-up', filled('fay'))).status).toBe(422)
    const asked = await send(server, '/sign-up', filled('fay', { reason: 'I paint <b>harbours</b>' }))
    expect([asked.status, asked.headers.get('set-cookie')]).toEqual([200, null])
    expect(await asked.text()).toContain('looks at new accounts')
    expect(await canSignIn(server, 'fay')).toBe(false)
    expect((await server.fetch('/@fay')).status).toBe(404)
    for (const part of ['@fay', 'fay@mail.example', 'I paint &lt;b&gt;harbours'])
      expect(await pending()).toContain(part)
    expect(await answer('fay', 'approve')).toBe(303)
    expect(await pending()).not.toContain('@fay')
    expect(await canSignIn(server, 'fay')).toBe(true)
    expect((await server.fetch('/@fay')).status).toBe(200)
    expect(await answer('fay', 'reject')).toBe(303)
    expect(await canSignIn(server, 'fay')).toBe(true)
  })

  it('who is turned away leaves nothing behind, the name included', async () => {
    await send(server, '/sign-up', filled('gus', { reason: 'Buy my pills' }))
    expect(await answer('gus', 'reject')).toBe(303)
    await expect(getUserByLogin(server.app.db, 'gus')).rejects.toThrow()
    expect((await send(server, '/sign-up', filled('gus', { reason: 'I paint' }))).status).toBe(200)
    const log = await server.app.db.selectFrom('audit_log').select(['action', 'subject']).execute()
    expect(log).toEqual(
      expect.arrayContaining([
        { action: 'account.approve', subject: 'fay' },
        { action: 'account.reject', subject: 'gus' },
      ]),
    )
  })

  it('is for those who moderate alone', async () => {
    await send(server, '/sign-up', filled('hal', { reason: 'I paint' }))
    const peter = await visit(server, await server.person('peter'))
    expect(await answer('hal', 'approve', peter)).toBe(404)
    expect(await answer('hal', 'approve', { ...browser, csrf: 'forged' })).toBe(403)
    expect(await pending({ cookie: peter.cookie })).not.toContain('@hal')
    expect(await canSignIn(server, 'hal')).toBe(false)
  })
})
