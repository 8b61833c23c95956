import type { Tag } from '#src/db/tags.ts'
import type { Server } from './account.ts'

/** https://docs.joinmastodon.org/entities/Tag/ */
export function toTag({ uris }: Pick<Server, 'uris'>, { id, name }: Tag) {
  return { id, name, url: uris.tagPage(name), history: [], following: false, featuring: false }
}
