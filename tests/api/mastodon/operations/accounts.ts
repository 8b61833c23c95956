import { notYet, type Operations, type Scene } from './scene.ts'
import { signingUp } from './sign-up.ts'

const bobs = ({ bob }: Scene) => ({ path: { id: bob.accountId } })

/** Dora, to whom Alice did something first. */
const doras = async ({ alice, dora, post }: Scene, ...first: string[]) => {
  for (const what of first) await post(`/api/v1/accounts/${dora.accountId}/${what}`, alice)
  return { path: { id: dora.accountId } }
}

/** Bob, whom Alice follows and recommends. */
const endorsed = async (scene: Scene) => {
  await scene.post(`/api/v1/accounts/${scene.bob.accountId}/endorse`, scene.alice)
  return { path: { id: scene.alice.accountId } }
}

/** Somebody whom Bob follows and Alice does not. */
const suggested = async ({ server, bob, post }: Scene) => {
  const { accountId } = await server.person(`friend${Date.now()}`)
  await post(`/api/v1/accounts/${accountId}/follow`, bob)
  return { path: { account_id: accountId }, query: `id[]=${accountId}` }
}

/** https://docs.joinmastodon.org/methods/accounts/ and what else is about people. */
export const accountOperations: Operations = {
  'POST /api/v1/accounts': (scene) => signingUp(scene, 'somebody'),
  'GET /api/v1/accounts': ({ alice, bob }) => ({ query: `id[]=${alice.accountId}&id[]=${bob.accountId}` }),
  'GET /api/v1/accounts/familiar_followers': suggested,
  'GET /api/v1/accounts/lookup': () => ({ query: 'acct=bob', as: null }),
  'GET /api/v1/accounts/relationships': ({ bob }) => ({ query: `id[]=${bob.accountId}` }),
  'GET /api/v1/accounts/search': () => ({ query: 'q=bo' }),
  'PATCH /api/v1/accounts/update_credentials': () => ({ json: { note: 'I paint' } }),
  'GET /api/v1/accounts/verify_credentials': () => ({}),
  'GET /api/v1/accounts/{id}': bobs,
  'POST /api/v1/accounts/{id}/block': (scene) => doras(scene),
  'POST /api/v1/accounts/{id}/unblock': (scene) => doras(scene, 'block'),
  'POST /api/v1/accounts/{id}/endorse': bobs,
  'GET /api/v1/accounts/{id}/endorsements': endorsed,
  'GET /api/v1/accounts/{id}/featured_tags': async ({ alice, post }) => {
    await post('/api/v1/featured_tags', alice, { name: 'painting' })
    return { path: { id: alice.accountId } }
  },
  'POST /api/v1/accounts/{id}/follow': (scene) => doras(scene),
  'GET /api/v1/accounts/{id}/followers': ({ alice }) => ({ path: { id: alice.accountId } }),
  'GET /api/v1/accounts/{id}/following': ({ bob }) => ({ path: { id: bob.accountId } }),
  'GET /api/v1/accounts/{id}/identity_proofs': (scene) => ({
    ...bobs(scene),
    isEmptyBecause: 'nobody proves anything so any more',
  }),
  'GET /api/v1/accounts/{id}/lists': async ({ alice, bob, post }) => {
    const { id } = await post('/api/v1/lists', alice, { title: 'Painters' })
    await post(`/api/v1/lists/${id}/accounts`, alice, { account_ids: [bob.accountId] })
    return { path: { id: bob.accountId } }
  },
  'POST /api/v1/accounts/{id}/mute': (scene) => doras(scene),
  'POST /api/v1/accounts/{id}/unmute': (scene) => doras(scene, 'mute'),
  'POST /api/v1/accounts/{id}/note': (scene) => ({ ...bobs(scene), json: { comment: 'Paints' } }),
  'POST /api/v1/accounts/{id}/pin': bobs,
  'POST /api/v1/accounts/{id}/unpin': bobs,
  'POST /api/v1/accounts/{id}/unendorse': bobs,
  'POST /api/v1/accounts/{id}/remove_from_followers': async ({ carol, alice, post }) => {
    await post(`/api/v1/accounts/${alice.accountId}/follow`, carol)
    return { path: { id: carol.accountId } }
  },
  'GET /api/v1/accounts/{id}/statuses': bobs,
  'POST /api/v1/accounts/{id}/unfollow': ({ carol }) => ({ path: { id: carol.accountId } }),
  'GET /api/v1/accounts/{account_id}/collections': notYet,
  'GET /api/v1/accounts/{account_id}/in_collections': notYet,
  'GET /api/v1/blocks': async (scene) => {
    await doras(scene, 'block')
    return {}
  },
  'GET /api/v1/mutes': async (scene) => {
    await doras(scene, 'unblock', 'mute')
    return {}
  },
  'GET /api/v1/domain_blocks': async ({ alice, post }) => {
    await post('/api/v1/domain_blocks', alice, { domain: 'loud.example' })
    return {}
  },
  'POST /api/v1/domain_blocks': () => ({ json: { domain: 'rude.example' } }),
  'DELETE /api/v1/domain_blocks': () => ({ query: 'domain=loud.example' }),
  'GET /api/v1/directory': () => ({}),
  'GET /api/v1/endorsements': endorsed,
  'GET /api/v1/featured_tags': () => ({}),
  'POST /api/v1/featured_tags': () => ({ json: { name: 'sea' } }),
  'GET /api/v1/featured_tags/suggestions': async ({ alice, write }) => {
    await write(alice, { status: 'Some #boats' })
    return {}
  },
  'DELETE /api/v1/featured_tags/{id}': async ({ alice, post }) => {
    const { id } = await post('/api/v1/featured_tags', alice, { name: 'gone' })
    return { path: { id } }
  },
  'GET /api/v1/follow_requests': async ({ bob, carol, post }) => {
    await post(`/api/v1/accounts/${carol.accountId}/follow`, bob)
    return { as: carol }
  },
  'POST /api/v1/follow_requests/{account_id}/authorize': ({ bob, carol }) => ({
    path: { account_id: bob.accountId },
    as: carol,
  }),
  'POST /api/v1/follow_requests/{account_id}/reject': async ({ bob, carol, post }) => {
    await post(`/api/v1/accounts/${carol.accountId}/unfollow`, bob)
    await post(`/api/v1/accounts/${carol.accountId}/follow`, bob)
    return { path: { account_id: bob.accountId }, as: carol }
  },
  'GET /api/v1/preferences': () => ({}),
  'GET /api/v1/profile': () => ({}),
  'PATCH /api/v1/profile': () => ({ json: { note: 'I paint' } }),
  'DELETE /api/v1/profile/avatar': () => ({}),
  'DELETE /api/v1/profile/header': () => ({}),
  'GET /api/v1/suggestions': suggested,
  'GET /api/v2/suggestions': suggested,
  'DELETE /api/v1/suggestions/{account_id}': suggested,
  'POST /api/v1/reports': ({ carol }) => ({ json: { account_id: carol.accountId, comment: 'Hm' } }),
}
