import type { Visit } from '../session.ts'

type Props = { at: Date; visit: Visit; isAbsolute?: boolean }

const units: [Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]

/** As people say it within a week, as a date later. A script of ours keeps the first true. */
export const Time = ({ at, visit, isAbsolute }: Props) => {
  const exact = new Intl.DateTimeFormat(visit.language, { dateStyle: 'long', timeStyle: 'short' }).format(at)
  return (
    <time datetime={at.toISOString()} title={exact} data-relative={isAbsolute ? undefined : true}>
      {isAbsolute ? exact : relative(at, visit)}
    </time>
  )
}

function relative(at: Date, { app, language }: Visit): string {
  const now = app.clock.now()
  const seconds = Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000))
  if (seconds > 7 * 86_400) {
    const year = at.getUTCFullYear() === now.getUTCFullYear() ? undefined : 'numeric'
    return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year }).format(at)
  }
  const [unit, size] = units.find(([, length]) => seconds >= length) ?? (['second', 1] as const)
  const format = new Intl.RelativeTimeFormat(language, { style: 'narrow', numeric: 'auto' })
  return format.format(-Math.floor(seconds / size), unit)
}
