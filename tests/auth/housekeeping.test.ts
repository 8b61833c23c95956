import { afterAll, beforeAll, expect, test } from 'vitest'
import { register } from '#src/accounts/register.ts'
import { createApplication } from '#src/auth/applications.ts'
import { issueCode } from '#src/auth/grants.ts'
import { hashPassword } from '#src/auth/passwords.ts'
import { findSession, startSession } from '#src/auth/sessions.ts'
import { housekeepingHandlers } from '#src/jobs/housekeeping.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'

let bare: BareApp
beforeAll(async () => {
  bare = await createBareApp()
})
afterAll(() => bare.close())

test('what expired is deleted, what did not stays', async () => {
  const { app, clock } = bare
  const { user, account } = await register(app, {
    username: 'alice',
    email: 'alice@mail.example',
    passwordHash: await hashPassword('a long enough password'),
    role: 'user',
    confirmed: true,
    approved: true,
  })
  const redirectUri = 'myapp://callback'
  const { application } = await createApplication(app, {
    name: 'App',
    website: null,
    redirectUris: [redirectUri],
    scopes: ['read'],
  })
  const leaveTraces = async () => {
    await issueCode(app, {
      application,
      viewer: { accountId: account.id, role: 'user' },
      redirectUri,
      scopes: ['read'],
      codeChallenge: undefined,
    })
    return startSession(app, user.id, undefined)
  }
  await leaveTraces()
  clock.advance(60 * 24 * 3_600_000)
  const young = await leaveTraces()
  const job = {
    id: '1',
    attempt: 1,
    bodyHash: null,
    signal: new AbortController().signal,
    complete: async () => undefined,
    progress: undefined,
    advance: async () => undefined,
  }
  await housekeepingHandlers(app.db, clock).pruneSignIns?.({}, job)
  expect(await app.db.selectFrom('sessions').select('id').execute()).toHaveLength(1)
  expect(await app.db.selectFrom('authorization_codes').select('id').execute()).toHaveLength(1)
  expect(await findSession(app, young)).toBeDefined()
})
