import { z } from 'zod'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import type { Account } from '#src/db/accounts.ts'
import type { Id, PromptVisibility, RemixPolicy, Visibility } from '#src/db/tables.ts'
import { findUserByAccount } from '#src/db/users.ts'
import type { NoteForm } from '#src/notes/compose.ts'
import type { NoteView } from '#src/notes/view.ts'
import { isId, optionalFlag, optionalId, textField } from '../bodies.ts'
import { fromMastodonVisibility } from './entities/visibility.ts'
import { mediaChanges } from './media-form.ts'
import { pollField } from './poll-form.ts'
import { quotePolicyOf } from './quotes.ts'

const listField = z
  .unknown()
  .optional()
  .transform((value): unknown[] | undefined =>
    value === undefined || value === null ? undefined : Array.isArray(value) ? value : [value],
  )

const mediaAttributes = z
  .array(z.object({ id: z.coerce.string(), description: textField, focus: textField }))
  .catch([])

/** https://docs.joinmastodon.org/methods/statuses/#create, with our `prompt_visibility`, `remix_policy` and `remix_of_id`. */
export const statusForm = z.object({
  status: textField,
  spoiler_text: textField,
  sensitive: optionalFlag,
  visibility: textField,
  language: textField,
  in_reply_to_id: optionalId,
  media_ids: listField,
  media_attributes: mediaAttributes,
  prompt_visibility: textField,
  remix_policy: textField,
  poll: pollField,
  scheduled_at: textField,
  quoted_status_id: optionalId,
  remix_of_id: optionalId,
  quote_approval_policy: textField,
})

export type StatusForm = z.output<typeof statusForm>

/** What a person posts, with their own defaults. Throws AppError invalid. */
export async function readNewNote(app: App, author: Account, fields: StatusForm): Promise<NoteForm> {
  const user = await findUserByAccount(app.db, author.id)
  return {
    text: fields.status ?? '',
    summary: fields.spoiler_text ?? '',
    isSensitive: fields.sensitive ?? user?.default_is_sensitive ?? false,
    visibility: visibilityOf(fields.visibility) ?? user?.default_visibility ?? 'public',
    language: languageOf(fields.language) ?? user?.default_language ?? null,
    inReplyToId: fields.in_reply_to_id ?? null,
    mediaIds: mediaIdsOf(fields) ?? [],
    promptVisibility: promptVisibilityOf(fields.prompt_visibility) ?? 'hidden',
    poll: fields.poll ?? null,
    remixPolicy: remixPolicyOf(fields.remix_policy) ?? author.default_remix_policy,
    quoteOfId: fields.quoted_status_id ?? null,
    remixOfId: fields.remix_of_id ?? null,
    quotePolicy: quotePolicyOf(fields.quote_approval_policy) ?? user?.default_quote_policy ?? 'public',
  }
}

/**
 * What an edit makes of a note. As on Mastodon, a text, a warning or a mark as sensitive that is not sent is taken
 * away, and so is a poll; pictures, language and what is ours stay.
 * @throws AppError invalid
 */
export function readEdit({ note, media }: NoteView, fields: StatusForm): NoteForm {
  return {
    text: fields.status ?? '',
    summary: fields.spoiler_text ?? '',
    isSensitive: fields.sensitive ?? false,
    visibility: note.visibility,
    language: languageOf(fields.language) ?? note.language,
    inReplyToId: note.in_reply_to_id,
    mediaIds: mediaIdsOf(fields) ?? media.map((one) => one.id),
    mediaChanges: fields.media_attributes.flatMap(({ id, ...said }) => {
      const changes = mediaChanges(said)
      return isId(id) && Object.keys(changes).length > 0 ? [{ id, changes }] : []
    }),
    promptVisibility: promptVisibilityOf(fields.prompt_visibility) ?? note.prompt_visibility,
    poll: fields.poll ?? null,
    remixPolicy: remixPolicyOf(fields.remix_policy) ?? note.remix_policy,
    quotePolicy: quotePolicyOf(fields.quote_approval_policy) ?? note.quote_policy,
  }
}

function visibilityOf(name: string | undefined): Visibility | undefined {
  if (!name) return undefined
  const visibility = fromMastodonVisibility(name)
  if (!visibility) throw invalid('Visibility is not included in the list')
  return visibility
}

function promptVisibilityOf(name: string | undefined): PromptVisibility | undefined {
  if (!name) return undefined
  if (name !== 'hidden' && name !== 'public') throw invalid('Prompt visibility is not included in the list')
  return name
}

function remixPolicyOf(name: string | undefined): RemixPolicy | undefined {
  if (!name) return undefined
  if (name !== 'nobody' && name !== 'followers' && name !== 'anyone') {
    throw invalid('Remix policy is not included in the list')
  }
  return name
}

/** What is no language tag counts as not given, as on Mastodon. */
export function languageOf(tag: string | undefined): string | undefined {
  return tag && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag) && tag.length <= 35 ? tag : undefined
}

// Junk is refused, not left out: a note must not go out without its picture. An empty one stands for none.
function mediaIdsOf({ media_ids: ids }: StatusForm): Id[] | undefined {
  return ids
    ?.map(String)
    .filter((id) => id !== '')
    .map((id) => {
      if (!isId(id)) throw invalid('A media attachment was not found or is already in use')
      return id
    })
}

function invalid(message: string): AppError {
  return new AppError('invalid', `Validation failed: ${message}`)
}
