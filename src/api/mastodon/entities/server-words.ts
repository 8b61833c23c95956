import { createHash } from 'node:crypto'
import type { App } from '#src/app.ts'
import type { DomainBlock } from '#src/db/domain-blocks.ts'
import type { Rule, Terms } from '#src/db/server-words.ts'
import type { Week } from '#src/db/usage.ts'
import { dayOf, type LongText, longTextHtml } from '#src/policies/server-words.ts'

/** https://docs.joinmastodon.org/entities/Rule/ */
export function toRule({ id, text, hint }: Rule) {
  return { id, text, hint, translations: {} }
}

/** https://docs.joinmastodon.org/entities/ExtendedDescription/, and of the same shape PrivacyPolicy. */
export function toLongText(app: Pick<App, 'uris'>, written: LongText | null) {
  return {
    updated_at: written?.updatedAt ?? null,
    content: written ? longTextHtml(app, written.text) : '',
  }
}

/** https://docs.joinmastodon.org/entities/TermsOfService/ @param later what comes after them, if anything does */
export function toTerms(
  app: Pick<App, 'uris' | 'clock'>,
  { effective_at, text }: Terms,
  later: Terms | undefined,
) {
  return {
    effective_date: dayOf(effective_at),
    effective: effective_at <= app.clock.now(),
    content: longTextHtml(app, text),
    succeeded_by: later ? dayOf(later.effective_at) : null,
  }
}

/** https://docs.joinmastodon.org/methods/instance/#activity: the seconds of its start, and all of it as words. */
export function toWeek({ startsAt, notes, people, registrations }: Week) {
  return {
    week: String(startsAt.getTime() / 1000),
    statuses: String(notes),
    logins: String(people),
    registrations: String(registrations),
  }
}

/** https://docs.joinmastodon.org/entities/DomainBlock/. Why it is so stays with those who run the server. */
export function toDomainBlock({ domain }: DomainBlock) {
  return {
    domain,
    digest: createHash('sha256').update(domain).digest('hex'),
    severity: 'suspend',
    comment: null,
  }
}
