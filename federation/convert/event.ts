import { as, dateOf, type Node, schema, textOf, valuesOf } from '../remote/linked-data.ts'

const longestLine = 300

/** When and where an event takes place, each a line in the event's own language; none for what is no event. */
export function eventFrom(node: Node, language: string | null): string[] {
  const start = dateOf(node, as('startTime'))
  const when = start && inWords(start, timeZoneOf(node), language ?? 'en')
  return [when, placeFrom(node)].flatMap((line) => (line ? [line.slice(0, longestLine)] : []))
}

function timeZoneOf(node: Node): string {
  return textOf(node, 'https://joinmobilizon.org/ns#timezone') ?? 'UTC'
}

function inWords(date: Date, timeZone: string, language: string): string {
  try {
    return new Intl.DateTimeFormat(language, {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZone,
      timeZoneName: 'short',
    }).format(date)
  } catch (error) {
    // A zone or a language that nobody knows is no reason to keep the hour secret.
    if (error instanceof RangeError) return date.toISOString().slice(0, 16).replace('T', ' ').concat(' UTC')
    throw error
  }
}

/** ActivityStreams has a name for a place only; Mobilizon says its address in schema.org's words. */
function placeFrom(node: Node): string {
  const [place] = valuesOf(node, [as('location'), ...schema('location')])
  if (!place) return ''
  const [address] = valuesOf(place, [as('address'), ...schema('address')])
  const lines = [textOf(place, as('name')), ...(address ? addressFrom(address) : [])]
  return [...new Set(lines.map((line) => line?.trim()).filter((line) => line))].join(', ')
}

function addressFrom(address: Node): (string | undefined)[] {
  const { '@value': whole } = address
  if (typeof whole === 'string') return [whole]
  return ['streetAddress', 'postalCode', 'addressLocality', 'addressCountry'].map((part) =>
    textOf(address, schema(part)),
  )
}
