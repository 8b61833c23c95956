import { german } from './de.ts'
import { english, type Messages } from './en.ts'
import { italian } from './it.ts'
import { korean } from './ko.ts'

export const languages = ['en', 'it', 'de', 'ko'] as const
export type Language = (typeof languages)[number]

export const messagesOf: Record<Language, Messages> = { en: english, it: italian, de: german, ko: korean }

export function isLanguage(text: unknown): text is Language {
  return languages.some((language) => language === text)
}

/** The best of our languages for an Accept-Language header (RFC 9110 §12.5.4); English when none fits. */
export function chooseLanguage(accepted: string | undefined): Language {
  const wishes = (accepted ?? '')
    .split(',', 50)
    .map((wish) => {
      const [tag = '', quality = '1'] = wish.trim().split(/;\s*q=/)
      return { language: tag.toLowerCase().split('-')[0], quality: Number(quality) || 0 }
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality)
  return wishes.map(({ language }) => language).find(isLanguage) ?? 'en'
}
