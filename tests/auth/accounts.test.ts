import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadKeyPairs } from '#src/accounts/keys.ts'
import { ensureInstanceActor, register } from '#src/accounts/register.ts'
import { changePassword } from '#src/auth/change-password.ts'
import { issueToken } from '#src/auth/grants.ts'
import { createOwnerLink, isOwnerLinkUsable, redeemOwnerLink } from '#src/auth/owner-links.ts'
import { hashPassword } from '#src/auth/passwords.ts'
import { endSession, findSession, startSession } from '#src/auth/sessions.ts'
import { checkCredentials } from '#src/auth/sign-in.ts'
import { resolveToken } from '#src/auth/tokens.ts'
import { hasOwner, updateUser } from '#src/db/users.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'

let bare: BareApp
beforeAll(async () => {
  bare = await createBareApp()
})
afterAll(() => bare.close())

async function person(username: string, email = `${username}@mail.example`) {
  const passwordHash = await hashPassword(`${username} has a long one`)
  return register(bare.app, { username, email, passwordHash, role: 'user', confirmed: true, approved: true })
}

describe('registration', () => {
  test('an account gets addresses made of its id and two key pairs that sign', async () => {
    const { account, user } = await person('alice')
    expect(account.uri).toBe(`https://pinxit.example/ap/users/${account.id}`)
    expect(account.url).toBe('https://pinxit.example/@alice')
    expect(user.account_id).toBe(account.id)
    const pairs = await loadKeyPairs(bare.app.db, bare.app.secretKey, account.id)
    expect(pairs.map(({ kind, keyUri }) => [kind, keyUri])).toEqual([
      ['rsa', `${account.uri}#main-key`],
      ['ed25519', `${account.uri}#ed25519-key`],
    ])
    for (const { publicKey, privateKey } of pairs) {
      const message = new TextEncoder().encode('hello')
      const signature = await crypto.subtle.sign(privateKey.algorithm, privateKey, message)
      expect(await crypto.subtle.verify(publicKey.algorithm, publicKey, signature, message)).toBe(true)
    }
    expect(pairs[0]?.publicKey.algorithm).toMatchObject({ modulusLength: 2048 })
  })

  test('private keys are not readable in the database, nor with another secret', async () => {
    const { account } = await person('bob')
    const rows = await bare.app.db.selectFrom('account_keys').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain('"d"')
    await expect(
      loadKeyPairs(bare.app.db, 'another secret than the one before', account.id),
    ).rejects.toThrow()
  })

  test.each([
    '',
    'a b',
    '-a',
    'a.',
    'ä',
    'a@b',
    '.',
    'a'.repeat(31),
    'Admin',
    'root',
    'assistant',
    'pinxit.example',
  ])('the name %j is refused', async (name) => {
    await expect(person(name)).rejects.toMatchObject({
      kind: 'invalid',
      code: expect.stringMatching(/^username/),
    })
  })

  test.each(['a', 'a_b', 'a.b-c', 'A1', '_x_', 'x'.repeat(30)])('the name %j is taken', async (name) => {
    await expect(person(name)).resolves.toMatchObject({ account: { username: name } })
  })

  test('of twenty who want one name at once, in any case, one gets it and leaves no half account', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => person(i % 2 ? 'wanted' : 'WANTED', `wanted${i}@mail.example`)),
    )
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ kind: 'invalid', code: 'username_taken' })
    }
  })

  test('one e-mail address belongs to one person', async () => {
    await person('carol')
    await expect(person('carol2', 'CAROL@mail.example')).rejects.toMatchObject({ code: 'email_taken' })
    await expect(person('carol3', 'no address')).rejects.toMatchObject({ code: 'email' })
  })
})

describe('the instance actor', () => {
  test('is made once, however many start at once, and nobody can sign in as it', async () => {
    const actors = await Promise.all([1, 2, 3].map(() => ensureInstanceActor(bare.app)))
    expect(new Set(actors.map(({ id }) => id)).size).toBe(1)
    expect(actors[0]).toMatchObject({ username: 'pinxit.example', kind: 'Application', domain: null })
    expect(await loadKeyPairs(bare.app.db, bare.app.secretKey, actors[0]?.id ?? '')).toHaveLength(2)
    await expect(
      checkCredentials(bare.app, { login: 'pinxit.example', password: 'anything at all', address: '' }),
    ).rejects.toMatchObject({ kind: 'unauthenticated' })
  })
})

describe('owner links', () => {
  const tokenOf = (link: string) => link.slice(link.lastIndexOf('/') + 1)

  test('a link makes one owner, and only once', async () => {
    expect(await hasOwner(bare.app.db)).toBe(false)
    const token = tokenOf(await createOwnerLink(bare.app))
    const results = await Promise.allSettled(
      ['first', 'second'].map((username) =>
        redeemOwnerLink(bare.app, token, { username, password: 'a long password' }),
      ),
    )
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await hasOwner(bare.app.db)).toBe(true)
    expect(await isOwnerLinkUsable(bare.app, token)).toBe(false)
  })

  test('a refused name or password leaves the link usable', async () => {
    const token = tokenOf(await createOwnerLink(bare.app))
    const redeem = (username: string, password: string) =>
      redeemOwnerLink(bare.app, token, { username, password })
    await expect(redeem('admin', 'a long password')).rejects.toMatchObject({ code: 'username_reserved' })
    await expect(redeem('olga', 'short')).rejects.toMatchObject({ code: 'password' })
    await expect(redeem('olga', 'a long password')).resolves.toMatchObject({ user: { role: 'owner' } })
  })

  test('a link is too old after 24 hours', async () => {
    const token = tokenOf(await createOwnerLink(bare.app))
    bare.clock.advance(24 * 3_600_000 - 1)
    expect(await isOwnerLinkUsable(bare.app, token)).toBe(true)
    bare.clock.advance(1)
    await expect(
      redeemOwnerLink(bare.app, token, { username: 'late', password: 'a long password' }),
    ).rejects.toMatchObject({ kind: 'gone' })
  })
})

