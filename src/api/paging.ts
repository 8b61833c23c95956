import type { Context } from 'hono'
import type { App } from '#src/app.ts'
import type { Page } from '#src/db/paging.ts'
import type { Id } from '#src/db/tables.ts'
import { clampedNumber, isId } from './bodies.ts'

type Limits = { usual?: number; most?: number }

/**
 * What part of a list is asked for; junk counts as not given, a limit is drawn into its bounds.
 * https://docs.joinmastodon.org/api/guidelines/#pagination
 */
export function readPage(c: Context, { usual = 20, most = 40 }: Limits = {}): Page {
  const cursor = (name: string): Id | undefined => {
    const value = c.req.query(name)
    return isId(value) ? value : undefined
  }
  return {
    limit: clampedNumber(c.req.query('limit'), { least: 1, most, fallback: usual }),
    maxId: cursor('max_id'),
    sinceId: cursor('since_id'),
    minId: cursor('min_id'),
  }
}

const cursors = ['max_id', 'since_id', 'min_id']

/**
 * Sets the Link header of a page. Next stands first: some apps read no further.
 * @param ids the cursor of each row, newest first; for lists ordered by something else than what they show,
 * such as favourites, the id of that
 */
export function linkPages(app: Pick<App, 'publicUrl'>, c: Context, ids: readonly Id[]): void {
  const [first] = ids
  const last = ids.at(-1)
  if (first === undefined || last === undefined) return
  const { pathname, searchParams } = new URL(c.req.url)
  for (const name of cursors) searchParams.delete(name)
  const rest = searchParams.size === 0 ? '' : `${searchParams}&`
  const address = (cursor: string, id: Id) => `<${app.publicUrl}${pathname}?${rest}${cursor}=${id}>`
  c.header('link', `${address('max_id', last)}; rel="next", ${address('min_id', first)}; rel="prev"`)
}

/** The Link header of a list whose order has no cursor. @param page.count how many were found */
export function linkOffsets(
  app: Pick<App, 'publicUrl'>,
  c: Context,
  { limit, offset, count }: { limit: number; offset: number; count: number },
): void {
  const { pathname, searchParams } = new URL(c.req.url)
  const address = (to: number, relation: string) => {
    searchParams.set('offset', String(to))
    return `<${app.publicUrl}${pathname}?${searchParams}>; rel="${relation}"`
  }
  const links = [
    ...(count >= limit ? [address(offset + limit, 'next')] : []),
    ...(offset > 0 ? [address(Math.max(0, offset - limit), 'prev')] : []),
  ]
  if (links.length > 0) c.header('link', links.join(', '))
}
