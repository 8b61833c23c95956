import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApplication } from '#src/auth/applications.ts'
import { grantByPassword } from '#src/auth/grants.ts'
import { getUserByLogin, updateUser } from '#src/db/users.ts'
import { linkIn, type MailServer, type ReceivedLetter, startMailServer } from '#tests/support/mail-server.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Visitor, visit } from '#tests/support/visitor.ts'

let mail: MailServer
let server: TestServer
beforeAll(async () => {
  mail = await startMailServer()
  server = await startTestServer({ SMTP_URL: mail.url })
})
beforeEach(() => {
  mail.letters.length = 0
})
afterAll(async () => {
  await server.close()
  await mail.close()
})

type Fields = Record<string, string>

const send = (path: string, fields: Fields, headers: Fields = {}, to = server) =>
  to.fetch(path, { method: 'POST', body: new URLSearchParams(fields), headers })

const asVisitor = (path: string, fields: Fields, { cookie, csrf }: Visitor, to = server) =>
  send(path, { ...fields, csrf }, { cookie }, to)

async function letterTo(address: string): Promise<ReceivedLetter> {
  await server.settle()
  const letter = mail.letters.find(({ to }) => to.includes(address))
  expect(letter).toBeDefined()
  return letter as ReceivedLetter
}

const pathIn = (letter: ReceivedLetter) => new URL(linkIn(letter)).pathname
const statusWith = async ({ token }: Pick<TestPerson, 'token'>) =>
  (
    await server.fetch('/api/v1/accounts/verify_credentials', {
      headers: { authorization: `Bearer ${token}` },
    })
  ).status
const canSignIn = async (login: string, password: string) =>
  (await send('/sign-in', { login, password })).status === 303

describe('a forgotten password', () => {
  it('is answered alike whether there is such a person or not, and a letter goes to the one there is', async () => {
    await server.person('ada')
    const answers = await Promise.all(
      ['ada', 'ada@mail.example', 'nobody', 'nobody@mail.example'].map(async (login) => {
        const answer = await send('/forgotten', { login })
        return [answer.status, (await answer.text()).replaceAll(login, '')]
      }),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]?.[0]).toBe(200)
    await server.settle()
    expect(new Set(mail.letters.flatMap(({ to }) => to))).toEqual(new Set(['ada@mail.example']))
  })

  it('is replaced by the link of the letter, once, and every session ends', async () => {
    const bea = await server.person('bea')
    const { cookie } = await visit(server, bea)
    await send('/forgotten', { login: 'bea' })
    const path = pathIn(await letterTo('bea@mail.example'))
    expect((await send(path, { password: 'short' })).status).toBe(422)
    expect((await send(path, { password: 'bea-a new password', ends_apps: 'on' })).status).toBe(200)
    expect((await send(path, { password: 'bea-another password' })).status).toBe(410)
    expect((await server.fetch(path)).status).toBe(410)
    expect(await canSignIn('bea', 'bea-a new password')).toBe(true)
    expect(await canSignIn('bea', bea.password)).toBe(false)
    expect((await server.fetch('/settings', { headers: { cookie } })).status).toBe(303)
    expect(await statusWith(bea)).toBe(401)
  })

  it('leaves apps their access if the person wishes, and tells them of the change', async () => {
    const cleo = await server.person('cleo')
    await send('/forgotten', { login: 'cleo' })
    const path = pathIn(await letterTo('cleo@mail.example'))
    mail.letters.length = 0
    await send(path, { password: 'cleo-a new password' })
    expect(await statusWith(cleo)).toBe(200)
    expect((await letterTo('cleo@mail.example')).headers.subject).toContain('password')
  })

  it('has a link that ends after six hours, with another, and with the address it went to', async () => {
    await server.person('dora')
    const ask = async () => {
      mail.letters.length = 0
      await send('/forgotten', { login: 'dora' })
      return pathIn(await letterTo('dora@mail.example'))
    }
    const first = await ask()
    const second = await ask()
    expect((await server.fetch(first)).status).toBe(410)
    expect((await server.fetch(second)).status).toBe(200)
    const user = await getUserByLogin(server.app.db, 'dora')
    const set = (email: string) =>
      server.app.db.transaction().execute((trx) => updateUser(trx, user.id, { email }))
    await set('elsewhere@mail.example')
    expect((await send(second, { password: 'dora-a new password' })).status).toBe(410)
    await set('dora@mail.example')
    expect((await server.fetch(second)).status).toBe(200)
    server.clock.advance(6 * 3_600_000)
    expect((await server.fetch(second)).status).toBe(410)
  })

  it('asked for again and again is refused, and refuses nobody else', async () => {
    for (let i = 0; i < 5; i++) expect((await send('/forgotten', { login: 'guessed' })).status).toBe(200)
    const refused = await send('/forgotten', { login: ' Guessed' })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await send('/forgotten', { login: 'somebody else' })).status).toBe(200)
  })

  it('goes nowhere for who may not come in, from another site, or with a link nobody wrote', async () => {
    const eve = await server.person('eve')
    await server.app.db
      .transaction()
      .execute((trx) => updateUser(trx, eve.userId, { disabled_at: new Date() }))
    await send('/forgotten', { login: 'eve' })
    await server.settle()
    expect(mail.letters).toEqual([])
    expect((await send('/forgotten', { login: 'eve' }, { origin: 'https://evil.example' })).status).toBe(403)
    for (const token of ['x'.repeat(43), '%00', '..%2f', 'ü'])
      expect((await send(`/reset/${token}`, { password: 'long enough it is' })).status).toBe(410)
  })

  it('is the operator’s to mend where there is no mail', async () => {
    const silent = await startTestServer()
    const page = await (await silent.fetch('/forgotten')).text()
    expect(page).toContain('writes no letters')
    expect(page).not.toContain('name="login"')
    await silent.close()
  })
})

