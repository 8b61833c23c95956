import qs from 'qs'
import { AppError } from '#src/base/errors.ts'

const mebibyte = 1_048_576

/** For everything but uploads. */
export const usualBodyBytes = mebibyte

const deepestNesting = 8
const mostFields = 1_000

/** Fields of a body or a query: texts, numbers, booleans, null, Files, and lists and objects of them. */
export type Fields = Record<string, unknown>

/**
 * The fields of a JSON, urlencoded or multipart body, alike. `a[b]=c` and `a[]=c` nest as in Rails.
 * @throws AppError malformed (cannot be read), tooLarge
 */
export async function readBody(request: Request, maxBytes: number): Promise<Fields> {
  const contentType = request.headers.get('content-type') ?? ''
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase()
  const bytes = await readBytes(request, maxBytes)
  if (bytes.byteLength === 0) return {}
  if (type === 'application/json' || type.endsWith('+json')) return cleanFields(parseJson(bytes))
  if (type === 'multipart/form-data') return parseMultipart(bytes, contentType)
  if (type === 'application/x-www-form-urlencoded' || type === '')
    return parsePairs(new TextDecoder().decode(bytes))
  return {}
}

/** The fields of a query or of a urlencoded body. */
export function parsePairs(text: string): Fields {
  return cleanFields(parseBrackets(text))
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  // The header may lie, so the bytes are counted too.
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body) {
    length += chunk.byteLength
    if (length > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('tooLarge', `The request is larger than ${Math.floor(maxBytes / mebibyte)} MiB`)
}

function malformed(cause?: unknown): AppError {
  return new AppError('malformed', 'The request could not be read', { cause })
}

function parseJson(bytes: Uint8Array): Fields {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw malformed(error)
  }
  if (!isPlainObject(value)) throw malformed()
  return value
}

async function parseMultipart(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<Fields> {
  const form = await new Response(bytes, { headers: { 'content-type': contentType } })
    .formData()
    .catch((error: unknown) => {
      throw malformed(error)
    })
  // Files wait outside while the names of fields are taken apart, which is a matter of texts.
  const files = new Map<string, File>()
  const pairs: string[] = []
  for (const [name, value] of form) {
    const text = typeof value === 'string' ? value : crypto.randomUUID()
    if (typeof value !== 'string') files.set(text, value)
    pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(text)}`)
    if (pairs.length > mostFields) throw malformed()
  }
  return cleanFields(parseBrackets(pairs.join('&')), files)
}

function parseBrackets(text: string): Fields {
  try {
    return qs.parse(withPlaces(text), {
      depth: deepestNesting,
      arrayLimit: mostFields,
      parameterLimit: mostFields,
      throwOnLimitExceeded: true,
      plainObjects: true,
    })
  } catch (error) {
    throw malformed(error)
  }
}

/**
 * `a[][b]=1&a[][c]=2&a[][b]=3` is a list of two objects, as Rails reads it and apps write it: a new one begins where a
 * name comes again. So each is given its place.
 */
function withPlaces(text: string): string {
  if (!/(?:\]|%5d)(?:\[|%5b)/i.test(text)) return text
  const pairs = text.split('&', mostFields + 1)
  // Refused as it is, for its length.
  if (pairs.length > mostFields) return text
  const lists = new Map<string, { place: number; names: Set<string> }>()
  return pairs
    .map((pair) => {
      const [, list, name, value] = /^([^=]*?)(?:\[|%5B)(?:\]|%5D)((?:\[|%5B)[^=]+)(.*)$/is.exec(pair) ?? []
      if (list === undefined || name === undefined || /^(?:\[|%5B)(?:\]|%5D)/i.test(name)) return pair
      const known = lists.get(list) ?? { place: 0, names: new Set() }
      const isNext = known.names.has(name)
      const place = known.place + (isNext ? 1 : 0)
      lists.set(list, { place, names: isNext ? new Set([name]) : known.names.add(name) })
      return `${list}[${place}]${name}${value}`
    })
    .join('&')
}

function cleanFields(fields: Fields, files: ReadonlyMap<string, File> = new Map()): Fields {
  return cleanObject(fields, { files, depth: 0 })
}

type Cleaning = { files: ReadonlyMap<string, File>; depth: number }

// The last two would break whatever takes a field for a text.
const dangerousNames = new Set(['__proto__', 'constructor', 'prototype', 'toString', 'valueOf'])

function cleanObject(fields: object, cleaning: Cleaning): Fields {
  const entries = Object.entries(fields)
  if (entries.length > mostFields) throw malformed()
  return Object.fromEntries(
    entries
      .filter(([name]) => !dangerousNames.has(name))
      .map(([name, value]) => [cleanText(name), cleanValue(value, cleaning)]),
  )
}

function cleanValue(value: unknown, { files, depth }: Cleaning): unknown {
  if (typeof value === 'string') return files.get(value) ?? cleanText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepestNesting) throw malformed()
  const inner = { files, depth: depth + 1 }
  if (!Array.isArray(value)) return cleanObject(value, inner)
  if (value.length > mostFields) throw malformed()
  return value.map((item: unknown) => cleanValue(item, inner))
}

// Postgres refuses both in texts.
function cleanText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed()
}

function isPlainObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
