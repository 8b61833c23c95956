import { startSession } from '#src/auth/sessions.ts'
import type { TestPerson, TestServer } from './test-server.ts'

/** What the browser of someone who signed in sends along, and the token in the forms of the pages it gets. */
export type Visitor = { cookie: string; csrf: string }

export async function visit(server: TestServer, person: Pick<TestPerson, 'userId'>): Promise<Visitor> {
  const cookie = `session=${await startSession(server.app, person.userId, 'test')}`
  const page = await (await server.fetch('/settings', { headers: { cookie } })).text()
  return { cookie, csrf: /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '' }
}
