import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { forgetConversation, readConversations, setConversationUnread } from '#src/timelines/conversations.ts'
import { type Env, requireScope } from '../bearer.ts'
import { linkPages, readPage } from '../paging.ts'
import { toConversation } from './entities/conversation.ts'
import { idParam } from './params.ts'

/** https://docs.joinmastodon.org/methods/conversations/, mounted at `/api/v1/conversations`. */
export function conversationRoutes(app: App) {
  const write = requireScope('write:conversations')
  const routes = new Hono<Env>()
    .get('/', requireScope('read:statuses'), async (c) => {
      const { items, cursors } = await readConversations(app, c.var.viewer.accountId, readPage(c))
      linkPages(app, c, cursors)
      return c.json(items.map((view) => toConversation(app, view)))
    })
    .delete('/:id', write, async (c) => {
      await forgetConversation(app, c.var.viewer.accountId, idParam(c))
      return c.json({})
    })
  for (const [name, isUnread] of Object.entries({ read: false, unread: true })) {
    routes.post(`/:id/${name}`, write, async (c) => {
      const change = { id: idParam(c), isUnread }
      return c.json(toConversation(app, await setConversationUnread(app, c.var.viewer.accountId, change)))
    })
  }
  return routes
}
