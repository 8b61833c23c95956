import { notificationRequestOperations } from './notification-requests.ts'
import { notYet, type Operations, type Scene } from './scene.ts'

const firstOf = async ({ alice, get }: Scene) => {
  const [{ id }] = await get('/api/v1/notifications', alice)
  return { path: { id } }
}

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
  'GET /api/v1/streaming/health': notYet,
  'GET /api/v1/streaming/direct': notYet,
  'GET /api/v1/streaming/hashtag': notYet,
  'GET /api/v1/streaming/hashtag/local': notYet,
  'GET /api/v1/streaming/list': notYet,
  'GET /api/v1/streaming/public': notYet,
  'GET /api/v1/streaming/public/local': notYet,
  'GET /api/v1/streaming/public/remote': notYet,
  'GET /api/v1/streaming/user': notYet,
  'GET /api/v1/streaming/user/notification': notYet,
}
