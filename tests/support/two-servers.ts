import { findNoteRowByUri, type Note } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { settle, startTestServer, type TestPerson, type TestServer } from './test-server.ts'

/** Someone of another server, as this one knows them once somebody asked. */
export async function lookUp({ app }: TestServer, uri: string): Promise<Id> {
  const id = await app.lookup.account(uri)
  if (id === undefined) throw new Error(`${uri} was not found`)
  return id
}

export type TwoServers = {
  here: TestServer
  there: TestServer
  alice: TestPerson
  bob: TestPerson
  /** Alice, as Bob's server knows her. */
  aliceThere: Id
}

/** Two servers of ours: Alice is on the one, and on the other is Bob, who follows her. */
export async function startTwoServers(): Promise<TwoServers> {
  const [here, there] = await Promise.all([startTestServer(), startTestServer()])
  const [alice, bob] = await Promise.all([here.person('alice'), there.person('bob')])
  const aliceThere = await lookUp(there, alice.account.uri)
  await followAccount(there.app, bob.accountId, aliceThere)
  await settle(here, there)
  return { here, there, alice, bob, aliceThere }
}

/** A note as it arrived there. */
export async function copyOf({ app }: TestServer, uri: string): Promise<Note> {
  const note = await findNoteRowByUri(app.db, uri)
  if (!note) throw new Error(`${uri} did not arrive`)
  return note
}