describe('one’s own password', () => {
  it('is changed by who knows it, who stays signed in; other browsers do not', async () => {
    const fay = await server.person('fay')
    const [mine, other] = [await visit(server, fay), await visit(server, fay)]
    const fields = { current: fay.password, password: 'fay-a new password' }
    const wrong = await asVisitor('/settings/account/password', { ...fields, current: 'wrong one' }, mine)
    expect(wrong.status).toBe(422)
    expect(await wrong.text()).toContain('role="alert"')
    const short = await asVisitor('/settings/account/password', { ...fields, password: 'short' }, mine)
    expect(short.status).toBe(422)
    expect((await asVisitor('/settings/account/password', fields, { ...mine, csrf: 'no' })).status).toBe(403)
    expect(await canSignIn('fay', fay.password)).toBe(true)
    const changed = await asVisitor('/settings/account/password', fields, mine)
    expect(changed.status).toBe(303)
    const fresh = (changed.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const status = async (cookie: string) => (await server.fetch('/settings', { headers: { cookie } })).status
    expect([await status(fresh), await status(mine.cookie), await status(other.cookie)]).toEqual([
      200, 303, 303,
    ])
    expect(await statusWith(fay)).toBe(200)
    expect((await letterTo('fay@mail.example')).headers.subject).toContain('password')
  })

  it('is not guessed through a session', async () => {
    const gus = await server.person('gus')
    const mine = await visit(server, gus)
    const guess = () =>
      asVisitor('/settings/account/password', { current: 'a guess', password: 'gus-a new password' }, mine)
    for (let i = 0; i < 10; i++) expect((await guess()).status).toBe(422)
    expect((await guess()).status).toBe(429)
  })
})

describe('one’s own address', () => {
  it('changes once the new one is confirmed, and both are told', async () => {
    const hal = await server.person('hal')
    const mine = await visit(server, hal)
    const fields = { email: 'hal@new.example', current: hal.password }
    expect((await asVisitor('/settings/account/email', { ...fields, current: 'x' }, mine)).status).toBe(422)
    const asked = await asVisitor('/settings/account/email', fields, mine)
    expect([asked.status, await asked.text()]).toEqual([200, expect.stringContaining('hal@new.example')])
    const path = pathIn(await letterTo('hal@new.example'))
    expect((await getUserByLogin(server.app.db, 'hal')).email).toBe('hal@mail.example')
    expect((await server.fetch(path)).status).toBe(200)
    expect((await getUserByLogin(server.app.db, 'hal')).email).toBe('hal@mail.example')
    mail.letters.length = 0
    expect((await asVisitor(path, {}, mine)).status).toBe(200)
    expect((await getUserByLogin(server.app.db, 'hal')).email).toBe('hal@new.example')
    for (const address of ['hal@mail.example', 'hal@new.example'])
      expect((await letterTo(address)).text).toContain('hal@new.example')
    expect((await send(path, {})).status).toBe(410)
  })

  it('cannot be another person’s, not even by the time it is confirmed', async () => {
    const ida = await server.person('ida')
    const mine = await visit(server, ida)
    const change = (email: string) =>
      asVisitor('/settings/account/email', { email, current: ida.password }, mine)
    expect((await change('no address')).status).toBe(422)
    expect((await change('HAL@new.example')).status).toBe(422)
    expect((await change('taken@mail.example')).status).toBe(200)
    const path = pathIn(await letterTo('taken@mail.example'))
    await server.person('taken')
    expect(await (await send(path, {})).text()).toContain('in use here already')
    expect((await getUserByLogin(server.app.db, 'ida')).email).toBe('ida@mail.example')
  })

  it('confirmed does not let back in who was shut out meanwhile', async () => {
    const lea = await server.person('lea')
    const fields = { email: 'lea@new.example', current: lea.password }
    await asVisitor('/settings/account/email', fields, await visit(server, lea))
    const path = pathIn(await letterTo('lea@new.example'))
    const { db } = server.app
    await db
      .updateTable('accounts')
      .set({ suspended_at: new Date() })
      .where('id', '=', lea.accountId)
      .execute()
    await send(path, {})
    expect(await canSignIn('lea', lea.password)).toBe(false)
    expect((await server.fetch('/@lea')).status).toBe(404)
  })

  it('changes at once where there is no mail', async () => {
    const silent = await startTestServer()
    const jon = await silent.person('jon')
    const fields = { email: 'jon@new.example', current: jon.password }
    const answer = await asVisitor('/settings/account/email', fields, await visit(silent, jon), silent)
    expect(answer.status).toBe(303)
    expect((await getUserByLogin(silent.app.db, 'jon')).email).toBe('jon@new.example')
    await silent.close()
  })

  it('is nobody’s to see or change who is not signed in', async () => {
    expect((await server.fetch('/settings/account')).status).toBe(303)
    expect((await send('/settings/account/password', { current: 'x', password: 'y' })).status).toBe(303)
    expect((await send('/settings/account/email', { current: 'x', email: 'y@z.example' })).status).toBe(303)
  })
})

it('the first token that an app gets is told of by mail, a later one is not', async () => {
  const kim = await server.person('kim')
  const { application } = await createApplication(server.app, {
    name: 'Elk',
    website: null,
    redirectUris: ['https://elk.example/'],
    scopes: ['read'],
  })
  const grant = () =>
    grantByPassword(server.app, application, {
      login: 'kim',
      password: kim.password,
      address: '',
      scopes: ['read'],
    })
  await grant()
  expect((await letterTo('kim@mail.example')).text).toContain('Elk')
  mail.letters.length = 0
  await grant()
  await server.settle()
  expect(mail.letters).toEqual([])
})
