import { countGraphemes } from './graphemes.ts'

// A skin tone, a flag or a family is several code points; 64 code units is more than any of them takes.
const maxCodeUnits = 64
const presentation = '\ufe0f'

/**
 * The emoji that a text is, in one spelling, so that the heart with and without its variation selector is one heart.
 * Undefined for anything but a single emoji.
 */
export function emojiOf(text: string): string | undefined {
  if (text.length > maxCodeUnits || countGraphemes(text) !== 1) return undefined
  if (isStandard.test(text)) return text
  if (isStandard.test(text + presentation)) return text + presentation
  // Newer than what this version of Unicode knows, or spelled with fewer selectors than it should be.
  return /^\p{Extended_Pictographic}/u.test(text) ? text : undefined
}

const isStandard = /^\p{RGI_Emoji}$/v

/** What an emoji of this server may be called; Mastodon's rule, but for the greatest length. */
export const shortcodePattern = /^[a-z0-9_]{2,64}$/i

// Mastodon's too: what stands within a word or another shortcode is none.
const shortcodes = /(?<![\p{L}\p{N}_:]):([a-z0-9_]{2,64}):(?![\p{L}\p{N}_:])/giu

/** The names that stand between colons in texts, each once, as typed. */
export function shortcodesIn(...texts: string[]): string[] {
  const found = texts.flatMap((text) => [...text.matchAll(shortcodes)].map(([, shortcode = '']) => shortcode))
  return [...new Set(found)]
}
