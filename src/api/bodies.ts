import type { Context, MiddlewareHandler } from 'hono'
import { z } from 'zod'
import { parsePairs, readBody, usualBodyBytes } from './request-body.ts'

type Validated<Target extends 'form' | 'query', S extends z.ZodType> = {
  in: { [K in Target]: z.input<S> }
  out: { [K in Target]: z.output<S> }
}

/**
 * Takes JSON, urlencoded and multipart bodies alike, and fields in the query, which apps mix; the body wins.
 * Unknown fields are ignored. The handler reads `c.req.valid('form')`.
 * @throws ZodError (422), AppError malformed (400), tooLarge (413)
 */
export function form<S extends z.ZodType>(
  schema: S,
  { maxBytes = usualBodyBytes }: { maxBytes?: number } = {},
): MiddlewareHandler<object, string, Validated<'form', S>> {
  return async (c, next) => {
    const fields = { ...queryOf(c), ...(await readBody(c.req.raw, maxBytes)) }
    c.req.addValidatedData('form', asData(await schema.parseAsync(fields)))
    await next()
  }
}

/** The same for the query alone. The handler reads `c.req.valid('query')`. */
export function query<S extends z.ZodType>(
  schema: S,
): MiddlewareHandler<object, string, Validated<'query', S>> {
  return async (c, next) => {
    c.req.addValidatedData('query', asData(await schema.parseAsync(queryOf(c))))
    await next()
  }
}

function queryOf(c: Context): Record<string, unknown> {
  return parsePairs(new URL(c.req.url).search.slice(1))
}

function asData(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

/** A yes or no as apps write it: true, "true", "1", "on", "t", "yes". Anything else that is given is a no. */
export const flag = z
  .unknown()
  .optional()
  .transform((value) => isYes(value))

/** The same, undefined when it is not given. */
export const optionalFlag = z
  .unknown()
  .optional()
  .transform((value) => (value === undefined || value === null || value === '' ? undefined : isYes(value)))

function isYes(value: unknown): boolean {
  return ['true', '1', 'on', 't', 'yes'].includes(String(value).toLowerCase())
}

/** A whole number drawn into its bounds; junk counts as not given. */
export function clamped(least: number, most: number, fallback: number) {
  return z
    .unknown()
    .optional()
    .transform((value) => clampedNumber(value, { least, most, fallback }))
}

type Bounds = { least: number; most: number; fallback: number }

export function clampedNumber(value: unknown, { least, most, fallback }: Bounds): number {
  const number =
    typeof value === 'number' || typeof value === 'string' ? Number.parseInt(String(value), 10) : NaN
  if (Number.isNaN(number)) return fallback
  return Math.min(most, Math.max(least, number))
}

const largestId = 9_223_372_036_854_775_807n

/** Whether a text can be an id of ours; one that cannot stands for nothing. */
export function isId(text: unknown): text is string {
  return typeof text === 'string' && /^\d{1,19}$/.test(text) && BigInt(text) <= largestId
}

/** An id, given as text or as a number. */
export const idField = z.union([z.string(), z.number()]).transform(String).refine(isId, 'is not an id')

/** An id that may be missing, null or empty. */
export const optionalId = z.preprocess(
  (value) => (value === null || value === '' ? undefined : value),
  idField.optional(),
)

/** One id or a list of them, `id[]=1&id[]=2` or `id=1`; junk is left out, and what is over the limit. */
export function idList(most = 100) {
  return textList(Number.POSITIVE_INFINITY).transform((texts) => texts.filter(isId).slice(0, most))
}

/** A list of texts, `name[]=a&name[]=b`, or one; each once, and neither what is empty nor what is over the limit. */
export function textList(most: number) {
  return z
    .unknown()
    .optional()
    .transform((value) => {
      const list: unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
      return [...new Set(list.map(String))].filter(Boolean).slice(0, most)
    })
}

/** A text, also from a number or a boolean, as JSON bodies of some apps have them. Null counts as not given. */
export const textField = z
  .union([
    z.string(),
    z.number().transform(String),
    z.boolean().transform(String),
    z.null().transform(() => undefined),
  ])
  .optional()
