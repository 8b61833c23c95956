import { countTrends } from '#src/timelines/trends.ts'
import { filterOperations } from './filters.ts'
import { listOperations } from './lists.ts'
import { notYet, type Operations, type Scene } from './scene.ts'

/** Two people, who let themselves be found, use a tag, link to a page, and like the same note. */
const trending = async ({ server: { app }, alice, bob, carol, call, post, write, statusId }: Scene) => {
  const card = await app.db
    .insertInto('preview_cards')
    .values({ url: `https://news.example/${crypto.randomUUID()}`, title: 'News', state: 'found' })
    .returning('id')
    .executeTakeFirstOrThrow()
  for (const as of [alice, bob]) {
    await call('/api/v1/accounts/update_credentials', { as, json: { discoverable: true }, method: 'PATCH' })
    const { id } = await write(as, { status: 'A #trend' })
    await app.db.updateTable('notes').set({ preview_card_id: card.id }).where('id', '=', id).execute()
  }
  for (const as of [bob, carol]) await post(`/api/v1/statuses/${statusId}/favourite`, as)
  await countTrends(app)
  return { as: null }
}

/** What Bob wrote to Alice alone. */
const conversing = async ({ alice, bob, get, write }: Scene) => {
  await write(bob, { status: '@alice psst', visibility: 'direct' })
  const [conversation] = await get('/api/v1/conversations', alice)
  return { path: { id: conversation.id } }
}

/** Timelines, what is found and what is trending, lists, filters and tags. */
export const timelineOperations: Operations = {
  'GET /api/v1/timelines/home': () => ({}),
  'GET /api/v1/timelines/public': () => ({ as: null }),
  'GET /api/v1/timelines/tag/{hashtag}': () => ({ path: { hashtag: 'painting' }, as: null }),
  'GET /api/v1/timelines/link': async ({ alice, write }) => {
    await write(alice, { status: 'Read https://page.example/' })
    return { query: 'url=https://page.example/' }
  },
  'GET /api/v1/timelines/direct': conversing,
  'GET /api/v1/conversations': conversing,
  'POST /api/v1/conversations/{id}/read': conversing,
  'DELETE /api/v1/conversations/{id}': conversing,
  ...listOperations,
  ...filterOperations,
  'GET /api/v1/trends/links': trending,
  'GET /api/v1/trends/statuses': trending,
  'GET /api/v1/trends/tags': trending,
  'GET /api/v2/search': () => ({ query: 'q=bob' }),
  'GET /api/v1/markers': async ({ alice, post }) => {
    await post('/api/v1/markers', alice, { home: { last_read_id: '1' } })
    return { query: 'timeline[]=home' }
  },
  'POST /api/v1/markers': () => ({ json: { home: { last_read_id: '2' } } }),
  'GET /api/v1_alpha/async_refreshes/{id}': notYet,
}
