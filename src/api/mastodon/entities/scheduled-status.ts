import type { NoteForm } from '#src/notes/compose.ts'
import type { ScheduledView } from '#src/notes/schedule.ts'
import type { Server } from './account.ts'
import { toMediaAttachment } from './media-attachment.ts'
import { toMastodonVisibility } from './visibility.ts'

/** https://docs.joinmastodon.org/entities/ScheduledStatus/ */
export function toScheduledStatus(server: Server, { scheduled, form, media }: ScheduledView) {
  return {
    id: scheduled.id,
    scheduled_at: scheduled.scheduled_at.toISOString(),
    params: toParams(form),
    media_attachments: media.map((one) => toMediaAttachment(server, one)),
  }
}

/** What was sent, with our `prompt_visibility`, `remix_policy` and `remix_of_id`. */
function toParams(form: NoteForm) {
  return {
    text: form.text,
    poll: toPollParams(form.poll),
    media_ids: form.mediaIds.length > 0 ? form.mediaIds : null,
    sensitive: form.isSensitive,
    spoiler_text: form.summary,
    visibility: toMastodonVisibility[form.visibility],
    language: form.language,
    // A text, against Mastodon, whose ids of this size no browser reads right.
    in_reply_to_id: form.inReplyToId,
    quoted_status_id: form.quoteOfId ?? null,
    quote_approval_policy: form.quotePolicy ?? null,
    scheduled_at: null,
    idempotency: null,
    with_rate_limit: false,
    // Apps are to pass over it; ours would be no number that they can read.
    application_id: 0,
    prompt_visibility: form.promptVisibility,
    remix_policy: form.remixPolicy,
    remix_of_id: form.remixOfId ?? null,
  }
}

function toPollParams(poll: NoteForm['poll']) {
  if (!poll || poll === 'unchanged') return null
  const { titles: options, expiresInSeconds: expires_in, isMultiple: multiple } = poll
  return { options, expires_in, multiple, hide_totals: false }
}
