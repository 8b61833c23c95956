import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NoteView } from '#src/notes/view.ts'
import { post } from '#tests/support/notes.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Visitor, visit } from '#tests/support/visitor.ts'

let server: TestServer
let alice: TestPerson
let bob: TestPerson
let alicesBrowser: Visitor
let bobsBrowser: Visitor

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  ;[alicesBrowser, bobsBrowser] = await Promise.all([visit(server, alice), visit(server, bob)])
})
afterAll(() => server.close())

async function read(path: string, visitor?: Visitor): Promise<string> {
  const headers = { 'accept-language': 'en', ...(visitor && { cookie: visitor.cookie }) }
  const response = await server.fetch(path, { headers })
  expect([path, response.status]).toEqual([path, 200])
  return response.text()
}

function send(path: string, { cookie, csrf }: Visitor, fields: Record<string, string> = {}) {
  const body = new URLSearchParams({ csrf, ...fields })
  return server.fetch(path, { method: 'POST', body, headers: { cookie, 'sec-fetch-site': 'same-origin' } })
}

const pathOf = ({ note, account }: NoteView) => `/@${account.username}/${note.id}`

describe('quoting from a page', () => {
  it('begins at the note, shows it above the text, and ends in a card within a card', async () => {
    const quoted = await post(server, alice, { text: 'A sentence to repeat' })
    expect(await read(pathOf(quoted), bobsBrowser)).toContain(`/compose?quote=${quoted.note.id}`)
    const composer = await read(`/compose?quote=${quoted.note.id}`, bobsBrowser)
    expect(composer).toContain('Quote alice')
    expect(composer).toContain('A sentence to repeat')
    expect(composer).toContain(`name="quote" value="${quoted.note.id}"`)
    expect(composer).toContain('name="quote_policy"')
    const posted = await send('/compose', bobsBrowser, {
      intent: 'post',
      text: 'Indeed',
      quote: quoted.note.id,
      quote_policy: 'followers',
    })
    expect(posted.status).toBe(303)
    const path = posted.headers.get('location') ?? ''
    const page = await read(path)
    expect(page).toContain('aria-label="Quoted post by alice"')
    expect(page).toContain('A sentence to repeat')
    expect(page).not.toContain('Withdraw my post')
    expect(await read(path, alicesBrowser)).toContain('Withdraw my post from this quote')
    const row = await server.app.db
      .selectFrom('notes')
      .selectAll()
      .where('quote_of_id', '=', quoted.note.id)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ quote_policy: 'followers', quote_state: 'accepted' })
    const revoke = `/notes/${quoted.note.id}/quotes/${row.id}/revoke`
    expect((await send(revoke, bobsBrowser)).status).toBe(403)
    expect((await send(revoke, alicesBrowser)).status).toBe(303)
    expect(await read(path)).toContain('The author no longer allows this quote.')
  })

  it('is not offered, and not begun, where the author does not allow it', async () => {
    const quoted = await post(server, alice, { text: 'Mine', quotePolicy: 'nobody' })
    expect(await read(pathOf(quoted), bobsBrowser)).not.toContain('/compose?quote=')
    const { cookie } = bobsBrowser
    const composer = await server.fetch(`/compose?quote=${quoted.note.id}`, { headers: { cookie } })
    expect(composer.status).toBe(404)
    const posted = await send('/compose', bobsBrowser, { intent: 'post', text: 'x', quote: quoted.note.id })
    expect(posted.status).toBe(422)
    expect(await posted.text()).toContain('This post can no longer be quoted.')
  })
})

describe('remixing from a page', () => {
  it('begins with the shared prompt, and the picture’s line has a page', async () => {
    const painting = await storePainting(server, alice)
    const parent = await post(server, alice, {
      text: 'The first',
      mediaIds: [painting.id],
      promptVisibility: 'public',
      remixPolicy: 'anyone',
    })
    const page = await read(pathOf(parent), bobsBrowser)
    expect(page).toContain(`/compose?remix=${parent.note.id}`)
    expect(page).toContain(`${pathOf(parent)}/lineage`)
    const composer = await read(`/compose?remix=${parent.note.id}`, bobsBrowser)
    expect(composer).toContain('Remix a picture by alice')
    expect(composer).toContain('a lighthouse, oil on canvas')
    expect(composer).toContain(`name="remix" value="${parent.note.id}"`)
    const remix = await post(server, bob, {
      text: 'The second',
      mediaIds: [(await storePainting(server, bob)).id],
      remixOfId: parent.note.id,
    })
    expect(await read(pathOf(remix))).toContain('Remix of a picture by alice')
    expect(await read(`${pathOf(parent)}/lineage`)).toContain('The second')
    const line = await read(`${pathOf(remix)}/lineage`)
    expect(line).toContain('The first')
    expect(line).toContain('Nobody has remixed it yet.')
  })

  it('is neither offered nor begun where the author does not allow it', async () => {
    const painting = await storePainting(server, alice)
    const parent = await post(server, alice, { text: 'Only mine', mediaIds: [painting.id] })
    expect(await read(pathOf(parent), bobsBrowser)).not.toContain('/compose?remix=')
    expect(await read(pathOf(parent), alicesBrowser)).toContain('/compose?remix=')
    const { cookie } = bobsBrowser
    const composer = await server.fetch(`/compose?remix=${parent.note.id}`, { headers: { cookie } })
    expect(composer.status).toBe(422)
  })
})
