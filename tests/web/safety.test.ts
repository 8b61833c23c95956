import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { updateProfile } from '#src/accounts/profile.ts'
import { register } from '#src/accounts/register.ts'
import { changePassword } from '#src/auth/change-password.ts'
import { createOwnerLink } from '#src/auth/owner-links.ts'
import { hashPassword } from '#src/auth/passwords.ts'
import { webRoutes } from '#src/web/routes.tsx'
import { createBareApp } from '#tests/support/bare-app.ts'
import { post } from '#tests/support/notes.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { visit } from '#tests/support/visitor.ts'

let server: TestServer
let alice: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
})
afterAll(() => server?.close())

function send(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return server.fetch(path, { method: 'POST', body: new URLSearchParams(fields), headers })
}

describe('every page', () => {
  test.each(['/', '/sign-in', '/@alice', '/nothing', '/compose'])('%s is guarded', async (path) => {
    const { headers } = await server.fetch(path)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("form-action 'self'")
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
  })

  test('a page of someone signed in is kept by nobody', async () => {
    const { cookie } = await visit(server, alice)
    const answer = await server.fetch('/', { headers: { cookie } })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('vary')).toContain('cookie')
  })

  test('a note for everyone is known again by its tag', async () => {
    const { note } = await post(server, alice)
    const first = await server.fetch(`/@alice/${note.id}`)
    const etag = first.headers.get('etag') ?? ''
    expect(etag).not.toBe('')
    expect(first.headers.get('cache-control')).toBe('no-cache')
    const again = await server.fetch(`/@alice/${note.id}`, { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
  })

  test('what is wrong is told in the language of the browser', async () => {
    const answer = await server.fetch('/nothing', { headers: { 'accept-language': 'de' } })
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('Hier ist nichts')
  })
})

describe('forms', () => {
  const actions = () => [
    ...['/compose', '/sign-out', '/settings/profile', '/settings/language', '/notifications/read'],
    ...['/notes/1/like', '/notes/1/boost', '/notes/1/delete', '/accounts/1/follow', '/accounts/1/unfollow'],
    ...['/follow-requests/1/accept', '/follow-requests/1/reject'],
  ]

  test('are refused from other sites, whatever they carry', async () => {
    const { cookie, csrf } = await visit(server, alice)
    for (const path of actions()) {
      const fields = { csrf, intent: 'post', text: 'from elsewhere' }
      const foreign = await send(path, fields, { cookie, 'sec-fetch-site': 'cross-site' })
      expect([path, foreign.status]).toEqual([path, 403])
      const old = await send(path, fields, { cookie, origin: 'https://evil.example' })
      expect([path, old.status]).toEqual([path, 403])
    }
  })

  test('are refused without the token of this session', async () => {
    const { cookie } = await visit(server, alice)
    const other = await visit(server, alice)
    for (const path of actions()) {
      for (const csrf of ['', 'wrong', other.csrf]) {
        const answer = await send(path, { csrf }, { cookie, 'sec-fetch-site': 'same-origin' })
        expect([path, answer.status]).toEqual([path, 403])
      }
    }
  })

  test('lead strangers to the sign-in page', async () => {
    for (const path of actions()) {
      const answer = await send(path, {}, { 'sec-fetch-site': 'same-origin' })
      if (path === '/sign-out') continue
      expect([path, answer.status]).toEqual([path, 303])
      expect(answer.headers.get('location')).toMatch(/^\/sign-in\?next=/)
    }
  })

  test('never lead to another server', async () => {
    const { cookie, csrf } = await visit(server, alice)
    const { note } = await post(server, alice)
    for (const back of ['https://evil.example', '//evil.example', '/\\evil.example', '/.//evil.example']) {
      const answer = await send(`/notes/${note.id}/like`, { csrf, back }, { cookie })
      expect(answer.status).toBe(303)
      const location = answer.headers.get('location') ?? ''
      expect(new URL(location, server.url).origin).toBe(server.url)
    }
    const signIn = await send('/sign-in?next=//evil.example', {
      login: 'alice',
      password: alice.password,
      next: '//evil.example',
    })
    expect(signIn.headers.get('location')).toBe('/')
  })

  test('that are too large, broken or no forms are refused in words', async () => {
    const { cookie, csrf } = await visit(server, alice)
    const large = await send('/settings/language', { csrf, language: 'x'.repeat(400_000) }, { cookie })
    expect(large.status).toBe(413)
    const json = await server.fetch('/compose', {
      method: 'POST',
      body: '{}',
      headers: { cookie, 'content-type': 'application/json' },
    })
    expect(json.status).toBe(400)
    const broken = await server.fetch('/compose', {
      method: 'POST',
      body: 'not multipart',
      headers: { cookie, 'content-type': 'multipart/form-data; boundary=x' },
    })
    expect(broken.status).toBe(400)
  })
})

test('texts that no database holds are stored without it', async () => {
  const { cookie, csrf } = await visit(server, alice)
  const media = await storePainting(server, alice)
  const nul = 'a\u0000b \ud800'
  const fields = { csrf, intent: 'post', text: nul, summary: nul, media: media.id, chosen: '1' }
  const answer = await send('/compose', { ...fields, [`alt-${media.id}`]: nul }, { cookie })
  expect(answer.status).toBe(303)
  const prompt = await send('/compose', { csrf, intent: 'paint', prompt: nul }, { cookie })
  expect(prompt.headers.get('location')).toMatch(/^\/compose\?draft=/)
  const name = await send('/settings/profile', { csrf, name: nul, bio: nul }, { cookie })
  expect(name.status).toBe(303)
})

describe('sessions', () => {
  test('are new at every sign-in, and the old one ends', async () => {
    const before = await visit(server, alice)
    const answer = await send(
      '/sign-in',
      { csrf: before.csrf, login: 'alice', password: alice.password },
      { cookie: before.cookie },
    )
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^session=[\w-]+; .*HttpOnly; SameSite=Lax/)
    expect(cookie).not.toContain(before.cookie)
    const old = await server.fetch('/settings', { headers: { cookie: before.cookie } })
    expect(old.status).toBe(303)
  })

  test('are bound to the host and to TLS where there is TLS', async () => {
    const secure = await createBareApp()
    await register(secure.app, {
      username: 'sara',
      email: 'sara@mail.example',
      passwordHash: await hashPassword('a long password'),
      role: 'user',
      confirmed: true,
      approved: true,
    })
    const answer = await webRoutes(secure.app).request('https://pinxit.example/sign-in', {
      method: 'POST',
      body: new URLSearchParams({ login: 'sara', password: 'a long password' }),
    })
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^__Host-session=[\w-]+; .*Path=\/; HttpOnly; Secure; SameSite=Lax/)
    expect(cookie).not.toContain('Domain')
    await secure.close()
  })

  test('end when the password changes', async () => {
    const bob = await server.person('bob')
    const { cookie } = await visit(server, bob)
    const user = { id: bob.userId, account_id: bob.accountId }
    await changePassword(server.app, user, { password: 'another long password', endsApps: true })
    expect((await server.fetch('/settings', { headers: { cookie } })).status).toBe(303)
  })
})

