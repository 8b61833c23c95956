import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApplication } from '#src/auth/applications.ts'
import { grantToApplication, issueToken } from '#src/auth/grants.ts'
import { createInvite, inviteAddress } from '#src/auth/invites.ts'
import { approveSignUp } from '#src/auth/sign-up.ts'
import type { Application } from '#src/db/applications.ts'
import { listInvites } from '#src/db/invites.ts'
import { getUserByLogin } from '#src/db/users.ts'
import { linkIn, type MailServer, startMailServer } from '#tests/support/mail-server.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

type Fields = Record<string, unknown>

const good = {
  username: 'newcomer',
  email: 'newcomer@mail.example',
  password: 'a long enough password',
  agreement: true,
  locale: 'de',
}

async function appOf(server: TestServer) {
  const { application } = await createApplication(server.app, {
    name: 'Elk',
    website: null,
    redirectUris: ['https://elk.example/'],
    scopes: ['read', 'write', 'admin:read'],
  })
  return { application, token: (await grantToApplication(server.app, application, ['write:accounts'])).token }
}

const call = (server: TestServer, path: string, token: string, json?: Fields) =>
  server.fetch(path, {
    ...(json && { json }),
    headers: { ...(json && { 'content-type': 'application/json' }), authorization: `Bearer ${token}` },
  })

const answerOf = async (response: Response) => [response.status, await response.json()]

