import type { Kysely } from 'kysely'
import { notFound } from '#src/base/errors.ts'
import { type Account, listAccounts } from '#src/db/accounts.ts'
import { type Application, listApplications } from '#src/db/applications.ts'
import { listNoteStates, type NoteState } from '#src/db/likes.ts'
import { listMediaOfNotes, type Media } from '#src/db/media.ts'
import { listMentions, type Mention } from '#src/db/mentions.ts'
import { listTombstoneIds, listVisibleNotes, type Note } from '#src/db/notes.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { listTags } from '#src/db/tags.ts'

/** Everything shown leaves as this: presented as a Status, a card or a Note. */
export type NoteView = {
  note: Note
  account: Account
  media: Media[]
  mentions: Mention[]
  tags: string[]
  /** What a local note was written with; null for our own pages. */
  application: Pick<Application, 'name' | 'website'> | null
  boostOf: NoteView | null
  /** What its picture was made from; null when from nothing, and on such a parent itself. */
  remixOf: RemixParent | null
  /** What the viewer did with it; null for a stranger. */
  viewer: Omit<NoteState, 'note_id'> | null
}

/** Unavailable: hidden from the viewer, or never seen here. */
export type RemixParent =
  | { uri: string; state: 'available'; view: NoteView }
  | { uri: string; state: 'deleted' | 'unavailable' }

/**
 * Loads notes, and the notes they boost or remix, in a constant number of queries and in the order of the ids.
 * What the viewer may not see is left out.
 */
export async function loadNoteViews(
  db: Kysely<Database>,
  ids: Id[],
  viewerId: Id | null,
): Promise<NoteView[]> {
  const asked = await listVisibleNotes(db, ids, viewerId)
  const parents = await listRemixParents(db, asked, viewerId)
  const notes = [...asked, ...parents.visible]
  const noteIds = notes.map((note) => note.id)
  const [accounts, media, mentions, tags, applications, states] = await Promise.all([
    listAccounts(db, [...new Set(notes.map((note) => note.account_id))]),
    listMediaOfNotes(db, noteIds),
    listMentions(db, noteIds),
    listTags(db, noteIds),
    listApplications(db, applicationIdsOf(notes)),
    viewerId === null ? [] : listNoteStates(db, viewerId, noteIds),
  ])
  const noteOf = new Map(notes.map((note) => [note.id, note]))
  const accountOf = new Map(accounts.map((account) => [account.id, account]))
  const applicationOf = new Map(applications.map((application) => [application.id, application]))
  const mediaOf = Map.groupBy(media, (row) => row.note_id)
  const mentionsOf = Map.groupBy(mentions, (row) => row.note_id)
  const tagsOf = Map.groupBy(tags, (row) => row.note_id)
  const stateOf = new Map(states.map((state) => [state.note_id, state]))

  const remixParentOf = ({ remix_of_uri: uri, remix_of_id: id }: Note): RemixParent | null => {
    if (uri === null) return null
    const parent = id === null ? undefined : view(id, true)
    if (parent) return { uri, state: 'available', view: parent }
    return { uri, state: id !== null && parents.tombstones.has(id) ? 'deleted' : 'unavailable' }
  }
  const view = (id: Id, isParent = false): NoteView | undefined => {
    const note = noteOf.get(id)
    const account = note && accountOf.get(note.account_id)
    if (!note || !account) return undefined
    const boostOf = note.boost_of_id === null ? null : view(note.boost_of_id)
    // The boosted note is hidden from this viewer, so the boost says nothing.
    if (boostOf === undefined) return undefined
    return {
      note,
      account,
      media: mediaOf.get(id) ?? [],
      mentions: mentionsOf.get(id) ?? [],
      tags: (tagsOf.get(id) ?? []).map((tag) => tag.name),
      application: applicationOf.get(note.application_id ?? '') ?? null,
      boostOf,
      remixOf: isParent ? null : remixParentOf(note),
      viewer:
        viewerId === null ? null : (stateOf.get(id) ?? { liked: false, boosted: false, bookmarked: false }),
    }
  }
  return ids.map((id) => view(id)).filter((found) => found !== undefined)
}

/** What the pictures of these notes were made from, beside the notes themselves. */
async function listRemixParents(
  db: Kysely<Database>,
  notes: Note[],
  viewerId: Id | null,
): Promise<{ visible: Note[]; tombstones: Set<Id> }> {
  const known = new Set(notes.map((note) => note.id))
  const parentIds = notes.map((note) => note.remix_of_id).filter((id) => id !== null)
  const ids = [...new Set(parentIds)].filter((id) => !known.has(id))
  const [visible, tombstones] = await Promise.all([
    listVisibleNotes(db, ids, viewerId),
    listTombstoneIds(db, ids),
  ])
  return { visible, tombstones: new Set(tombstones) }
}

function applicationIdsOf(notes: Note[]): Id[] {
  return [...new Set(notes.map((note) => note.application_id).filter((id) => id !== null))]
}

/** @throws AppError notFound, alike for hidden and for missing notes */
export async function loadNoteView(db: Kysely<Database>, id: Id, viewerId: Id | null): Promise<NoteView> {
  const [view] = await loadNoteViews(db, [id], viewerId)
  if (!view) throw notFound()
  return view
}

/** The note itself, or the one it boosts: what a like, a reply or a count belongs to. */
export function originalOf(view: NoteView): NoteView {
  return view.boostOf ?? view
}
