import type { Call, Operations, Scene } from './scene.ts'

const policy = '/api/v2/notifications/policy'
let askers = 0

/** Alice holds back whom she does not follow while somebody new writes to her; answers the request. */
async function request({ server, alice, call, get, write }: Scene): Promise<string> {
  const decide = (verdict: string) =>
    call(policy, { as: alice, json: { for_not_following: verdict }, method: 'PATCH' })
  await decide('filter')
  askers += 1
  await write(await server.person(`asker${askers}`), { status: '@alice may I?' })
  await decide('accept')
  const [{ id }] = await get('/api/v1/notifications/requests', alice)
  return String(id)
}

const ofRequest = async (scene: Scene): Promise<Call> => ({ path: { id: await request(scene) } })
const ofRequests = async (scene: Scene): Promise<Call> => ({ json: { id: [await request(scene)] } })

const ofGroup = async ({ alice, get }: Scene): Promise<Call> => {
  const [{ group_key: key }] = await get('/api/v1/notifications?types[]=favourite', alice)
  return { path: { group_key: key } }
}

/** https://docs.joinmastodon.org/methods/grouped_notifications/, and what waits to be let through. */
export const notificationRequestOperations: Operations = {
  'GET /api/v1/notifications/requests': async (scene) => {
    await request(scene)
    return {}
  },
  'POST /api/v1/notifications/requests/accept': ofRequests,
  'POST /api/v1/notifications/requests/dismiss': ofRequests,
  'GET /api/v1/notifications/requests/merged': () => ({}),
  'GET /api/v1/notifications/requests/{id}': ofRequest,
  'POST /api/v1/notifications/requests/{id}/accept': ofRequest,
  'POST /api/v1/notifications/requests/{id}/dismiss': ofRequest,
  'GET /api/v2/notifications': () => ({}),
  'GET /api/v2/notifications/policy': () => ({}),
  'PATCH /api/v2/notifications/policy': () => ({ json: { for_new_accounts: 'accept' } }),
  'GET /api/v2/notifications/unread_count': () => ({}),
  'GET /api/v2/notifications/{group_key}': ofGroup,
  'GET /api/v2/notifications/{group_key}/accounts': ofGroup,
  'POST /api/v2/notifications/{group_key}/dismiss': ofGroup,
}
