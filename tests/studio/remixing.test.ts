import { afterAll, beforeAll, expect, it } from 'vitest'
import { post } from '#tests/support/notes.ts'
import { startOpenAiStandIn } from '#tests/support/openai-stand-in.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
let bob: TestPerson
beforeAll(async () => {
  server = await startTestServer({ AI_PROVIDER: 'sketch' })
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
})
afterAll(() => server.close())

async function paint(as: TestPerson, fields: object) {
  const response = await server.fetch('/api/pinxit/v1/generations', {
    as,
    json: { prompt: 'waves', ...fields },
  })
  await server.settle()
  return { status: response.status, body: await response.json() }
}

async function finished(as: TestPerson, id: string) {
  return (await server.fetch(`/api/pinxit/v1/generations/${id}`, { as })).json()
}

const publish = (as: TestPerson, mediaIds: string[], fields: object = {}) =>
  server.fetch('/api/v1/statuses', { as, json: { status: 'Look', media_ids: mediaIds, ...fields } })

it('a picture painted as a remix makes a remix of the note that posts it', async () => {
  const painting = await storePainting(server, alice)
  const parent = await post(server, alice, { mediaIds: [painting.id], remixPolicy: 'anyone' })
  const { status, body } = await paint(bob, { remix_of: parent.note.id })
  expect(status).toBe(202)
  expect(body).toMatchObject({ remix_of: parent.note.id })
  const { media_attachments: pictures } = await finished(bob, body.id)
  const posted = await (await publish(bob, [pictures[0].id])).json()
  expect(posted).toMatchObject({
    content: '<p>Look</p>',
    mentions: [{ acct: 'alice' }],
    pinxit: { remix_of: { uri: parent.note.uri, state: 'available', account: { acct: 'alice' } } },
  })
  const notifications = await (await server.fetch('/api/v1/notifications', { as: alice })).json()
  expect(notifications.map(({ type }: { type: string }) => type)).toEqual(['remix'])
  const seen = await (await server.fetch(`/api/v1/statuses/${parent.note.id}`)).json()
  expect(seen.pinxit.remix_count).toBe(1)
})

it('asks the policy when painting, and again when posting', async () => {
  const closed = await post(server, alice, { mediaIds: [(await storePainting(server, alice)).id] })
  expect(await paint(bob, { remix_of: closed.note.id })).toMatchObject({
    status: 422,
    body: { code: 'remix_of' },
  })
  const painting = await storePainting(server, alice)
  const parent = await post(server, alice, { mediaIds: [painting.id], remixPolicy: 'anyone' })
  const { body } = await paint(bob, { remix_of: parent.note.id })
  const { media_attachments: pictures } = await finished(bob, body.id)
  const { db } = server.app
  await db.updateTable('notes').set({ remix_policy: 'nobody' }).where('id', '=', parent.note.id).execute()
  expect((await publish(bob, [pictures[0].id])).status).toBe(422)
  await db.updateTable('notes').set({ remix_policy: 'anyone' }).where('id', '=', parent.note.id).execute()
  expect((await publish(bob, [pictures[0].id])).status).toBe(200)
})

it('a note without a painting of its own is no remix, and an edit makes none', async () => {
  const painting = await storePainting(server, alice)
  const parent = await post(server, alice, { mediaIds: [painting.id], remixPolicy: 'anyone' })
  expect((await publish(bob, [], { remix_of_id: parent.note.id })).status).toBe(422)
  const { body } = await paint(bob, { remix_of: parent.note.id })
  const { media_attachments: pictures } = await finished(bob, body.id)
  const plain = await (await publish(bob, [])).json()
  const edit = await server.fetch(`/api/v1/statuses/${plain.id}`, {
    as: bob,
    method: 'PUT',
    json: { status: 'Look', media_ids: [pictures[0].id] },
  })
  expect(edit.status).toBe(422)
})

it('the picture itself goes to the model, from this server and from another, as long as its author allows', async () => {
  const provider = await startOpenAiStandIn()
  const environment = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: provider.url, AI_IMAGE_MODEL: 'paint-1' }
  const [near, far] = await Promise.all([startTestServer(environment), startTestServer(environment)])
  const [dora, erin, finn] = await Promise.all([near.person('dora'), near.person('erin'), far.person('finn')])
  const paintAt = async (where: TestServer, as: TestPerson, fields: object) => {
    provider.requests.length = 0
    const json = { prompt: 'waves', ...fields }
    const { id } = await (await where.fetch('/api/pinxit/v1/generations', { as, json })).json()
    await where.settle()
    return (await where.fetch(`/api/pinxit/v1/generations/${id}`, { as })).json()
  }
  const first = await paintAt(near, dora, {})
  const json = { status: 'First', media_ids: [first.media_attachments[0].id], remix_policy: 'anyone' }
  const parent = await (await near.fetch('/api/v1/statuses', { as: dora, json })).json()
  const parentThere = await far.app.lookup.note(parent.uri)
  for (const [where, as, id] of [
    [near, erin, parent.id],
    [far, finn, parentThere],
  ] as const) {
    const remix = await paintAt(where, as, { remix_of: id })
    expect(remix).toMatchObject({ status: 'completed', remix_of: id })
    expect(provider.requests).toMatchObject([{ path: '/v1/images/edits', files: [{}] }])
  }
  await near.app.db.updateTable('notes').set({ remix_policy: 'nobody' }).execute()
  const late = { remix_of: parent.id }
  expect(
    (await near.fetch('/api/pinxit/v1/generations', { as: erin, json: { prompt: 'x', ...late } })).status,
  ).toBe(422)
  await Promise.all([near.close(), far.close(), provider.close()])
})
