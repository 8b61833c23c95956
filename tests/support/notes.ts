import type { Id } from '#src/db/tables.ts'
import { listHome } from '#src/db/timelines.ts'
import type { NoteForm } from '#src/notes/compose.ts'
import { createNote } from '#src/notes/create.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { TestPerson, TestServer } from './test-server.ts'

/** A form with everything left as it comes, but for what a test says. */
export function noteForm(form: Partial<NoteForm> = {}): NoteForm {
  return {
    text: 'Painted this morning',
    summary: '',
    isSensitive: false,
    visibility: 'public',
    language: 'en',
    inReplyToId: null,
    mediaIds: [],
    promptVisibility: 'hidden',
    remixPolicy: 'nobody',
    ...form,
  }
}

export function post(
  server: TestServer,
  author: TestPerson,
  form: Partial<NoteForm> = {},
): Promise<NoteView> {
  return createNote(server.app, author.account, noteForm(form))
}

/** What stands in someone's home feed, newest first. */
export async function homeIdsOf(server: TestServer, { accountId }: TestPerson): Promise<Id[]> {
  return (await listHome(server.app.db, accountId, { limit: 40 })).map(({ id }) => id)
}
