import { notificationRequestOperations } from './notification-requests.ts'
import { notYet, type Operations, type Scene } from './scene.ts'

const firstOf = async ({ alice, get }: Scene) => {
  const [{ id }] = await get('/api/v1/notifications', alice)
  return { path: { id } }
}

/** That it opens; what it tells of is in tests/api/streaming. */
const stream = () => ({ isEmptyBecause: 'nothing happens while it is open' })

/** Notifications, push and streaming. */
export const notificationOperations: Operations = {
  'GET /api/v1/notifications': () => ({}),
  'GET /api/v1/notifications/{id}': firstOf,
  'POST /api/v1/notifications/{id}/dismiss': firstOf,
  'GET /api/v1/notifications/unread_count': () => ({}),
  ...notificationRequestOperations,
  'POST /api/v1/notifications/clear': () => ({}),
  'POST /api/v1/push/subscription': notYet,
  'GET /api/v1/push/subscription': notYet,
  'PUT /api/v1/push/subscription': notYet,
  'DELETE /api/v1/push/subscription': notYet,
  'GET /api/v1/streaming/health': () => ({ isEmptyBecause: 'it is a word' }),
  'GET /api/v1/streaming/direct': stream,
  'GET /api/v1/streaming/hashtag': () => ({ ...stream(), query: 'tag=painting' }),
  'GET /api/v1/streaming/hashtag/local': () => ({ ...stream(), query: 'tag=painting' }),
  'GET /api/v1/streaming/list': async ({ alice, post }) => {
    const { id } = await post('/api/v1/lists', alice, { title: 'Painters' })
    return { ...stream(), query: `list=${id}` }
  },
  'GET /api/v1/streaming/public': stream,
  'GET /api/v1/streaming/public/local': stream,
  'GET /api/v1/streaming/public/remote': stream,
  'GET /api/v1/streaming/user': stream,
  'GET /api/v1/streaming/user/notification': stream,
}
