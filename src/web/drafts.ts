import { z } from 'zod'
import type { App } from '#src/app.ts'
import { removeUnstorable } from '#src/base/html.ts'
import { deleteValue, getValue, setValue } from '#src/db/key-value.ts'
import type { Id } from '#src/db/tables.ts'
import { type PollForm, pollLimits } from '#src/notes/poll.ts'
import { choiceOf, textOf } from './forms.ts'
import { isId } from './session.ts'

export const aspects = ['square', 'portrait', 'landscape'] as const
export const counts = ['1', '2', '3', '4'] as const
export const visibilities = ['public', 'unlisted', 'followers', 'direct'] as const
export const promptVisibilities = ['hidden', 'public'] as const
export const quotePolicies = ['public', 'followers', 'nobody'] as const
export const remixPolicies = ['nobody', 'followers', 'anyone'] as const
export const styles = ['none', 'photo', 'oil', 'watercolour', 'ink', 'print'] as const

// What a style adds to a prompt. For the model, not for people, so in the language models know best.
const styleWords: Record<(typeof styles)[number], string> = {
  none: '',
  photo: 'photograph, natural light',
  oil: 'oil painting, visible brush strokes',
  watercolour: 'watercolour on textured paper',
  ink: 'ink drawing, fine lines',
  print: 'woodblock print, flat colours',
}

/** How long a poll may last, in seconds. */
export const pollDurations = ['300', '1800', '3600', '21600', '86400', '259200', '604800'] as const

const pollSchema = z.object({
  options: z.array(z.string()).default([]),
  isMultiple: z.boolean().default(false),
  duration: z.enum(pollDurations).default('86400'),
})

const id = z.string().refine(isId)

const draftSchema = z.object({
  text: z.string().default(''),
  prompt: z.string().default(''),
  aspect: z.enum(aspects).default('square'),
  style: z.enum(styles).default('none'),
  count: z.enum(counts).default('1'),
  summary: z.string().default(''),
  isSensitive: z.boolean().default(false),
  visibility: z.enum(visibilities).default('public'),
  promptVisibility: z.enum(promptVisibilities).default('hidden'),
  remixPolicy: z.enum(remixPolicies).default('nobody'),
  poll: pollSchema.prefault({}),
  quotePolicy: z.enum(quotePolicies).default('public'),
  replyTo: id.nullable().default(null),
  quoteOf: id.nullable().default(null),
  remixOf: id.nullable().default(null),
  generationId: id.nullable().default(null),
  /** What will be posted, in this order; null until somebody chose. */
  mediaIds: z.array(id).max(4).nullable().default(null),
  alts: z.record(z.string(), z.string()).default({}),
})

/** A post in the making, as it goes from page to page. */
export type Draft = z.output<typeof draftSchema>

export function emptyDraft(values: Partial<Draft> = {}): Draft {
  return draftSchema.parse(values)
}

/** What the composer's form holds. */
export function draftOf(form: FormData): Draft {
  const ids = form.getAll('media').filter(isId)
  return {
    text: textOf(form, 'text'),
    prompt: textOf(form, 'prompt'),
    aspect: choiceOf(form, 'aspect', aspects),
    style: choiceOf(form, 'style', styles),
    count: choiceOf(form, 'count', counts),
    summary: textOf(form, 'summary').trim(),
    isSensitive: form.has('sensitive'),
    visibility: choiceOf(form, 'visibility', visibilities),
    promptVisibility: choiceOf(form, 'prompt_visibility', promptVisibilities),
    remixPolicy: choiceOf(form, 'remix_policy', remixPolicies),
    poll: pollOf(form),
    quotePolicy: choiceOf(form, 'quote_policy', quotePolicies),
    replyTo: idOf(form, 'reply'),
    quoteOf: idOf(form, 'quote'),
    remixOf: idOf(form, 'remix'),
    generationId: idOf(form, 'generation'),
    mediaIds: form.has('chosen') ? [...new Set(ids)].slice(0, 4) : null,
    alts: Object.fromEntries(ids.map((mediaId) => [mediaId, textOf(form, `alt-${mediaId}`)])),
  }
}

function pollOf(form: FormData): Draft['poll'] {
  const options = form.getAll('poll_option').filter((value) => typeof value === 'string')
  const duration = pollDurations.find((seconds) => seconds === form.get('poll_duration')) ?? '86400'
  return {
    options: options.slice(0, 2 * pollLimits.maxOptions).map((option) => removeUnstorable(option)),
    isMultiple: form.has('poll_multiple'),
    duration,
  }
}

/** What is asked; null when no option is written. */
export function pollFormOf({ poll }: Draft): PollForm | null {
  const titles = poll.options.filter((option) => option.trim() !== '')
  if (titles.length === 0) return null
  return { titles, isMultiple: poll.isMultiple, expiresInSeconds: Number(poll.duration) }
}

function idOf(form: FormData, name: string): Id | null {
  const value = form.get(name)
  return isId(value) ? value : null
}

/** The prompt as the model gets it. */
export function promptOf({ prompt, style }: Draft): string {
  const words = styleWords[style]
  return prompt.trim() && words ? `${prompt.trim()}, ${words}` : prompt
}

const lifetimeMs = 7 * 24 * 3_600_000

type Keeper = Pick<App, 'db' | 'clock'>

/** Kept by the server between two pages, so that everything works without JavaScript. */
export async function keepDraft(app: Keeper, accountId: Id, draftId: string, draft: Draft): Promise<void> {
  const expiresAt = new Date(app.clock.now().getTime() + lifetimeMs)
  await setValue(app.db, keyOf(accountId, draftId), draft, expiresAt)
}

export async function findDraft(app: Keeper, accountId: Id, draftId: string): Promise<Draft | undefined> {
  const value = await getValue<unknown>(app.db, keyOf(accountId, draftId), app.clock.now())
  const parsed = draftSchema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

export async function dropDraft(app: Keeper, accountId: Id, draftId: string): Promise<void> {
  await deleteValue(app.db, keyOf(accountId, draftId))
}

export function isDraftId(text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]{16,64}$/.test(text)
}

const keyOf = (accountId: Id, draftId: string) => ['web', 'draft', accountId, draftId]
