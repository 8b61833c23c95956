import type { List } from '#src/db/lists.ts'

/** https://docs.joinmastodon.org/entities/List/ */
export function toList({ id, title, replies_policy, is_exclusive }: List) {
  return { id, title, replies_policy, exclusive: is_exclusive }
}
