import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSession } from '#src/auth/sessions.ts'
import { webRoutes } from '#src/web/routes.tsx'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

type Visitor = { cookie: string; csrf: string }

/** For people who are not signed in yet, or leave. */
const openForms = new Set([
  '/owner/:token',
  '/sign-in',
  '/sign-out',
  '/sign-up',
  '/sign-up/:token',
  '/confirm/:token',
  '/forgotten',
  '/reset/:token',
])

let server: TestServer
let alice: TestPerson
let stranger: TestPerson
let strangersBrowser: Visitor
let secrets: string[]

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, stranger] = await Promise.all([server.person('alice'), server.person('stranger')])
  strangersBrowser = await visit(stranger)
  const write = (visibility: 'followers' | 'direct') => post(server, alice, { text: 'Swordfish', visibility })
  secrets = [(await write('followers')).note.id, (await write('direct')).note.id]
})
afterAll(() => server.close())

async function visit(person: TestPerson): Promise<Visitor> {
  const cookie = `session=${await startSession(server.app, person.userId, 'test')}`
  const page = await (await server.fetch('/settings', { headers: { cookie } })).text()
  return { cookie, csrf: /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '' }
}

type Sending = { cookie?: string; fields?: Record<string, string>; site?: string }

const send = (path: string, { cookie = '', fields = {}, site = 'same-origin' }: Sending) =>
  server.fetch(path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { cookie, 'sec-fetch-site': site, 'accept-language': 'en' },
  })

const formPaths = () =>
  [
    ...new Set(
      webRoutes(server.app)
        .routes.filter(({ method }) => method === 'POST')
        .map(({ path }) => path),
    ),
  ].map((path) => ({ path, url: filled(path, secrets[0] ?? '') }))

const filled = (path: string, id: string) =>
  path
    .replaceAll(/:(?:id|quoting)\b(?:\{[^}]*\})?/g, id)
    .replace(':reaction', 'like')
    .replace(':token', 'x')

describe('every form', () => {
  it('is only for those who are signed in', async () => {
    expect(formPaths().length).toBeGreaterThan(30)
    for (const { path, url } of formPaths().filter(({ path }) => !openForms.has(path))) {
      const answer = await send(url, {})
      const isLedAway = answer.status === 303 && answer.headers.get('location')?.startsWith('/sign-in')
      expect([path, answer.status === 401 || isLedAway]).toEqual([path, true])
    }
  })

  it('wants the token of its session, and to come from a page of ours', async () => {
    const { cookie, csrf } = strangersBrowser
    for (const { path, url } of formPaths()) {
      for (const token of ['', 'x']) {
        expect([path, (await send(url, { cookie, fields: { csrf: token } })).status]).toEqual([path, 403])
      }
      const { status } = await send(url, { cookie, fields: { csrf }, site: 'cross-site' })
      expect([path, status]).toEqual([path, 403])
    }
  })

  it('for those who run this server is there for nobody else', async () => {
    const { cookie, csrf } = strangersBrowser
    const paths = formPaths().filter(({ path }) => path.startsWith('/admin/'))
    expect(paths.length).toBeGreaterThan(5)
    for (const { path, url } of paths) {
      expect([path, (await send(url, { cookie, fields: { csrf } })).status]).toEqual([path, 404])
    }
  })

  it('leads only to pages of this server', async () => {
    const { cookie, csrf } = strangersBrowser
    const note = (await post(server, alice, { text: 'For all' })).note.id
    for (const back of ['https://evil.example/', '//evil.example', '/\\evil.example', '/.//evil.example']) {
      for (const path of [
        `/notes/${note}/like`,
        `/accounts/${alice.accountId}/mute`,
        '/domain-blocks/remove',
      ]) {
        const answer = await send(path, { cookie, fields: { csrf, back, domain: 'x.example' } })
        const location = answer.headers.get('location') ?? ''
        expect([path, back, new URL(location, server.url).origin]).toEqual([path, back, server.url])
      }
    }
  })
})

const pages = [
  '/notes/:id',
  '/@alice/:id',
  '/@alice/:id/lineage',
  '/compose?quote=:id',
  '/compose?remix=:id',
  '/compose?reply=:id',
  '/compose?edit=:id',
  `/report?note=:id&account=`,
]

describe('a private note', () => {
  it.each(pages)('is not at %s for who may not read it', async (page) => {
    for (const cookie of ['', strangersBrowser.cookie]) {
      for (const id of secrets) {
        const path = page.replace(':id', id).replace('account=', `account=${alice.accountId}`)
        const answer = await server.fetch(path, { headers: { cookie, 'accept-language': 'en' } })
        expect(await answer.text()).not.toContain('Swordfish')
        expect(answer.status).toBeLessThan(500)
      }
    }
  })

  it('does not show by any form', async () => {
    const { cookie, csrf } = strangersBrowser
    for (const { path } of formPaths().filter(({ path }) => path.includes(':id'))) {
      for (const id of secrets) {
        const fields = { csrf, name: '👍', intent: 'give', choice: '0', text: 'x' }
        const answer = await send(filled(path, id), { cookie, fields })
        expect([path, (await answer.text()).includes('Swordfish')]).toEqual([path, false])
        if (path.startsWith('/notes/')) expect([path, answer.status]).toEqual([path, 404])
      }
    }
    const [id = ''] = secrets
    const attempts: Record<string, string>[] = [
      { intent: 'post', text: 'x', quote: id },
      { intent: 'post', text: 'x', reply: id },
      { intent: 'paint', prompt: 'x', remix: id },
    ]
    for (const fields of attempts) {
      const answer = await send('/compose', { cookie, fields: { csrf, ...fields } })
      expect([fields, answer.status >= 400]).toEqual([fields, true])
      expect(await answer.text()).not.toContain('Swordfish')
    }
  })
})
