import type { Operations, Scene } from './scene.ts'

/** A list of Alice's that Bob is on. */
async function listOf({ alice, bob, post }: Scene): Promise<{ id: string }> {
  const list = await post('/api/v1/lists', alice, { title: 'Painters' })
  await post(`/api/v1/lists/${list.id}/accounts`, alice, { account_ids: [bob.accountId] })
  return { id: String(list.id) }
}

const bobsId = ({ bob }: Scene) => ({ account_ids: [bob.accountId] })
const painting = { path: { name: 'painting', id: 'painting' } }

/** Lists, and tags. */
export const listOperations: Operations = {
  'GET /api/v1/timelines/list/{list_id}': async (scene) => {
    const { id } = await listOf(scene)
    await scene.write(scene.bob)
    return { path: { list_id: id } }
  },
  'GET /api/v1/lists': async (scene) => {
    await listOf(scene)
    return {}
  },
  'POST /api/v1/lists': () => ({ json: { title: 'Potters', replies_policy: 'none', exclusive: false } }),
  'GET /api/v1/lists/{id}': async (scene) => ({ path: await listOf(scene) }),
  'PUT /api/v1/lists/{id}': async (scene) => ({ path: await listOf(scene), json: { title: 'Weavers' } }),
  'DELETE /api/v1/lists/{id}': async (scene) => ({ path: await listOf(scene) }),
  'GET /api/v1/lists/{id}/accounts': async (scene) => ({ path: await listOf(scene) }),
  'POST /api/v1/lists/{id}/accounts': async (scene) => {
    const { id } = await scene.post('/api/v1/lists', scene.alice, { title: 'Painters' })
    return { path: { id }, json: bobsId(scene) }
  },
  'DELETE /api/v1/lists/{id}/accounts': async (scene) => ({
    path: await listOf(scene),
    json: bobsId(scene),
  }),
  'GET /api/v1/tags/{name}': () => ({ ...painting, as: null }),
  'POST /api/v1/tags/{name}/follow': () => painting,
  'POST /api/v1/tags/{name}/unfollow': () => painting,
  'POST /api/v1/tags/{id}/feature': () => painting,
  'POST /api/v1/tags/{id}/unfeature': () => painting,
  'GET /api/v1/followed_tags': async ({ alice, post }) => {
    await post('/api/v1/tags/painting/follow', alice)
    return {}
  },
}
