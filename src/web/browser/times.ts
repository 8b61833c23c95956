const units: [Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]

/** Keeps "5 min. ago" true while the page is open. */
export function keepTimesTrue(): void {
  setInterval(update, 60_000)
}

function update(): void {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, {
    style: 'narrow',
    numeric: 'auto',
  })
  for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-relative]')) {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time.dateTime)) / 1000))
    if (seconds > 7 * 86_400) continue
    const [unit, size] = units.find(([, length]) => seconds >= length) ?? (['second', 1] as const)
    time.textContent = format.format(-Math.floor(seconds / size), unit)
  }
}
