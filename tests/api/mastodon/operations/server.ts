import { issueToken } from '#src/auth/grants.ts'
import { addEmoji } from '#src/media/emojis.ts'
import { announce } from '#src/policies/announcements.ts'
import { changeRules, changeServerWords, dayOf, publishTerms } from '#src/policies/server-words.ts'
import { bearing, type Operations, type Scene } from './scene.ts'
import { signingUp } from './sign-up.ts'

const announced = async ({ server: { app }, alice, bob, get }: Scene) => {
  await announce(app, alice.accountId, { text: 'Closed on Sunday', startsAt: null, endsAt: null })
  const [{ id }] = await get('/api/v1/announcements', bob)
  return { path: { id, name: '🎂' } }
}

const application = async ({ post, alice }: Scene) =>
  post('/api/v1/apps', alice, { client_name: 'An app', redirect_uris: 'urn:ietf:wg:oauth:2.0:oob' })

const annualReports = { absent: 'there are no annual reports here' }

/** What the server says of itself, and how one gets in. */
export const serverOperations: Operations = {
  'GET /health': () => ({ as: null, isEmptyBecause: 'a word' }),
  'GET /.well-known/oauth-authorization-server': () => ({ as: null }),
  'POST /api/v1/apps': () => ({
    as: null,
    json: { client_name: 'An app', redirect_uris: 'urn:ietf:wg:oauth:2.0:oob' },
  }),
  'GET /api/v1/apps/verify_credentials': async (scene) => {
    const { client_id, client_secret } = await application(scene)
    const grant = { grant_type: 'client_credentials', client_id, client_secret }
    const answer = await scene.call('/oauth/token', { json: grant })
    const { access_token: token }: { access_token: string } = await answer.json()
    return bearing(token)
  },
  'GET /oauth/authorize': async (scene) => {
    const { client_id: id } = await application(scene)
    return {
      as: null,
      query: `response_type=code&client_id=${id}&redirect_uri=urn:ietf:wg:oauth:2.0:oob`,
      isEmptyBecause: 'a page',
    }
  },
  'POST /oauth/token': async (scene) => {
    const { client_id, client_secret } = await application(scene)
    return { as: null, json: { grant_type: 'client_credentials', client_id, client_secret } }
  },
  'POST /oauth/revoke': async (scene) => {
    const { client_id, client_secret } = await application(scene)
    return { as: null, json: { client_id, client_secret, token: 'unknown' } }
  },
  'GET /oauth/userinfo': async ({ server: { app }, alice: { accountId } }) => {
    const { token } = await issueToken(app, { accountId, application: null, scopes: ['profile'] })
    return bearing(token)
  },
  'POST /api/v1/emails/confirmations': async (scene) => {
    const { json, headers } = await signingUp(scene, 'newcomer')
    const answer = await scene.call('/api/v1/accounts', { json, headers })
    const { access_token: token }: { access_token: string } = await answer.json()
    return { ...bearing(token), isEmptyBecause: 'it goes by mail' }
  },
  'GET /api/v1/announcements': async (scene) => {
    await announced(scene)
    return {}
  },
  'POST /api/v1/announcements/{id}/dismiss': announced,
  'PUT /api/v1/announcements/{id}/reactions/{name}': announced,
  'DELETE /api/v1/announcements/{id}/reactions/{name}': announced,
  'GET /api/v1/annual_reports': annualReports,
  'GET /api/v1/annual_reports/{year}': annualReports,
  'POST /api/v1/annual_reports/{year}/generate': annualReports,
  'POST /api/v1/annual_reports/{year}/read': annualReports,
  'GET /api/v1/annual_reports/{year}/state': annualReports,
  'GET /api/v1/custom_emojis': async ({ server: { app }, pictureBytes: bytes }) => {
    await addEmoji(app, { shortcode: 'harbour', bytes, category: null, addedBy: null })
    return { as: null }
  },
  'GET /api/v1/instance': () => ({ as: null }),
  'GET /api/v2/instance': () => ({ as: null }),
  'GET /api/v1/instance/activity': () => ({ as: null }),
  'GET /api/v1/instance/domain_blocks': async ({ server: { app } }) => {
    await app.db.insertInto('domain_blocks').values({ domain: 'bad.example', reason: '' }).execute()
    return {}
  },
  'GET /api/v1/instance/extended_description': async ({ server: { app } }) => {
    await changeServerWords(app, null, { about: 'A harbour.', privacy: 'We keep little.' })
    return { as: null }
  },
  'GET /api/v1/instance/peers': async ({ server: { app } }) => {
    await app.db.insertInto('instances').values({ domain: 'far.example' }).execute()
    return { as: null }
  },
  'GET /api/v1/instance/privacy_policy': () => ({ as: null }),
  'GET /api/v1/instance/rules': async ({ server: { app } }) => {
    await changeRules(app, null, [{ text: 'Be kind', hint: 'To all' }])
    return { as: null }
  },
  'GET /api/v1/instance/terms_of_service': async ({ server: { app } }) => {
    await publishTerms(app, null, { day: dayOf(app.clock.now()), text: 'Be nice.' })
    return { as: null }
  },
  'GET /api/v1/instance/terms_of_service/{date}': ({ server: { app } }) => ({
    path: { date: dayOf(app.clock.now()) },
    as: null,
  }),
  'GET /api/v1/instance/translation_languages': { absent: 'no text is translated here' },
}
