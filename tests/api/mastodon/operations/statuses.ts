import { notYet, type Operations, type Scene } from './scene.ts'

const alices = ({ statusId }: Scene) => ({ path: { id: statusId } })

/** A new note of Bob's, to which Alice did something first. */
const ofBobs = async ({ alice, bob, post, write }: Scene, ...first: string[]) => {
  const { id } = await write(bob)
  for (const what of first) await post(`/api/v1/statuses/${id}/${what}`, alice)
  return { path: { id } }
}

const ofOwn = async ({ alice, post, write }: Scene, ...first: string[]) => {
  const { id } = await write(alice)
  for (const what of first) await post(`/api/v1/statuses/${id}/${what}`, alice)
  return { path: { id } }
}

const quote = async ({ alice, bob, write }: Scene) => {
  const { id } = await write(alice)
  const quoting = await write(bob, { quoted_status_id: id })
  return { id, quotingId: quoting.id }
}

const later = () => new Date(Date.now() + 86_400_000).toISOString()

const scheduled = async ({ alice, write }: Scene) => {
  const { id } = await write(alice, { scheduled_at: later() })
  return { path: { id } }
}

/** https://docs.joinmastodon.org/methods/statuses/, media, polls and what is done with them. */
export const statusOperations: Operations = {
  'POST /api/v1/statuses': () => ({ json: { status: 'Another' } }),
  'GET /api/v1/statuses': ({ statusId }) => ({ query: `id[]=${statusId}` }),
  'GET /api/v1/statuses/{id}': alices,
  'DELETE /api/v1/statuses/{id}': async (scene) => ofOwn(scene),
  'PUT /api/v1/statuses/{id}': async (scene) => ({ ...(await ofOwn(scene)), json: { status: 'Better' } }),
  'POST /api/v1/statuses/{id}/bookmark': async (scene) => ofBobs(scene),
  'POST /api/v1/statuses/{id}/unbookmark': (scene) => ofBobs(scene, 'bookmark'),
  'GET /api/v1/statuses/{id}/context': alices,
  'POST /api/v1/statuses/{id}/favourite': async (scene) => ofBobs(scene),
  'POST /api/v1/statuses/{id}/unfavourite': (scene) => ofBobs(scene, 'favourite'),
  'GET /api/v1/statuses/{id}/favourited_by': alices,
  'GET /api/v1/statuses/{id}/history': alices,
  'PUT /api/v1/statuses/{id}/interaction_policy': async (scene) => ({
    ...(await ofOwn(scene)),
    json: { quote_approval_policy: 'nobody' },
  }),
  'POST /api/v1/statuses/{id}/mute': async (scene) => ofOwn(scene),
  'POST /api/v1/statuses/{id}/unmute': (scene) => ofOwn(scene, 'mute'),
  'POST /api/v1/statuses/{id}/pin': async (scene) => ofOwn(scene),
  'POST /api/v1/statuses/{id}/unpin': (scene) => ofOwn(scene, 'pin'),
  'GET /api/v1/statuses/{id}/quotes': async (scene) => ({ path: { id: (await quote(scene)).id } }),
  'POST /api/v1/statuses/{id}/quotes/{quoting_status_id}/revoke': async (scene) => {
    const { id, quotingId } = await quote(scene)
    return { path: { id, quoting_status_id: quotingId } }
  },
  'POST /api/v1/statuses/{id}/reblog': async (scene) => ofBobs(scene),
  'POST /api/v1/statuses/{id}/unreblog': (scene) => ofBobs(scene, 'reblog'),
  'GET /api/v1/statuses/{id}/reblogged_by': alices,
  'GET /api/v1/statuses/{id}/source': alices,
  'POST /api/v1/statuses/{id}/translate': notYet,
  'GET /api/v1/bookmarks': async (scene) => {
    await ofBobs(scene, 'bookmark')
    return {}
  },
  'GET /api/v1/favourites': async (scene) => {
    await ofBobs(scene, 'favourite')
    return {}
  },
  'POST /api/v1/media': ({ pictureForm }) => ({ form: pictureForm() }),
  'POST /api/v2/media': ({ pictureForm }) => ({ form: pictureForm() }),
  'GET /api/v1/media/{id}': async ({ alice, picture }) => ({ path: { id: (await picture(alice)).id } }),
  'PUT /api/v1/media/{id}': async ({ alice, picture }) => ({
    path: { id: (await picture(alice)).id },
    json: { description: 'Softer' },
  }),
  'DELETE /api/v1/media/{id}': async (scene) => ({ path: { id: (await scene.picture(scene.alice)).id } }),
  'GET /api/v1/polls/{id}': ({ pollId }) => ({ path: { id: pollId } }),
  'POST /api/v1/polls/{id}/votes': ({ pollId }) => ({ path: { id: pollId }, json: { choices: [1] } }),
  'GET /api/v1/scheduled_statuses': scheduled,
  'GET /api/v1/scheduled_statuses/{id}': scheduled,
  'PUT /api/v1/scheduled_statuses/{id}': async (scene) => ({
    ...(await scheduled(scene)),
    json: { scheduled_at: later() },
  }),
  'DELETE /api/v1/scheduled_statuses/{id}': scheduled,
  'GET /api/oembed': async (scene) => ({ query: `url=${(await scene.write(scene.alice)).url}`, as: null }),
  'POST /api/v1/collections': notYet,
  'GET /api/v1/collections/{id}': notYet,
  'PATCH /api/v1/collections/{id}': notYet,
  'DELETE /api/v1/collections/{id}': notYet,
  'POST /api/v1/collections/{collection_id}/items': notYet,
  'DELETE /api/v1/collections/{collection_id}/items/{id}': notYet,
  'POST /api/v1/collections/{collection_id}/items/{id}/revoke': notYet,
}
