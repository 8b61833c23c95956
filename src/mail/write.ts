import type { App } from '#src/app.ts'
import { escapeHtml } from '#src/base/html.ts'
import type { LetterName } from '#src/jobs/catalogue.ts'
import { germanLetters } from './words/de.ts'
import { englishLetters, type LetterWords } from './words/en.ts'
import { italianLetters } from './words/it.ts'
import { koreanLetters } from './words/ko.ts'

const wordsOf: Record<string, LetterWords> = {
  en: englishLetters,
  de: germanLetters,
  it: italianLetters,
  ko: koreanLetters,
}

type Writing = {
  letter: LetterName
  language: string
  username: string
  detail: string
  /** Where the letter leads. */
  link: string | undefined
}

/** A letter as it is sent, in plain text and in simple HTML that says the same. */
export function writeLetter(
  { publicUrl, handleHost }: Pick<App, 'publicUrl' | 'handleHost'>,
  { letter, language, username, detail, link }: Writing,
): { subject: string; text: string; html: string } {
  const words = (Object.hasOwn(wordsOf, language) ? wordsOf[language] : undefined) ?? englishLetters
  const { subject, lines, action } = words[letter]({ host: handleHost, detail })
  const leadsTo = link ?? `${publicUrl}${usualPlaces[letter] ?? '/'}`
  const greeting = words.greeting(username)
  const footer = words.footer(handleHost)
  const text = [greeting, ...lines, `${action}:\n${leadsTo}`, `-- \n${footer}`].join('\n\n')
  const html = [
    ...[greeting, ...lines].map((line) => `<p>${escapeHtml(line)}</p>`),
    `<p><a href="${escapeHtml(leadsTo)}">${escapeHtml(action)}</a></p>`,
    `<p><small>${escapeHtml(leadsTo)}</small></p>`,
    `<p><small>${escapeHtml(footer)}</small></p>`,
  ].join('\n')
  const document = `<!doctype html><html lang="${language}"><body>${html}</body></html>`
  return { subject, text: `${text}\n`, html: document }
}

/** Where a letter without a link of its own leads: what to do when it is a surprise. */
const usualPlaces: Partial<Record<LetterName, string>> = {
  passwordChanged: '/forgotten',
  emailChanged: '/settings/account',
  newApp: '/settings/apps',
  approved: '/sign-in',
}
