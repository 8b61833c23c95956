import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { removeUnstorable } from '#src/base/html.ts'
import { instanceDescription, instanceTitle } from '#src/base/instance-words.ts'
import { renderText } from '#src/base/text.ts'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import { putTerms, type Rule, replaceRules } from '#src/db/server-words.ts'
import { findSetting, replaceSetting } from '#src/db/settings.ts'
import type { Database, Id } from '#src/db/tables.ts'

const settingName = 'words'

/** In characters. */
export const wordLimits = { title: 100, description: 500, text: 50_000, rule: 500, rules: 50 }

const text = (most: number) => z.string().transform(tidyText).pipe(z.string().max(most))

const longText = z.object({ text: text(wordLimits.text), updatedAt: z.iso.datetime() })

/** `updatedAt` in ISO 8601. */
export type LongText = z.output<typeof longText>

const wordsSchema = z.object({
  title: text(wordLimits.title).default(instanceTitle),
  description: text(wordLimits.description).default(instanceDescription),
  /** What the server is and for whom, at length. */
  about: longText.nullable().default(null),
  privacy: longText.nullable().default(null),
})

/** What a server says of itself. */
export type ServerWords = z.output<typeof wordsSchema>
export type WordName = keyof ServerWords

/** What is written, or usual where nobody wrote anything. */
export async function readServerWords(db: Kysely<Database>): Promise<ServerWords> {
  const stored = wordsSchema.safeParse((await findSetting(db, settingName)) ?? {})
  return stored.success ? stored.data : wordsSchema.parse({})
}

/**
 * Writes some of the words anew; an empty one is as it was in the beginning.
 * @throws AppError invalid, with the name of the word as its code
 */
export async function changeServerWords(
  app: Pick<App, 'db' | 'clock'>,
  actorId: Id | null,
  changes: Partial<Record<WordName, string>>,
): Promise<void> {
  const known = await readServerWords(app.db)
  const updatedAt = app.clock.now().toISOString()
  const write = (name: 'about' | 'privacy') => {
    const said = changes[name] === undefined ? known[name]?.text : tidyText(changes[name])
    return said === known[name]?.text ? known[name] : said ? { text: said, updatedAt } : null
  }
  const shortOf = (name: 'title' | 'description') =>
    changes[name] === undefined ? known[name] : tidyText(changes[name]) || undefined
  const parsed = wordsSchema.safeParse({
    title: shortOf('title'),
    description: shortOf('description'),
    about: write('about'),
    privacy: write('privacy'),
  })
  if (!parsed.success) throw tooLong(String(parsed.error.issues[0]?.path[0] ?? ''))
  await app.db.transaction().execute(async (trx) => {
    await replaceSetting(trx, settingName, parsed.data)
    await insertAuditEntry(trx, { actorId, action: 'words.change', subject: Object.keys(changes).join(' ') })
  })
}

/**
 * Makes these the rules; those without words are left out.
 * @throws AppError invalid, with the code `rules`
 */
export async function changeRules(
  { db }: Pick<App, 'db'>,
  actorId: Id | null,
  typed: readonly Omit<Rule, 'id'>[],
): Promise<void> {
  const rules = typed
    .map(({ text, hint }) => ({ text: onOneLine(text), hint: onOneLine(hint) }))
    .filter(({ text }) => text !== '')
  const isLong = rules.some(({ text, hint }) => Math.max(text.length, hint.length) > wordLimits.rule)
  if (isLong || rules.length > wordLimits.rules) throw tooLong('rules')
  // Two that say the same would be one rule in two places.
  const distinct = [...new Map(rules.map((rule) => [rule.text, rule])).values()]
  await db.transaction().execute(async (trx) => {
    await replaceRules(trx, distinct)
    await insertAuditEntry(trx, { actorId, action: 'rules.change', subject: '', detail: { rules: distinct } })
  })
}

/**
 * Writes the terms that hold from a day on, which must not lie in the past.
 * @param day `YYYY-MM-DD`
 * @throws AppError invalid, with the code `terms` or `day`
 */
export async function publishTerms(
  app: Pick<App, 'db' | 'clock'>,
  actorId: Id | null,
  { day, text: typed }: { day: string; text: string },
): Promise<void> {
  const terms = tidyText(typed)
  if (terms === '' || terms.length > wordLimits.text) throw tooLong('terms')
  const effectiveAt = startOfDay(day)
  const now = app.clock.now()
  const today = startOfDay(now.toISOString().slice(0, 10))
  if (!effectiveAt || !today || effectiveAt < today)
    throw new AppError('invalid', 'That day is over', { code: 'day' })
  await app.db.transaction().execute(async (trx) => {
    const isWritten = await putTerms(trx, { effectiveAt, text: terms }, now)
    if (!isWritten) throw new AppError('invalid', 'Terms that hold cannot be changed', { code: 'day' })
    await insertAuditEntry(trx, { actorId, action: 'terms.publish', subject: day })
  })
}

/** Undefined for what is no day. @param day `YYYY-MM-DD` */
export function startOfDay(day: string): Date | undefined {
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00:00Z`) : undefined
  return moment && !Number.isNaN(moment.getTime()) && dayOf(moment) === day ? moment : undefined
}

export const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10)

/** Paragraphs, links and hashtags of a text of the server's own. */
export function longTextHtml({ uris }: Pick<App, 'uris'>, text: string): string {
  return renderText(text, { tagUrl: uris.tagPage, resolveMention: () => undefined }).html
}

/** With line breaks as they are here, and without what cannot be stored. */
export function tidyText(typed: string): string {
  return removeUnstorable(typed).replaceAll(/\r\n?/g, '\n').trim()
}

const onOneLine = (typed: string): string => tidyText(typed).replaceAll(/\s+/g, ' ')

function tooLong(code: string): AppError {
  return new AppError('invalid', 'That is too long, or empty', { code })
}
