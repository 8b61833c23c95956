import { afterAll, beforeAll, expect, it } from 'vitest'
import { listAncestors } from '#src/db/remixes.ts'
import { readLineage } from '#src/timelines/lineage.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
})
afterAll(() => server.close())

/** Notes each made from the one before. */
async function line(length: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < length; i += 1) {
    const { note } = await post(server, alice, { text: `No. ${i}` })
    const parent = ids.at(-1)
    if (parent) await link(note.id, parent)
    ids.push(note.id)
  }
  return ids
}

async function link(id: string, parentId: string) {
  const values = { remix_of_id: parentId, remix_of_uri: server.app.uris.note(parentId) }
  await server.app.db.updateTable('notes').set(values).where('id', '=', id).execute()
}

it('goes back twenty pictures, from the oldest of them down', async () => {
  const ids = await line(23)
  const { ancestors } = await readLineage(server.app, null, ids[22] ?? '', { limit: 40 })
  expect(ancestors.map(({ uri }) => uri)).toEqual(ids.slice(2, 22).map((id) => server.app.uris.note(id)))
})

it('walks a circle once', async () => {
  const [first = '', second = '', third = ''] = await line(3)
  await link(first, third)
  const ancestors = await listAncestors(server.app.db, third, 20)
  expect(ancestors.map(({ id }) => id)).toEqual([second, first])
})
