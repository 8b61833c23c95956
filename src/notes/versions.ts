import type { Kysely, Transaction } from 'kysely'
import { listMediaOfVersions, type Media } from '#src/db/media.ts'
import {
  dropEqualVersion,
  keepVersion,
  listVersionRows,
  type NoteVersionRow,
  thinVersions,
} from '#src/db/note-versions.ts'
import type { Note } from '#src/db/notes.ts'
import { notifyBoosters } from '#src/db/notifications.ts'
import { publishStreamEvent } from '#src/db/stream-events.ts'
import type { CustomEmoji, Database } from '#src/db/tables.ts'
import type { NoteView } from './view.ts'

/** What a note said at one time. */
export type NoteVersion = {
  contentHtml: string
  summary: string
  isSensitive: boolean
  emojis: CustomEmoji[]
  media: Media[]
  pollOptions: string[] | null
  writtenAt: Date
}

/** All versions of a note, oldest first, the last as it is now. What its author took away for good is not shown again. */
export async function listVersions(db: Kysely<Database>, view: NoteView): Promise<NoteVersion[]> {
  const { note } = view
  const rows = await listVersionRows(db, note.id)
  const mediaIds = [...new Set(rows.flatMap(({ media }) => media.map(({ mediaId }) => mediaId)))]
  const media = new Map((await listMediaOfVersions(db, note, mediaIds)).map((one) => [one.id, one]))
  return [...rows.map((row) => toVersion(row, media)), currentVersion(view, rows.length > 0)]
}

function toVersion(row: NoteVersionRow, media: Map<string, Media>): NoteVersion {
  return {
    contentHtml: row.content_html,
    summary: row.summary,
    isSensitive: row.is_sensitive,
    emojis: row.emojis,
    media: row.media.flatMap(({ mediaId, description }) => {
      const one = media.get(mediaId)
      return one ? [{ ...one, description }] : []
    }),
    pollOptions: row.poll_options,
    writtenAt: row.written_at,
  }
}

function currentVersion({ note, media, poll }: NoteView, isEdited: boolean): NoteVersion {
  return {
    contentHtml: note.content_html,
    summary: note.summary,
    isSensitive: note.is_sensitive,
    emojis: note.emojis,
    media,
    pollOptions: poll?.options.map(({ title }) => title) ?? null,
    writtenAt: (isEdited ? note.edited_at : null) ?? note.published_at,
  }
}

/**
 * Makes a change of a note, keeping what it said before. Who boosted it hears that it says something else now: they
 * stand for it.
 */
export async function changeWords(
  trx: Transaction<Database>,
  note: Note,
  change: () => Promise<void>,
): Promise<void> {
  const versionId = await keepVersion(trx, note.id)
  await change()
  if (!(await dropEqualVersion(trx, note.id, versionId))) return
  await thinVersions(trx, note.id)
  await notifyBoosters(trx, note)
  await publishStreamEvent(trx, 'edits', [note.id])
}