describe('where everyone may join and addresses are confirmed', () => {
  let mail: MailServer
  let server: TestServer
  let application: Application
  let token: string
  beforeAll(async () => {
    mail = await startMailServer()
    server = await startTestServer({ SMTP_URL: mail.url, REGISTRATIONS: 'open' })
    ;({ application, token } = await appOf(server))
  })
  beforeEach(() => {
    mail.letters.length = 0
  })
  afterAll(async () => {
    await server.close()
    await mail.close()
  })

  const signUp = (fields: Fields = {}) => call(server, '/api/v1/accounts', token, { ...good, ...fields })

  it('a newcomer has a token that opens nothing until the address is confirmed, and is seen by nobody', async () => {
    const answer = await signUp()
    expect(answer.status).toBe(200)
    const made = await answer.json()
    expect(made).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      scope: 'read write',
      created_at: expect.any(Number),
    })
    const own = (path: string) => call(server, path, made.access_token)
    const unconfirmed = [403, { error: 'Your login is missing a confirmed e-mail address' }]
    for (const path of ['/api/v1/accounts/verify_credentials', '/api/v1/timelines/public'])
      expect(await answerOf(await own(path))).toEqual(unconfirmed)
    expect(await answerOf(await own('/api/v1/emails/check_confirmation'))).toEqual([200, false])
    const seen = [
      '/@newcomer',
      '/api/v1/accounts/lookup?acct=newcomer',
      `/.well-known/webfinger?resource=acct:newcomer@${server.app.handleHost}`,
    ]
    for (const path of seen) expect((await server.fetch(path)).status).toBe(404)

    await server.settle()
    expect(mail.letters.map(({ to }) => to)).toEqual([['newcomer@mail.example']])
    const link = linkIn(mail.letters[0] as never)
    expect(mail.letters[0]?.text).toContain('Bestätige')
    await server.fetch(link)
    expect((await own('/api/v1/accounts/verify_credentials')).status).toBe(403)
    expect((await server.fetch(link, { method: 'POST', body: new URLSearchParams() })).status).toBe(200)
    expect((await own('/api/v1/accounts/verify_credentials')).status).toBe(200)
    for (const path of seen) expect((await server.fetch(path)).status).toBe(200)
    expect(await answerOf(await own('/api/v1/emails/check_confirmation'))).toEqual([200, true])
    const again = await call(server, '/api/v1/emails/confirmations', made.access_token, {})
    expect(await answerOf(again)).toEqual([
      403,
      { error: 'This method is only available while the e-mail is awaiting confirmation' },
    ])
  })

  it('another letter goes to another address, the old link opens nothing, and no other app may ask', async () => {
    const fields = { username: 'typo', email: 'typo@wrong.example' }
    const { access_token } = await (await signUp(fields)).json()
    await server.settle()
    const first = linkIn(mail.letters[0] as never)
    const ask = (json: Fields, as = access_token) => call(server, '/api/v1/emails/confirmations', as, json)
    expect((await ask({ email: 'no address' })).status).toBe(422)
    expect(await answerOf(await ask({ email: 'typo@mail.example' }))).toEqual([200, {}])
    await server.settle()
    expect((await server.fetch(first)).status).toBe(410)
    const second = mail.letters.find(({ to }) => to[0] === 'typo@mail.example')
    expect((await server.fetch(linkIn(second as never))).status).toBe(200)

    const { account_id } = await getUserByLogin(server.app.db, 'typo')
    const issue = async (scopes: string[], other = application) =>
      (await issueToken(server.app, { application: other, accountId: account_id, scopes })).token
    const { application: stranger } = await appOf(server)
    expect((await ask({}, await issue(['write'], stranger))).status).toBe(403)
    expect((await ask({}, await issue(['read']))).status).toBe(403)
    expect((await ask({}, token)).status).toBe(403)
    for (let i = 0; i < 4; i++) expect((await ask({})).status).toBe(200)
    expect((await ask({})).status).toBe(429)
  })

  it('all that is wrong is told at once, field by field, in Mastodon’s shape', async () => {
    const wrong = { username: 'no spaces', email: 'nowhere', password: '', agreement: false }
    expect(await answerOf(await signUp(wrong))).toEqual([
      422,
      {
        error:
          "Validation failed: Username must contain only letters, numbers and underscores, Email is invalid, Password can't be blank, Agreement must be accepted",
        details: {
          username: [
            { error: 'ERR_INVALID', description: 'must contain only letters, numbers and underscores' },
          ],
          email: [{ error: 'ERR_INVALID', description: 'is invalid' }],
          password: [{ error: 'ERR_BLANK', description: "can't be blank" }],
          agreement: [{ error: 'ERR_ACCEPTED', description: 'must be accepted' }],
        },
      },
    ])
  })

  it.each([
    ['username', { username: 'admin' }, 'ERR_RESERVED'],
    ['username', { username: 'Twin' }, 'ERR_TAKEN'],
    ['username', { username: 'x'.repeat(31) }, 'ERR_TOO_LONG'],
    ['username', { username: null }, 'ERR_BLANK'],
    ['email', { email: 'TWIN@mail.example' }, 'ERR_TAKEN'],
    ['password', { password: 'short' }, 'ERR_TOO_SHORT'],
    ['password', { password: 'x'.repeat(300) }, 'ERR_TOO_LONG'],
    ['reason', { reason: 'x'.repeat(1001) }, 'ERR_TOO_LONG'],
  ])('a %s that cannot be is named: %j', async (field, fields, error) => {
    await signUp({ username: 'twin', email: 'twin@mail.example' })
    const response = await signUp({ username: 'other', email: 'other@mail.example', ...fields })
    expect(response.status).toBe(422)
    const { details } = await response.json()
    expect(Object.keys(details)).toEqual([field])
    expect(details[field][0].error).toBe(error)
  })

  it('twenty at once of one name leave one', async () => {
    const fields = { username: 'crowd', email: 'crowd@mail.example' }
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await signUp(fields)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 422)).toHaveLength(19)
  })

  it('is a matter of apps with the right scope, in any encoding', async () => {
    const fields = { ...good, username: 'form', email: 'form@mail.example', agreement: 'true' }
    const { token: reading } = await grantToApplication(server.app, application, ['read'])
    expect((await call(server, '/api/v1/accounts', reading, good)).status).toBe(403)
    expect((await server.fetch('/api/v1/accounts', { json: good })).status).toBe(401)
    const person = await server.person('person')
    expect((await call(server, '/api/v1/accounts', person.token, good)).status).toBe(403)
    const body = new URLSearchParams(fields)
    const headers = { authorization: `Bearer ${token}` }
    expect((await server.fetch('/api/v1/accounts/', { method: 'POST', body, headers })).status).toBe(200)
  })

  it('a name whose address is never confirmed is free after a week', async () => {
    await signUp({ username: 'squatter', email: 'squatter@mail.example' })
    server.clock.advance(8 * 24 * 3_600_000)
    await server.settle()
    await expect(getUserByLogin(server.app.db, 'squatter')).rejects.toThrow()
    expect((await signUp({ username: 'squatter', email: 'squatter@mail.example' })).status).toBe(200)
    expect((await getUserByLogin(server.app.db, 'newcomer')).username).toBe('newcomer')
  })
})