describe('signing in', () => {
  test('opens by name and by e-mail, in any case', async () => {
    await person('Dora')
    for (const login of ['dora', 'DORA', '@dora', 'dora@MAIL.example']) {
      const credentials = { login, password: 'Dora has a long one', address: '192.0.2.1' }
      await expect(checkCredentials(bare.app, credentials)).resolves.toMatchObject({ username: 'Dora' })
    }
  })

  test('says the same to a wrong password and to an unknown name', async () => {
    await person('eve')
    const errors = await Promise.all(
      ['eve', 'nobody-at-all'].map((login) =>
        checkCredentials(bare.app, { login, password: 'wrong, but long', address: '' }).catch(String),
      ),
    )
    expect(errors[0]).toBe(errors[1])
  })

  test('a guesser is stopped per account, for the right password too, until the window ends', async () => {
    await person('frank')
    const attempt = (password: string, address: string) =>
      checkCredentials(bare.app, { login: 'frank', password, address })
    for (let i = 0; i < 10; i++) {
      await expect(attempt('wrong, but long', `192.0.2.${i}`)).rejects.toMatchObject({
        kind: 'unauthenticated',
      })
    }
    await expect(attempt('frank has a long one', '192.0.2.99')).rejects.toMatchObject({ kind: 'tooMany' })
    bare.clock.advance(15 * 60_000)
    await expect(attempt('frank has a long one', '192.0.2.99')).resolves.toBeDefined()
  })

  test('a guesser is stopped per address, whichever accounts they try', async () => {
    await person('gina')
    const attempt = (login: string, address: string) =>
      checkCredentials(bare.app, { login, password: 'gina has a long one', address })
    await Promise.allSettled(Array.from({ length: 50 }, (_, i) => attempt(`stranger${i}`, '198.51.100.7')))
    await expect(attempt('gina', '198.51.100.7')).rejects.toMatchObject({ kind: 'tooMany' })
    await expect(attempt('gina', '198.51.100.8')).resolves.toBeDefined()
  })

  test('people behind one address do not use up its attempts by signing in', async () => {
    await person('holly')
    const attempt = (password: string) =>
      checkCredentials(bare.app, { login: 'holly', password, address: '198.51.100.9' })
    for (let i = 0; i < 60; i++) await expect(attempt('holly has a long one')).resolves.toBeDefined()
    await expect(attempt('wrong, but long')).rejects.toMatchObject({ kind: 'unauthenticated' })
    const { count } = await bare.app.db
      .selectFrom('attempts')
      .select('count')
      .where('key', '=', 'address:198.51.100.9')
      .executeTakeFirstOrThrow()
    expect(count).toBe(1)
  })

  test.each([
    ['disabled_at', 'disabled'],
    ['confirmed_at', 'unconfirmed'],
    ['approved_at', 'unapproved'],
  ] as const)('someone whose %s says no stays outside', async (column, code) => {
    const name = `no_${code}`
    const { user } = await person(name)
    const value = column === 'disabled_at' ? new Date() : null
    await bare.app.db.transaction().execute((trx) => updateUser(trx, user.id, { [column]: value }))
    await expect(
      checkCredentials(bare.app, { login: name, password: `${name} has a long one`, address: '' }),
    ).rejects.toMatchObject({ kind: 'forbidden', code })
  })
})

describe('sessions', () => {
  test('last until they end, are too old, or the password changes, as do tokens', async () => {
    const { user } = await person('hanna')
    const [one, two, three] = await Promise.all(
      ['a', 'b', 'c'].map((agent) => startSession(bare.app, user.id, agent)),
    )
    expect(new Set([one, two, three]).size).toBe(3)
    await endSession(bare.app, one)
    expect(await findSession(bare.app, one)).toBeUndefined()
    expect(await findSession(bare.app, two)).toMatchObject({ userId: user.id, role: 'user' })
    const { token } = await issueToken(bare.app, {
      application: null,
      accountId: user.account_id,
      scopes: ['read'],
    })
    expect(await resolveToken(bare.app, token)).toBeDefined()
    await changePassword(bare.app, user, { password: 'another long password', endsApps: true })
    expect(await findSession(bare.app, two)).toBeUndefined()
    expect(await resolveToken(bare.app, token)).toBeUndefined()
    const later = await startSession(bare.app, user.id, undefined)
    bare.clock.advance(60 * 24 * 3_600_000)
    expect(await findSession(bare.app, later)).toBeUndefined()
  })

  test('are of no use to someone who was disabled', async () => {
    const { user } = await person('ivan')
    const token = await startSession(bare.app, user.id, undefined)
    await bare.app.db.transaction().execute((trx) => updateUser(trx, user.id, { disabled_at: new Date() }))
    expect(await findSession(bare.app, token)).toBeUndefined()
  })

  test('are stored hashed', async () => {
    const { user } = await person('jana')
    const token = await startSession(bare.app, user.id, undefined)
    const rows = await bare.app.db.selectFrom('sessions').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(token)
  })
})
