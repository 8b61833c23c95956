/** Says while one types what the page says anyway once it is asked: whether all of it fits on Bluesky. */
export function keepBlueskyHintTrue(form: HTMLFormElement): void {
  const hint = document.getElementById('bluesky-hint')
  if (!hint || hint.dataset.isFixed) return
  const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })
  form.addEventListener('input', () => {
    const entered = new FormData(form)
    const parts = [entered.get('summary'), entered.get('text')].filter((part) => part)
    let length = 0
    for (const _ of segmenter.segment(parts.join('\n\n'))) length += 1
    const { goes = '', tooLong = '', notPublic = '', characters } = hint.dataset
    const text =
      entered.get('visibility') !== 'public' ? notPublic : length > Number(characters) ? tooLong : goes
    // Written only when it changes, so that a screen reader is not told at every letter.
    if (hint.textContent !== text) hint.textContent = text
  })
}