describe('where somebody approves', () => {
  let server: TestServer
  let olga: TestPerson
  let token: string
  beforeAll(async () => {
    server = await startTestServer({ REGISTRATIONS: 'approval' })
    olga = await server.person('olga', { role: 'moderator' })
    ;({ token } = await appOf(server))
  })
  afterAll(() => server.close())

  it('wants a reason, and lets nobody in before', async () => {
    const bare = await call(server, '/api/v1/accounts', token, good)
    expect((await bare.json()).details).toEqual({
      reason: [{ error: 'ERR_BLANK', description: "can't be blank" }],
    })
    const answer = await call(server, '/api/v1/accounts', token, { ...good, reason: 'I paint' })
    const { access_token } = await answer.json()
    const own = (path: string) => call(server, path, access_token)
    expect(await answerOf(await own('/api/v1/accounts/verify_credentials'))).toEqual([
      403,
      { error: 'Your login is currently pending approval' },
    ])
    expect(await answerOf(await own('/api/v1/emails/check_confirmation'))).toEqual([200, true])
    expect((await server.fetch('/@newcomer')).status).toBe(404)
    const user = await getUserByLogin(server.app.db, 'newcomer')
    expect(user.sign_up_reason).toBe('I paint')
    await approveSignUp(server.app, user.id, olga.accountId)
    expect((await own('/api/v1/accounts/verify_credentials')).status).toBe(200)
    expect((await server.fetch('/@newcomer')).status).toBe(200)
  })

  it('and addresses are confirmed, both at once let in', async () => {
    const mail = await startMailServer()
    const both = await startTestServer({ REGISTRATIONS: 'approval', SMTP_URL: mail.url })
    const mona = await both.person('mona', { role: 'moderator' })
    const { token: appToken } = await appOf(both)
    const names = ['one', 'two', 'three', 'four', 'five']
    for (const username of names) {
      const fields = { ...good, username, email: `${username}@mail.example`, reason: 'I paint' }
      expect((await call(both, '/api/v1/accounts', appToken, fields)).status).toBe(200)
    }
    await both.settle()
    await Promise.all(
      mail.letters.flatMap((letter) => [
        both.fetch(linkIn(letter), { method: 'POST', body: new URLSearchParams() }),
        getUserByLogin(both.app.db, String(letter.to[0])).then(({ id }) =>
          approveSignUp(both.app, id, mona.accountId),
        ),
      ]),
    )
    for (const name of names) expect((await both.fetch(`/@${name}`)).status).toBe(200)
    await both.close()
    await mail.close()
  })

  it('an invitation is approval enough', async () => {
    await createInvite(server.app, olga.accountId, { maxUses: 1, lifetimeMs: null })
    const [invite] = await listInvites(server.app.db, olga.accountId, { limit: 1, maxId: undefined })
    const invite_code = inviteAddress(server.app, invite as never)
      .split('/')
      .at(-1)
    const fields = { ...good, username: 'guest', email: 'guest@mail.example', invite_code }
    const { access_token } = await (await call(server, '/api/v1/accounts', token, fields)).json()
    expect((await call(server, '/api/v1/accounts/verify_credentials', access_token)).status).toBe(200)
    const second = { ...fields, username: 'guest2', email: 'guest2@mail.example' }
    expect((await call(server, '/api/v1/accounts', token, second)).status).toBe(410)
  })

  it('is said of the instance', async () => {
    expect((await (await server.fetch('/api/v2/instance')).json()).registrations).toMatchObject({
      enabled: true,
      approval_required: true,
      reason_required: true,
    })
    expect(await (await server.fetch('/api/v1/instance')).json()).toMatchObject({
      registrations: true,
      approval_required: true,
      invites_enabled: true,
    })
  })
})

describe.each(['closed', 'invite'])('where sign-up is %s', (registrations) => {
  it('an app is told that it is not allowed, and the instance says so', async () => {
    const server = await startTestServer({ REGISTRATIONS: registrations })
    const { token } = await appOf(server)
    expect(await answerOf(await call(server, '/api/v1/accounts', token, good))).toEqual([
      403,
      { error: 'This action is not allowed' },
    ])
    const { registrations: v2 } = await (await server.fetch('/api/v2/instance')).json()
    const v1 = await (await server.fetch('/api/v1/instance')).json()
    expect([v2.enabled, v1.registrations, v1.invites_enabled]).toEqual([
      false,
      false,
      registrations === 'invite',
    ])
    await server.close()
  })
})

it('an address makes no more than five accounts in half an hour', async () => {
  const server = await startTestServer({ REGISTRATIONS: 'open', ALLOW_PRIVATE_ADDRESSES: '0' })
  const { token } = await appOf(server)
  const signUp = async (name: string) => {
    const fields = { ...good, username: name, email: `${name}@mail.example` }
    return (await call(server, '/api/v1/accounts', token, fields)).status
  }
  expect(await signUp('not a name')).toBe(422)
  for (let i = 0; i < 5; i++) expect(await signUp(`many${i}`)).toBe(200)
  expect(await signUp('many5')).toBe(429)
  server.clock.advance(31 * 60_000)
  expect(await signUp('many6')).toBe(200)
  await server.close()
})
