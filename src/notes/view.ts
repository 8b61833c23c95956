import type { Kysely } from 'kysely'
import { notFound } from '#src/base/errors.ts'
import { type Account, listAccounts } from '#src/db/accounts.ts'
import { type Application, listApplications } from '#src/db/applications.ts'
import { distinctIds } from '#src/db/ids.ts'
import { listNoteStates, type NoteState } from '#src/db/likes.ts'
import { listMediaOfNotes, type Media } from '#src/db/media.ts'
import { listMentions, type Mention } from '#src/db/mentions.ts'
import { type ListedNote, listTombstoneIds, listVisibleNotes, type Note } from '#src/db/notes.ts'
import { listPolls, type Poll } from '#src/db/polls.ts'
import { listPreviewCards, type PreviewCard } from '#src/db/preview-cards.ts'
import { listReactionCounts, type ReactionCount } from '#src/db/reactions.ts'
import type { Database, Id, QuoteState } from '#src/db/tables.ts'
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
  remixOf: Parent | null
  /** What it quotes; null when nothing, and on a quoted note itself. */
  quote: (Parent & { consent: QuoteState }) | null
  poll: Poll | null
  reactions: ReactionCount[]
  /** What its first link leads to. */
  card: PreviewCard | null
  /** What the viewer did with it; null for a stranger. */
  viewer: Omit<NoteState, 'note_id'> | null
}

/** Another note that one points at. Unavailable: hidden from the viewer, or never seen here. */
export type Parent =
  | { uri: string; state: 'available'; view: NoteView }
  | { uri: string; state: 'deleted' | 'unavailable' }

const untouched: Omit<NoteState, 'note_id'> = {
  liked: false,
  boosted: false,
  bookmarked: false,
  pinned: false,
  muted: false,
  may_quote: false,
  may_remix: false,
}

/**
 * Loads notes, and the notes they boost, quote or remix, in a constant number of queries and in the order of the ids.
 * What the viewer may not see is left out.
 */
export async function loadNoteViews(
  db: Kysely<Database>,
  ids: Id[],
  viewerId: Id | null,
): Promise<NoteView[]> {
  const asked = await listVisibleNotes(db, ids, viewerId)
  const parents = await listParents(db, asked, viewerId)
  const notes = new Map([...asked, ...parents.visible].map((note) => [note.id, note]))
  const partsOf = await loadParts(db, [...notes.values()], viewerId)

  const parentOf = (uri: string, id: Id | null): Parent => {
    const parent = id === null ? undefined : view(id, true)
    if (parent) return { uri, state: 'available', view: parent }
    return { uri, state: id !== null && parents.tombstones.has(id) ? 'deleted' : 'unavailable' }
  }
  const view = (id: Id, isParent = false): NoteView | undefined => {
    const note = notes.get(id)
    const parts = note && partsOf(note)
    if (!note || !parts) return undefined
    const boostOf = note.boost_of_id === null ? null : view(note.boost_of_id, isParent)
    // The boosted note is hidden from this viewer, so the boost says nothing.
    if (boostOf === undefined) return undefined
    const { remix_of_uri: remixUri, quote_of_uri: quoteUri, quote_state: consent } = note
    return {
      note,
      ...parts,
      boostOf,
      remixOf: isParent || remixUri === null ? null : parentOf(remixUri, note.remix_of_id),
      quote:
        isParent || quoteUri === null || consent === null
          ? null
          : { ...parentOf(quoteUri, note.quote_of_id), consent },
    }
  }
  return ids.map((id) => view(id)).filter((found) => found !== undefined)
}

/** What notes are made from and what they quote, beside the notes themselves. */
async function listParents(
  db: Kysely<Database>,
  notes: Note[],
  viewerId: Id | null,
): Promise<{ visible: ListedNote[]; tombstones: Set<Id> }> {
  const known = new Set(notes.map((note) => note.id))
  const parentIds = notes.flatMap((note) => [note.remix_of_id, note.quote_of_id])
  const ids = distinctIds(parentIds).filter((id) => !known.has(id))
  const [visible, tombstones] = await Promise.all([
    listVisibleNotes(db, ids, viewerId),
    listTombstoneIds(db, ids),
  ])
  return { visible, tombstones: new Set(tombstones) }
}

type Parts = Omit<NoteView, 'note' | 'boostOf' | 'remixOf' | 'quote'>

/** Everything that stands in other tables than the notes' own. Undefined for a note whose author is not there. */
async function loadParts(
  db: Kysely<Database>,
  notes: ListedNote[],
  viewerId: Id | null,
): Promise<(note: Note) => Parts | undefined> {
  const ids = notes.map((note) => note.id)
  const reactedIds = notes.filter((note) => note.has_reactions).map((note) => note.id)
  const questionIds = notes.filter((note) => note.object_type === 'Question').map((note) => note.id)
  const [accounts, media, mentions, tags, applications, polls, reactions, cards, states] = await Promise.all([
    listAccounts(db, distinctIds(notes.map((note) => note.account_id))),
    listMediaOfNotes(db, ids),
    listMentions(db, ids),
    listTags(db, ids),
    listApplications(db, distinctIds(notes.map((note) => note.application_id))),
    listPolls(db, questionIds, viewerId),
    listReactionCounts(db, reactedIds, viewerId),
    listPreviewCards(db, distinctIds(notes.map((note) => note.preview_card_id))),
    viewerId === null ? [] : listNoteStates(db, viewerId, notes),
  ])
  const accountOf = byKey(accounts, (account) => account.id)
  const applicationOf = byKey(applications, (application) => application.id)
  const pollOf = byKey(polls, (poll) => poll.note_id)
  const cardOf = byKey(cards, (card) => card.id)
  const stateOf = byKey(states, (state) => state.note_id)
  const mediaOf = Map.groupBy(media, (row) => row.note_id)
  const mentionsOf = Map.groupBy(mentions, (row) => row.note_id)
  const tagsOf = Map.groupBy(tags, (row) => row.note_id)
  const reactionsOf = Map.groupBy(reactions, (row) => row.note_id)
  return ({ id, account_id, application_id, preview_card_id }) => {
    const account = accountOf.get(account_id)
    return (
      account && {
        account,
        media: mediaOf.get(id) ?? [],
        mentions: mentionsOf.get(id) ?? [],
        tags: (tagsOf.get(id) ?? []).map((tag) => tag.name),
        application: applicationOf.get(application_id ?? '') ?? null,
        poll: pollOf.get(id) ?? null,
        reactions: reactionsOf.get(id) ?? [],
        card: cardOf.get(preview_card_id ?? '') ?? null,
        viewer: viewerId === null ? null : (stateOf.get(id) ?? untouched),
      }
    )
  }
}

const byKey = <T>(rows: T[], keyOf: (row: T) => Id) => new Map(rows.map((row) => [keyOf(row), row]))

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
