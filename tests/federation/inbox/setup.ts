import { afterAll, beforeAll } from 'vitest'
import type { Account } from '#src/db/accounts.ts'
import type { Note } from '#src/db/notes.ts'
import {
  type ForeignActor,
  type ForeignServer,
  type JsonObject,
  startForeignServer,
} from '#tests/support/foreign-server.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

export const activityStreams = 'https://www.w3.org/ns/activitystreams'
export const everyone = `${activityStreams}#Public`

export type Neighbours = {
  readonly server: TestServer
  readonly foreign: ForeignServer
  readonly alice: TestPerson
  /** Has an account on the foreign server. */
  readonly bob: ForeignActor
  /** Posts to the shared inbox, and works until nothing is left to do. Answers the status. */
  send(actor: ForeignActor, activity: JsonObject): Promise<number>
  /** A public note of a foreign actor that mentions Alice, as a Create. */
  note(actor: ForeignActor, name: string, changes?: JsonObject): JsonObject & { id: string }
  create(actor: ForeignActor, note: JsonObject): JsonObject & { id: string }
  /** A note of Alice's, posted over the API. */
  post(status: string, form?: JsonObject): Promise<Note>
  account(actor: ForeignActor): Promise<Account | undefined>
  stored(uri: string): Promise<Note | undefined>
  notifications(): Promise<{ kind: string; note_id: string | null }[]>
}

let settings: Record<string, string> = {}

/** What the servers of all files are started with, from now on in this process. */
export function startWith(environment: Record<string, string>): void {
  settings = environment
}

/** A server with Alice on it and a foreign one with Bob, for all tests of a file. */
export function useNeighbours(): Neighbours {
  let server: TestServer
  let foreign: ForeignServer
  let alice: TestPerson
  let bob: ForeignActor

  beforeAll(async () => {
    server = await startTestServer(settings)
    foreign = await startForeignServer()
    alice = await server.person('alice')
    bob = foreign.addActor('bob')
  })
  afterAll(async () => {
    await server.close()
    await foreign.close()
  })

  const rowOf = (uri: string) =>
    server.app.db.selectFrom('notes').selectAll().where('uri', '=', uri).executeTakeFirst()

  return {
    get server() {
      return server
    },
    get foreign() {
      return foreign
    },
    get alice() {
      return alice
    },
    get bob() {
      return bob
    },
    send: async (actor, activity) => {
      const { status } = await actor.post(`${server.url}/ap/inbox`, activity)
      await server.settle()
      return status
    },
    note: (actor, name, changes = {}) => ({
      id: `${actor.uri}/notes/${name}`,
      type: 'Note',
      attributedTo: actor.uri,
      to: [everyone],
      cc: [`${actor.uri}/followers`, alice.account.uri],
      content: '<p>Hello</p>',
      published: new Date(Date.now() - 60_000).toISOString(),
      tag: [{ type: 'Mention', href: alice.account.uri, name: '@alice' }],
      ...changes,
    }),
    create: (actor, note) => ({
      '@context': activityStreams,
      id: `${String(note.id)}/activity`,
      type: 'Create',
      actor: actor.uri,
      to: note.to,
      cc: note.cc,
      object: note,
    }),
    post: async (status, form = {}) => {
      const response = await server.fetch('/api/v1/statuses', { as: alice, json: { status, ...form } })
      const { uri }: { uri: string } = JSON.parse(await response.text())
      await server.settle()
      const row = await rowOf(uri)
      if (!row) throw new Error(`${uri} was not stored`)
      return row
    },
    account: (actor) =>
      server.app.db.selectFrom('accounts').selectAll().where('uri', '=', actor.uri).executeTakeFirst(),
    stored: rowOf,
    notifications: () =>
      server.app.db
        .selectFrom('notifications')
        .select(['kind', 'note_id'])
        .where('account_id', '=', alice.accountId)
        .execute(),
  }
}

/** An activity of an actor's, under an id of their own. */
export function activityOf(
  actor: ForeignActor,
  type: string,
  object: unknown,
  id = `${type}/${crypto.randomUUID()}`,
) {
  return { '@context': activityStreams, id: `${actor.uri}/${id}`, type, actor: actor.uri, object }
}
