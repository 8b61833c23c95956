import type { Operations, Scene } from './scene.ts'

const form = { title: 'Noise', context: ['home'], keywords_attributes: [{ keyword: 'noise' }] }

/** A filter with a keyword, and with a note if wanted. */
const filter = async ({ alice, post }: Scene) => post('/api/v2/filters', alice, form)

const withNote = async (scene: Scene) => {
  const { id } = await filter(scene)
  const named = await scene.post(`/api/v2/filters/${id}/statuses`, scene.alice, { status_id: scene.statusId })
  return { id, namedId: String(named.id) }
}

const ofFilter = async (scene: Scene) => ({ path: { id: String((await filter(scene)).id) } })
const inFilter = async (scene: Scene) => ({ path: { filter_id: String((await filter(scene)).id) } })
const keyword = async (scene: Scene) => ({ path: { id: String((await filter(scene)).keywords[0].id) } })
const named = async (scene: Scene) => ({ path: { id: (await withNote(scene)).namedId } })

const old = { phrase: 'noise', context: ['home'], expires_in: 3600 }

/** https://docs.joinmastodon.org/methods/filters/, of both versions. */
export const filterOperations: Operations = {
  'GET /api/v1/filters': async (scene) => {
    await filter(scene)
    return {}
  },
  'POST /api/v1/filters': () => ({ json: old }),
  'GET /api/v1/filters/{id}': keyword,
  'PUT /api/v1/filters/{id}': async (scene) => ({ ...(await keyword(scene)), json: old }),
  'DELETE /api/v1/filters/{id}': keyword,
  'GET /api/v2/filters': async (scene) => {
    await filter(scene)
    return {}
  },
  'POST /api/v2/filters': () => ({ json: form }),
  'GET /api/v2/filters/{id}': ofFilter,
  'PUT /api/v2/filters/{id}': async (scene) => ({ ...(await ofFilter(scene)), json: { title: 'Louder' } }),
  'DELETE /api/v2/filters/{id}': ofFilter,
  'GET /api/v2/filters/{filter_id}/keywords': inFilter,
  'POST /api/v2/filters/{filter_id}/keywords': async (scene) => ({
    ...(await inFilter(scene)),
    json: { keyword: 'din' },
  }),
  'GET /api/v2/filters/keywords/{id}': keyword,
  'PUT /api/v2/filters/keywords/{id}': async (scene) => ({
    ...(await keyword(scene)),
    json: { keyword: 'din' },
  }),
  'DELETE /api/v2/filters/keywords/{id}': keyword,
  'GET /api/v2/filters/{filter_id}/statuses': async (scene) => ({
    path: { filter_id: String((await withNote(scene)).id) },
  }),
  'POST /api/v2/filters/{filter_id}/statuses': async (scene) => ({
    ...(await inFilter(scene)),
    json: { status_id: scene.statusId },
  }),
  'GET /api/v2/filters/statuses/{id}': named,
  'DELETE /api/v2/filters/statuses/{id}': named,
}
