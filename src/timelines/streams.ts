import type { Kysely } from 'kysely'
import type { App } from '#src/app.ts'
import { listTies, type StreamedNote } from '#src/db/streams.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { listWanted } from '#src/db/timelines.ts'
import { type NoteView, viewsOf } from '#src/notes/view.ts'

/** A note and those who listen where it is told of. */
export type Audience = { note: StreamedNote; viewerIds: readonly Id[] }

/** What is shown of a note to some of its audience: everyone of them gets the very same. */
export type Showing = { note: StreamedNote; view: NoteView; viewerIds: readonly Id[] }

/**
 * Presents notes that open streams are told of. Who stands alike to a note is shown the same, and it is loaded for one
 * of them as a page of a timeline is: so whoever may not see it, or refuses its author, gets nothing.
 * @param areNew nobody did anything yet with the notes themselves
 */
export async function showToAudiences(
  { db }: Pick<App, 'db'>,
  audiences: readonly Audience[],
  areNew: boolean,
): Promise<Showing[]> {
  const groups = await groupAlike(db, audiences, areNew)
  const loaded = new Map<Id, Map<Id, NoteView>>()
  for (const [viewerId, own] of Map.groupBy(groups, ({ viewerIds }) => viewerIds[0] ?? '')) {
    const ids = own.map(({ note }) => note.id)
    const views = await viewsOf(db, await listWanted(db, ids, viewerId), viewerId)
    loaded.set(viewerId, new Map(views.map((view) => [view.note.id, view])))
  }
  return groups.flatMap(({ note, viewerIds }) => {
    const view = loaded.get(viewerIds[0] ?? '')?.get(note.id)
    return view ? [{ note, view, viewerIds }] : []
  })
}

/** Divides each audience into those who have the same ties to what is shown. */
async function groupAlike(
  db: Kysely<Database>,
  audiences: readonly Audience[],
  areNew: boolean,
): Promise<Audience[]> {
  // In one order everywhere, so that the same person stands for as many notes as can be.
  const everyone = [...new Set(audiences.flatMap(({ viewerIds }) => viewerIds))].sort()
  if (everyone.length === 0) return []
  const ids = audiences.map(({ note }) => note.id)
  const tiesOf = new Map<Id, Map<Id, string>>()
  for (const { note_id: noteId, viewer_id: viewerId, ties } of await listTies(
    db,
    { ids, areNew },
    everyone,
  )) {
    const own = tiesOf.get(noteId) ?? new Map()
    tiesOf.set(noteId, own.set(viewerId, ties))
  }
  return audiences.flatMap(({ note, viewerIds }) => {
    const own = tiesOf.get(note.id)
    const alike = Map.groupBy([...viewerIds].sort(), (viewerId) => own?.get(viewerId) ?? '')
    return [...alike.values()].map((group) => ({ note, viewerIds: group }))
  })
}
