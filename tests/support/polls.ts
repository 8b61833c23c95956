import { findNoteRowByUri } from '#src/db/notes.ts'
import { listPolls, type Poll } from '#src/db/polls.ts'
import type { Id } from '#src/db/tables.ts'
import type { TestServer } from './test-server.ts'

export async function pollAt(server: TestServer, uri: string, viewer: Id | null = null): Promise<Poll> {
  const note = await findNoteRowByUri(server.app.db, uri)
  const [poll] = note ? await listPolls(server.app.db, [note.id], viewer) : []
  if (!poll) throw new Error(`There is no poll at ${uri}`)
  return poll
}

/** The votes of each option, and how many people voted. */
export const countsOf = ({ options, voters_count }: Poll) => [
  ...options.map(({ votes }) => votes),
  voters_count,
]
