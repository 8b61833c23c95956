import { expect } from 'vitest'
import type { Note } from '#src/db/notes.ts'
import { listPolls, type Poll } from '#src/db/polls.ts'
import { listReactionCounts } from '#src/db/reactions.ts'
import type { Id } from '#src/db/tables.ts'
import type { ForeignActor, JsonObject } from '#tests/support/foreign-server.ts'
import type { Neighbours } from './setup.ts'

/** What has come of what another server sent. */
export function effectsOn(near: Neighbours) {
  return {
    /** Sends, and works until nothing is left to do. */
    accepted: async (actor: ForeignActor, activity: JsonObject): Promise<void> => {
      expect(await near.send(actor, activity)).toBe(202)
    },
    stored: async (uri: string): Promise<Note> => {
      const note = await near.stored(uri)
      if (!note) throw new Error(`${uri} is not here`)
      return note
    },
    pollOf: async (noteId: Id): Promise<Poll | undefined> => {
      const [poll] = await listPolls(near.server.app.db, [noteId], null)
      return poll
    },
    reactionsOf: async (noteId: Id): Promise<string[]> => {
      const counts = await listReactionCounts(near.server.app.db, [noteId], null)
      return counts.map(({ name }) => name)
    },
    reportsBy: async (actor: ForeignActor) => {
      const account = await near.account(actor)
      const { db } = near.server.app
      return db
        .selectFrom('reports')
        .selectAll()
        .where('account_id', '=', account?.id ?? '0')
        .execute()
    },
  }
}

export const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
/** Without fractions, as Ruby, Go and PHP write it. */
export const seconds = (date: Date) => date.toISOString().replace(/\.\d+Z$/, 'Z')
