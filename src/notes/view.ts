import type { Kysely } from 'kysely'
import { notFound } from '#src/base/errors.ts'
import { type Account, listAccounts } from '#src/db/accounts.ts'
import { type Application, listApplications } from '#src/db/applications.ts'
import { distinctIds } from '#src/db/ids.ts'
import { type ListedNote, listVisibleNotes, type NoteState } from '#src/db/listed-notes.ts'
import { listMediaOfNotes, type Media } from '#src/db/media.ts'
import type { Mention } from '#src/db/mentions.ts'
import { listTombstoneIds, type Note } from '#src/db/notes.ts'
import { listPolls, type Poll } from '#src/db/polls.ts'
import { listPreviewCards, type PreviewCard } from '#src/db/preview-cards.ts'
import { listReactionCounts, type ReactionCount } from '#src/db/reactions.ts'
import type { Database, Id, QuoteState } from '#src/db/tables.ts'
import { type FilterResult, filteringFor } from './filtered.ts'

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
  /** What the viewer did with it, and which of their filters it meets; null for a stranger. */
  viewer: (NoteState & { filtered: FilterResult[] }) | null
}

/** Another note that one points at. Unavailable: hidden from the viewer, or never seen here. */
export type Parent =
  | { uri: string; state: 'available'; view: NoteView }
  | { uri: string; state: 'deleted' | 'unavailable' }

/** Loads notes in the order of the ids. What the viewer may not see is left out. */
export async function loadNoteViews(
  db: Kysely<Database>,
  ids: Id[],
  viewerId: Id | null,
): Promise<NoteView[]> {
  const listed = new Map((await listVisibleNotes(db, ids, viewerId)).map((note) => [note.id, note]))
  const asked = ids.map((id) => listed.get(id)).filter((note) => note !== undefined)
  return viewsOf(db, asked, viewerId, [...listed.values()])
}

/**
 * What is shown of notes, with what they boost, quote or are made from, in a constant number of queries. A boost of
 * what the viewer may not see is left out.
 * @param known others that were read already
 */
export async function viewsOf(
  db: Kysely<Database>,
  listed: readonly ListedNote[],
  viewerId: Id | null,
  known: readonly ListedNote[] = listed,
): Promise<NoteView[]> {
  const { notes, tombstones } = await withParents(db, known, viewerId)
  const [partsOf, filtered] = await Promise.all([
    loadParts(db, [...notes.values()], viewerId),
    filteringFor(db, [...notes.values()], viewerId),
  ])

  const parentOf = (uri: string, id: Id | null): Parent => {
    const parent = id === null ? undefined : notes.get(id)
    const shown = parent && view(parent, true)
    if (shown) return { uri, state: 'available', view: shown }
    return { uri, state: id !== null && tombstones.has(id) ? 'deleted' : 'unavailable' }
  }
  const view = (note: ListedNote, isParent = false): NoteView | undefined => {
    const parts = partsOf(note)
    const boosted = note.boost_of_id === null ? null : notes.get(note.boost_of_id)
    const boostOf = boosted && view(boosted, isParent)
    // The boosted note is hidden from this viewer, so the boost says nothing.
    if (!parts || boostOf === undefined) return undefined
    const { remix_of_uri: remixUri, quote_of_uri: quoteUri, quote_state: consent } = note
    const { state, ...shown } = parts
    return {
      note,
      ...shown,
      viewer: state && { ...state, filtered: boostOf?.viewer?.filtered ?? filtered({ note, ...shown }) },
      boostOf,
      remixOf: isParent || remixUri === null ? null : parentOf(remixUri, note.remix_of_id),
      quote:
        isParent || quoteUri === null || consent === null
          ? null
          : { ...parentOf(quoteUri, note.quote_of_id), consent },
    }
  }
  return listed.map((note) => view(note)).filter((found) => found !== undefined)
}

type Surroundings = { notes: Map<Id, ListedNote>; tombstones: Set<Id> }

/** What notes boost, quote and are made from, beside the notes themselves; and the same of what they boost. */
async function withParents(
  db: Kysely<Database>,
  listed: readonly ListedNote[],
  viewerId: Id | null,
): Promise<Surroundings> {
  const notes = new Map(listed.map((note) => [note.id, note]))
  const missingAround = (some: readonly ListedNote[]) =>
    distinctIds(some.flatMap((note) => [note.boost_of_id, note.remix_of_id, note.quote_of_id])).filter(
      (id) => !notes.has(id),
    )
  const near = missingAround(listed)
  for (const note of await listVisibleNotes(db, near, viewerId)) notes.set(note.id, note)
  const boosted = listed
    .map(({ boost_of_id: id }) => notes.get(id ?? ''))
    .filter((note) => note !== undefined)
  const far = missingAround(boosted).filter((id) => !near.includes(id))
  for (const note of await listVisibleNotes(db, far, viewerId)) notes.set(note.id, note)
  const hidden = [...near, ...far].filter((id) => !notes.has(id))
  return { notes, tombstones: new Set(await listTombstoneIds(db, hidden)) }
}

type Parts = Omit<NoteView, 'note' | 'viewer' | 'boostOf' | 'remixOf' | 'quote'> & { state: NoteState | null }

/** What stands in other tables, asked for where there is some. Undefined for a note whose author is not there. */
async function loadParts(
  db: Kysely<Database>,
  notes: readonly ListedNote[],
  viewerId: Id | null,
): Promise<(note: ListedNote) => Parts | undefined> {
  const idsOf = (some: readonly ListedNote[]) => some.map((note) => note.id)
  const [accounts, media, applications, polls, reactions, cards] = await Promise.all([
    listAccounts(db, distinctIds(notes.map((note) => note.account_id))),
    listMediaOfNotes(db, idsOf(notes.filter((note) => note.has_media))),
    listApplications(db, distinctIds(notes.map((note) => note.application_id))),
    listPolls(db, idsOf(notes.filter((note) => note.object_type === 'Question')), viewerId),
    listReactionCounts(db, idsOf(notes.filter((note) => note.has_reactions)), viewerId),
    listPreviewCards(db, distinctIds(notes.map((note) => note.preview_card_id))),
  ])
  const accountOf = byKey(accounts, (account) => account.id)
  const applicationOf = byKey(applications, (application) => application.id)
  const pollOf = byKey(polls, (poll) => poll.note_id)
  const cardOf = byKey(cards, (card) => card.id)
  const mediaOf = Map.groupBy(media, (row) => row.note_id)
  const reactionsOf = Map.groupBy(reactions, (row) => row.note_id)
  return ({ id, account_id, application_id, preview_card_id, tags, mentions, state }) => {
    const account = accountOf.get(account_id)
    return (
      account && {
        account,
        media: mediaOf.get(id) ?? [],
        mentions,
        tags: tags.toSorted(),
        application: applicationOf.get(application_id ?? '') ?? null,
        poll: pollOf.get(id) ?? null,
        reactions: reactionsOf.get(id) ?? [],
        card: cardOf.get(preview_card_id ?? '') ?? null,
        state,
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
