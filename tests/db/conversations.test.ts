import { Kysely, PostgresDialect, sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { up } from '#migrations/20261128T060000_conversations.ts'
import { listConversations } from '#src/db/conversations.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

it('what was written directly before there were conversations stands in them, and is read', async () => {
  const { db } = server.app
  const [alice, bob] = [await server.person('alice'), await server.person('bob')]
  const first = await post(server, alice, { text: '@bob hello', visibility: 'direct' })
  await post(server, bob, { text: '@alice hi', visibility: 'direct', inReplyToId: first.note.id })
  await post(server, alice, { text: '@bob for everyone' })
  const stateOf = async () => {
    const [conversations, others] = await Promise.all(
      [alice, bob].map(({ accountId }) => listConversations(db, accountId, { limit: 20 })),
    )
    return [conversations, others].map((list) =>
      list?.map(({ id: _id, is_unread: _unread, ...rest }) => rest),
    )
  }
  const entries = () =>
    db
      .selectFrom('conversation_entries')
      .select(['account_id', 'note_id'])
      .orderBy('account_id')
      .orderBy('note_id')
      .execute()
  const [before, entriesBefore] = [await stateOf(), await entries()]
  expect(entriesBefore).toHaveLength(4)
  await sql`drop table conversation_entries, conversations`.execute(db)
  await up(new Kysely<unknown>({ dialect: new PostgresDialect({ pool: server.app.pool }) }))
  expect(await stateOf()).toEqual(before)
  expect(await entries()).toEqual(entriesBefore)
  const unread = await db.selectFrom('conversations').select('id').where('is_unread', '=', true).execute()
  expect(unread).toEqual([])
})
