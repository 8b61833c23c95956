import type { TestPerson, TestServer } from './test-server.ts'

/** What kinds of things somebody was told, the oldest first. */
export async function kindsOf({ app }: TestServer, person: Pick<TestPerson, 'accountId'>): Promise<string[]> {
  const rows = await app.db
    .selectFrom('notifications')
    .select('kind')
    .where('account_id', '=', person.accountId)
    .orderBy('id')
    .execute()
  return rows.map(({ kind }) => kind)
}
