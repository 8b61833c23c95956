/** Characters as people count them (UAX #29): a family emoji is one, a letter with its accents too. */
export function countGraphemes(text: string): number {
  let count = 0
  for (const _ of new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)) count += 1
  return count
}