describe('guessing', () => {
  test('a wrong password and an unknown name look alike, and both run out', async () => {
    const wrong = await send('/sign-in', { login: 'alice', password: 'wrong' })
    const unknown = await send('/sign-in', { login: 'nobody', password: 'wrong' })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    const [one, other] = [await wrong.text(), await unknown.text()]
    expect(one.replace('value="alice"', '')).toBe(other.replace('value="nobody"', ''))
    let last = wrong
    for (let i = 0; i < 12; i += 1) last = await send('/sign-in', { login: 'carol', password: `wrong ${i}` })
    expect(last.status).toBe(429)
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('an owner link works once', async () => {
    const path = new URL(await createOwnerLink(server.app)).pathname
    const weak = await send(path, { username: 'olga', password: 'short' })
    expect(weak.status).toBe(422)
    expect(await weak.text()).toContain('The password is too short.')
    const taken = await send(path, { username: 'alice', password: 'a long password' })
    expect(await taken.text()).toContain('This name is taken.')
    const first = await send(path, { username: 'olga', password: 'a long password' })
    expect(first.headers.get('location')).toBe('/compose?welcome')
    expect((await send(path, { username: 'oleg', password: 'a long password' })).status).toBe(410)
    expect((await server.fetch(path)).status).toBe(410)
  })
})

describe('what people and servers fill in', () => {
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{x}}'

  test('is shown as text in every field', async () => {
    const mallory = await server.person('mallory')
    await updateProfile(server.app, mallory.accountId, { name: '"><script>a()</script>', bio: evil })
    const media = await storePainting(server, mallory, {
      description: evil,
      prompt: evil,
      generator_name: evil,
      generator_url: 'javascript:alert(1)',
    })
    const { note } = await post(server, mallory, {
      text: `${evil} #tag`,
      mediaIds: [media.id],
      promptVisibility: 'public',
    })
    const warned = await post(server, mallory, { text: evil, summary: evil })
    const { cookie } = await visit(server, mallory)
    const pages = [
      ...['/', '/local', '/@mallory', '/@mallory/pictures', '/settings/profile', '/notifications'],
      ...[`/@mallory/${note.id}`, `/@mallory/${warned.note.id}`, `/compose?reply=${note.id}`],
      ...[`/search?q=${encodeURIComponent(evil)}`, `/compose?prompt=${encodeURIComponent(evil)}`],
      ...[`/tags/${encodeURIComponent(evil)}`, `/sign-in?next=${encodeURIComponent(`/${evil}`)}`],
    ]
    for (const path of pages) {
      for (const headers of [new Headers({ cookie }), new Headers()]) {
        const html = await (await server.fetch(path, { headers })).text()
        expect([path, html.match(/<script>|<img src=x|href="javascript:/)]).toEqual([path, null])
      }
    }
  })

  test('a private note is nowhere for others, as if it did not exist', async () => {
    const dave = await server.person('dave')
    const erin = await server.person('erin')
    const { note } = await post(server, dave, { text: 'for my followers', visibility: 'followers' })
    const { cookie } = await visit(server, erin)
    for (const path of [`/@dave/${note.id}`, `/notes/${note.id}`, `/compose?reply=${note.id}`]) {
      const seen = await server.fetch(path, { headers: { cookie } })
      const missing = await server.fetch(path.replace(note.id, '1'), { headers: { cookie } })
      expect([path, seen.status]).toEqual([path, missing.status])
      expect(await seen.text()).not.toContain('for my followers')
    }
    const own = await visit(server, dave)
    expect((await server.fetch(`/@dave/${note.id}`, { headers: { cookie: own.cookie } })).status).toBe(200)
  })

  test.each([
    '/search?q=%00',
    '/tags/%00',
    '/authorize_interaction?uri=%00',
    '/@',
    '/@nobody',
    '/@alice/99999999999999999999',
    '/@alice/0',
    '/notes/x',
    '/@%00',
    '/tags/%F0%9F%A6%8A',
  ])('%s is no fault of ours', async (path) => {
    expect((await server.fetch(path)).status).toBeLessThan(500)
  })
})
