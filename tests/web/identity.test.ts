import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getAccount } from '#src/db/accounts.ts'
import { listFeaturedTags } from '#src/db/featured-tags.ts'
import { countPins } from '#src/db/pins.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { visit } from '#tests/support/visitor.ts'

let server: TestServer
let alice: TestPerson
let old: TestPerson
let cookie: string
let csrf: string

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, old] = [await server.person('alice'), await server.person('old')]
  ;({ cookie, csrf } = await visit(server, alice))
})
afterAll(() => server.close())

const send = (path: string, fields: Record<string, string> = {}, as = { cookie, csrf }) =>
  server.fetch(path, {
    method: 'POST',
    body: new URLSearchParams({ csrf: as.csrf, ...fields }),
    headers: { cookie: as.cookie },
  })

const see = async (path: string, as = { cookie, csrf }) =>
  (await server.fetch(path, { headers: { cookie: as.cookie } })).text()

describe('the page of links and hashtags', () => {
  test('keeps what is filled in, and shows it on the profile', async () => {
    const fields = {
      'name-0': 'Site',
      'value-0': 'https://alice.example',
      'name-1': 'Pronouns',
      'value-1': 'she',
    }
    const saved = await send('/settings/details', fields)
    expect([saved.status, saved.headers.get('location')]).toEqual([303, '/settings/details?saved'])
    expect(await see('/settings/details')).toContain('value="https://alice.example"')
    const profile = await see('/@alice')
    expect(profile).toContain('href="https://alice.example" rel="me nofollow noopener noreferrer"')
  })

  test('says what is too long, and loses nothing', async () => {
    const answer = await send('/settings/details', { 'name-0': 'x'.repeat(300), 'value-0': 'kept' })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('value="kept"')
  })

  test('adds and removes hashtags, and refuses what is none', async () => {
    expect((await send('/settings/details/tags', { tag: '#Sea' })).status).toBe(303)
    expect(await see('/@alice')).toContain('/@alice/tagged/sea')
    expect((await send('/settings/details/tags', { tag: 'no tag' })).status).toBe(422)
    const [tag] = await listFeaturedTags(server.app.db, alice.accountId)
    const other = await visit(server, old)
    expect((await send(`/settings/details/tags/${tag?.id}/remove`, {}, other)).status).toBe(404)
    expect((await send(`/settings/details/tags/${tag?.id}/remove`)).status).toBe(303)
    expect(await listFeaturedTags(server.app.db, alice.accountId)).toEqual([])
  })
})

test('a note is pinned and unpinned from its menu', async () => {
  const { note } = await post(server, alice, { text: 'Pin me' })
  expect(await see(`/@alice/${note.id}`)).toContain(`/notes/${note.id}/pin`)
  expect((await send(`/notes/${note.id}/pin`, { back: '/@alice' })).headers.get('location')).toBe('/@alice')
  expect(await countPins(server.app.db, alice.accountId)).toBe(1)
  expect(await see('/@alice')).toContain(`/notes/${note.id}/unpin`)
  await send(`/notes/${note.id}/unpin`)
  expect(await countPins(server.app.db, alice.accountId)).toBe(0)
  const others = await visit(server, old)
  expect(await see(`/@alice/${note.id}`, others)).not.toContain(`/notes/${note.id}/pin`)
})

test('a form without the session’s token does nothing', async () => {
  for (const path of [
    '/settings/details',
    '/settings/move',
    '/settings/move/aliases',
    '/settings/move/cancel',
  ]) {
    expect((await send(path, {}, { cookie, csrf: 'wrong' })).status, path).toBe(403)
    expect((await send(path, {}, { cookie: '', csrf: '' })).status, path).toBeGreaterThanOrEqual(302)
  }
})

test('someone moves, is told so everywhere, and comes back', async () => {
  const moving = await visit(server, old)
  const wish = { handle: alice.handle, password: old.password }
  const refused = await send('/settings/move', wish, moving)
  expect(refused.status).toBe(422)
  expect(await refused.text()).toContain('does not name this one as its old account')
  expect((await send('/settings/move/aliases', { handle: 'nobody@nowhere.invalid' })).status).toBe(422)
  expect((await send('/settings/move/aliases', { handle: alice.handle })).status).toBe(422)
  expect((await send('/settings/move/aliases', { handle: old.handle })).status).toBe(303)
  expect(await see('/settings/move')).toContain(`value="${old.account.uri}"`)
  const wrong = await send('/settings/move', { ...wish, password: 'wrong' }, moving)
  expect([wrong.status, await wrong.text()]).toEqual([422, expect.stringContaining('The password is wrong')])

  expect((await send('/settings/move', wish, moving)).status).toBe(303)
  expect(await see('/', moving)).toContain('You have moved to another account')
  expect(await see('/@old')).toContain('has moved to')
  expect((await send('/settings/move/cancel', {}, moving)).status).toBe(303)
  expect(await see('/', moving)).not.toContain('You have moved to another account')
  expect(await getAccount(server.app.db, old.accountId)).toMatchObject({ moved_to_uri: null })

  await send('/settings/move/aliases/remove', { uri: old.account.uri })
  expect(await getAccount(server.app.db, alice.accountId)).toMatchObject({ also_known_as: [] })
})

describe('where other sites send people', () => {
  test('the composer is filled in, and nothing is posted', async () => {
    const { note } = await post(server, old, { text: 'Answer me' })
    const shared = await see('/compose?text=Look%20at%20this&summary=Careful&in_reply_to=')
    expect(shared).toContain('Look at this')
    expect(shared).toContain('Careful')
    const answering = await see(`/compose?text=Yes&in_reply_to=${encodeURIComponent(note.uri)}`)
    expect(answering).toContain(`value="${note.id}"`)
    expect((await getAccount(server.app.db, alice.accountId)).notes_count).toBe(1)
  })

  test('a person and a note are shown, with the buttons for what is meant', async () => {
    const { note } = await post(server, old, { text: 'Like me' })
    const go = async (uri: string) =>
      (
        await server.fetch(`/authorize_interaction?uri=${encodeURIComponent(uri)}`, { headers: { cookie } })
      ).headers.get('location')
    expect(await go(old.account.uri)).toBe('/@old')
    expect(await go(`acct:${old.handle}`)).toBe('/@old')
    expect(await go(note.uri)).toBe(`/@old/${note.id}`)
    expect(await see(`/@old/${note.id}`)).toContain(`/notes/${note.id}/like`)
  })
})

test('bots, groups and organisations are shown as such', async () => {
  const kinds = { Service: 'Bot', Group: 'Group', Organization: 'Organisation' } as const
  for (const [kind, word] of Object.entries(kinds)) {
    const person = await server.person(kind.toLowerCase())
    await server.app.db
      .updateTable('accounts')
      .set({ kind: kind === 'Service' ? 'Service' : kind === 'Group' ? 'Group' : 'Organization' })
      .where('id', '=', person.accountId)
      .execute()
    expect(await see(`/@${kind.toLowerCase()}`)).toContain(`<span class="tag">${word}</span>`)
  }
})
