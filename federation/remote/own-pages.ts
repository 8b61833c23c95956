import type { Uris } from '#src/base/uris.ts'
import { as, type Node, valuesOf } from './linked-data.ts'

const pointers = [as('object'), as('inReplyTo')]
/** As deep as an Undo of an Announce of something. */
const maxDepth = 4

/**
 * An expanded document in which our notes go by their ids. Pixelfed keeps what it got under the address of its page,
 * and names that in its comments, likes and boosts.
 */
export function withOwnIds(node: Node, uris: Pick<Uris, 'noteOfPage'>, depth = 0): Node {
  const { '@id': id } = node
  const uri = typeof id === 'string' ? uris.noteOfPage(id) : undefined
  const named = uri === undefined || depth === 0 ? node : { ...node, '@id': uri }
  const held = depth < maxDepth ? pointers.filter((property) => named[property] !== undefined) : []
  if (held.length === 0) return named
  const inner = held.map((property) => [
    property,
    valuesOf(named, property).map((value) => withOwnIds(value, uris, depth + 1)),
  ])
  return { ...named, ...Object.fromEntries(inner) }
}
