import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { listOwnEmojis } from '#src/db/custom-emojis.ts'
import { allowScope, type Env } from '../bearer.ts'

/** https://docs.joinmastodon.org/methods/custom_emojis/, mounted at `/api/v1/custom_emojis`. */
export function customEmojiRoutes(app: App) {
  return new Hono<Env>().get('/', allowScope('read'), async (c) => {
    const emojis = await listOwnEmojis(app.db)
    return c.json(
      emojis.map(({ shortcode, file_key, category }) => {
        const url = app.storage.urlOf(file_key)
        return { shortcode, url, static_url: url, visible_in_picker: true, category }
      }),
    )
  })
}
