import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiRoutes } from '#src/api/routes.ts'
import { createStreaming } from '#src/api/streaming/streaming.ts'
import { createApplication } from '#src/auth/applications.ts'
import { issueToken } from '#src/auth/grants.ts'
import { knownScopes } from '#src/auth/scopes.ts'
import { endToken } from '#src/auth/tokens.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from './client.ts'

type Rule = {
  scope: string
  /** Beside it and its parents, for the few routes that more than one opens. */
  alsoBy?: string[]
  /** Strangers may ask too; a token without the scope still may not. */
  isPublic?: true
  /** The id in the path is of something that only its owner may reach. */
  owned?:
    | 'list'
    | 'status'
    | 'media'
    | 'notification'
    | 'request'
    | 'filter'
    | 'keyword'
    | 'filteredStatus'
    | 'scheduled'
    | 'conversation'
    | 'notificationRequest'
}

const rules: Record<string, Rule> = {
  'GET /oauth/userinfo': { scope: 'profile' },
  'POST /oauth/userinfo': { scope: 'profile' },
  'GET /api/v1/accounts/verify_credentials': { scope: 'read:accounts', alsoBy: ['profile'] },
  'PATCH /api/v1/accounts/update_credentials': { scope: 'write:accounts' },
  'GET /api/v1/accounts': { scope: 'read:accounts', isPublic: true },
  'GET /api/v1/accounts/lookup': { scope: 'read:accounts', isPublic: true },
  'GET /api/v1/accounts/search': { scope: 'read:accounts' },
  'GET /api/v1/accounts/relationships': { scope: 'read:follows' },
  'POST /api/v1/accounts/:id/follow': { scope: 'write:follows' },
  'POST /api/v1/accounts/:id/unfollow': { scope: 'write:follows' },
  'POST /api/v1/accounts/:id/remove_from_followers': { scope: 'write:follows' },
  'POST /api/v1/accounts/:id/block': { scope: 'write:blocks' },
  'POST /api/v1/accounts/:id/unblock': { scope: 'write:blocks' },
  'POST /api/v1/accounts/:id/mute': { scope: 'write:mutes' },
  'POST /api/v1/accounts/:id/unmute': { scope: 'write:mutes' },
  'GET /api/v1/accounts/:id': { scope: 'read:accounts', isPublic: true },
  'GET /api/v1/accounts/:id/statuses': { scope: 'read:statuses', isPublic: true },
  'GET /api/v1/accounts/:id/featured_tags': { scope: 'read:accounts', isPublic: true },
  'GET /api/v1/accounts/familiar_followers': { scope: 'read:follows' },
  'GET /api/v1/accounts/:id/endorsements': { scope: 'read:accounts', isPublic: true },
  'GET /api/v1/accounts/:id/identity_proofs': { scope: 'read:accounts' },
  'POST /api/v1/accounts/:id/note': { scope: 'write:accounts' },
  'POST /api/v1/accounts/:id/endorse': { scope: 'write:accounts' },
  'POST /api/v1/accounts/:id/unendorse': { scope: 'write:accounts' },
  'POST /api/v1/accounts/:id/pin': { scope: 'write:accounts' },
  'POST /api/v1/accounts/:id/unpin': { scope: 'write:accounts' },
  'GET /api/v1/accounts/:id/followers': { scope: 'read:accounts', isPublic: true },
  'GET /api/v1/accounts/:id/following': { scope: 'read:accounts', isPublic: true },
  'GET /api/v1/announcements': { scope: 'read' },
  'POST /api/v1/announcements/:id/dismiss': { scope: 'write:accounts' },
  'PUT /api/v1/announcements/:id/reactions/:name': { scope: 'write:favourites' },
  'DELETE /api/v1/announcements/:id/reactions/:name': { scope: 'write:favourites' },
  'GET /api/v1/bookmarks': { scope: 'read:bookmarks' },
  'GET /api/v1/favourites': { scope: 'read:favourites' },
  'GET /api/v1/featured_tags': { scope: 'read:accounts' },
  'GET /api/v1/featured_tags/suggestions': { scope: 'read:accounts' },
  'POST /api/v1/featured_tags': { scope: 'write:accounts' },
  'DELETE /api/v1/featured_tags/:id': { scope: 'write:accounts' },
  'POST /api/v1/statuses/:id/pin': { scope: 'write:accounts' },
  'POST /api/v1/statuses/:id/unpin': { scope: 'write:accounts' },
  'GET /api/v1/follow_requests': { scope: 'read:follows' },
  'POST /api/v1/follow_requests/:id/authorize': { scope: 'write:follows', owned: 'request' },
  'POST /api/v1/follow_requests/:id/reject': { scope: 'write:follows', owned: 'request' },
  'GET /api/v1/instance/domain_blocks': { scope: 'read' },
  'GET /api/v1/markers': { scope: 'read:statuses' },
  'POST /api/v1/markers': { scope: 'write:statuses' },
  ...Object.fromEntries(
    ['/api/v1/media', '/api/v2/media'].flatMap((path): [string, Rule][] => [
      [`POST ${path}`, { scope: 'write:media' }],
      [`GET ${path}/:id`, { scope: 'write:media', owned: 'media' }],
      [`PUT ${path}/:id`, { scope: 'write:media', owned: 'media' }],
      [`DELETE ${path}/:id`, { scope: 'write:media', owned: 'media' }],
    ]),
  ),
  'GET /api/v1/notifications': { scope: 'read:notifications' },
  'GET /api/v1/notifications/unread_count': { scope: 'read:notifications' },
  'GET /api/v1/notifications/:id': { scope: 'read:notifications', owned: 'notification' },
  'POST /api/v1/notifications/clear': { scope: 'write:notifications' },
  'POST /api/v1/notifications/:id/dismiss': { scope: 'write:notifications', owned: 'notification' },
  'GET /api/v1/notifications/requests': { scope: 'read:notifications' },
  'GET /api/v1/notifications/requests/merged': { scope: 'read:notifications' },
  'POST /api/v1/notifications/requests/accept': { scope: 'write:notifications' },
  'POST /api/v1/notifications/requests/dismiss': { scope: 'write:notifications' },
  'GET /api/v1/notifications/requests/:id': { scope: 'read:notifications', owned: 'notificationRequest' },
  'POST /api/v1/notifications/requests/:id/accept': {
    scope: 'write:notifications',
    owned: 'notificationRequest',
  },
  'POST /api/v1/notifications/requests/:id/dismiss': {
    scope: 'write:notifications',
    owned: 'notificationRequest',
  },
  'GET /api/v2/notifications': { scope: 'read:notifications' },
  'GET /api/v2/notifications/unread_count': { scope: 'read:notifications' },
  'GET /api/v2/notifications/policy': { scope: 'read:notifications' },
  'PATCH /api/v2/notifications/policy': { scope: 'write:notifications' },
  'POST /api/v2/notifications/clear': { scope: 'write:notifications' },
  'GET /api/v2/notifications/:group_key': { scope: 'read:notifications', owned: 'notification' },
  'GET /api/v2/notifications/:group_key/accounts': { scope: 'read:notifications' },
  'POST /api/v2/notifications/:group_key/dismiss': { scope: 'write:notifications' },
  'GET /api/v1/polls/:id': { scope: 'read:statuses', isPublic: true },
  'POST /api/v1/polls/:id/votes': { scope: 'write:statuses' },
  'GET /api/v1/preferences': { scope: 'read:accounts' },
  'GET /api/v2/search': { scope: 'read:search', isPublic: true },
  'POST /api/v1/statuses': { scope: 'write:statuses' },
  'PUT /api/v1/statuses/:id': { scope: 'write:statuses', owned: 'status' },
  'GET /api/v1/statuses/:id/quotes': { scope: 'read:statuses', isPublic: true },
  'POST /api/v1/statuses/:id/quotes/:quoting/revoke': { scope: 'write:statuses' },
  'PUT /api/v1/statuses/:id/interaction_policy': { scope: 'write:statuses', owned: 'status' },
  'DELETE /api/v1/statuses/:id': { scope: 'write:statuses', owned: 'status' },
  'GET /api/v1/statuses/:id/source': { scope: 'read:statuses', owned: 'status' },
  'GET /api/v1/statuses': { scope: 'read:statuses', isPublic: true },
  'GET /api/v1/statuses/:id': { scope: 'read:statuses', isPublic: true },
  'GET /api/v1/statuses/:id/context': { scope: 'read:statuses', isPublic: true },
  'GET /api/v1/statuses/:id/history': { scope: 'read:statuses', isPublic: true },
  'GET /api/v1/statuses/:id/favourited_by': { scope: 'read:accounts', isPublic: true },
  'GET /api/v1/statuses/:id/reblogged_by': { scope: 'read:accounts', isPublic: true },
  'POST /api/v1/statuses/:id/favourite': { scope: 'write:favourites' },
  'POST /api/v1/statuses/:id/unfavourite': { scope: 'write:favourites' },
  'POST /api/v1/statuses/:id/reblog': { scope: 'write:statuses' },
  'POST /api/v1/statuses/:id/unreblog': { scope: 'write:statuses' },
  'POST /api/v1/statuses/:id/bookmark': { scope: 'write:bookmarks' },
  'POST /api/v1/statuses/:id/unbookmark': { scope: 'write:bookmarks' },
  'POST /api/v1/statuses/:id/mute': { scope: 'write:mutes' },
  'POST /api/v1/statuses/:id/unmute': { scope: 'write:mutes' },
  'POST /api/v1/reports': { scope: 'write:reports' },
  'POST /api/v1/domain_blocks': { scope: 'write:blocks' },
  'DELETE /api/v1/domain_blocks': { scope: 'write:blocks' },
  'PUT /api/v1/pleroma/statuses/:id/reactions/:emoji': { scope: 'write:statuses' },
  'DELETE /api/v1/pleroma/statuses/:id/reactions/:emoji': { scope: 'write:statuses' },
  'GET /api/v1/pleroma/statuses/:id/reactions/:emoji': { scope: 'read:statuses', isPublic: true },
  'GET /api/v1/pleroma/statuses/:id/reactions': { scope: 'read:statuses', isPublic: true },
  'GET /api/v1/timelines/home': { scope: 'read:statuses' },
  'GET /api/v1/timelines/public': { scope: 'read:statuses', isPublic: true },
  'GET /api/v1/timelines/tag/:tag': { scope: 'read:statuses', isPublic: true },
  'GET /api/v1/conversations': { scope: 'read:statuses' },
  'POST /api/v1/conversations/:id/read': { scope: 'write:conversations', owned: 'conversation' },
  'POST /api/v1/conversations/:id/unread': { scope: 'write:conversations', owned: 'conversation' },
  'DELETE /api/v1/conversations/:id': { scope: 'write:conversations', owned: 'conversation' },
  'GET /api/v1/timelines/direct': { scope: 'read:statuses' },
  'GET /api/v1/timelines/link': { scope: 'read:statuses', isPublic: true },
  'GET /api/v1/custom_emojis': { scope: 'read', isPublic: true },
  'GET /api/v1/trends/statuses': { scope: 'read', isPublic: true },
  'GET /api/v1/trends/tags': { scope: 'read', isPublic: true },
  'GET /api/v1/trends/links': { scope: 'read', isPublic: true },
  'GET /api/v1/filters': { scope: 'read:filters' },
  'POST /api/v1/filters': { scope: 'write:filters' },
  'GET /api/v1/filters/:id': { scope: 'read:filters', owned: 'keyword' },
  'PUT /api/v1/filters/:id': { scope: 'write:filters', owned: 'keyword' },
  'DELETE /api/v1/filters/:id': { scope: 'write:filters', owned: 'keyword' },
  'GET /api/v2/filters': { scope: 'read:filters' },
  'POST /api/v2/filters': { scope: 'write:filters' },
  'GET /api/v2/filters/:id': { scope: 'read:filters', owned: 'filter' },
  'PUT /api/v2/filters/:id': { scope: 'write:filters', owned: 'filter' },
  'DELETE /api/v2/filters/:id': { scope: 'write:filters', owned: 'filter' },
  'GET /api/v2/filters/:id/keywords': { scope: 'read:filters', owned: 'filter' },
  'POST /api/v2/filters/:id/keywords': { scope: 'write:filters', owned: 'filter' },
  'GET /api/v2/filters/keywords/:id': { scope: 'read:filters', owned: 'keyword' },
  'PUT /api/v2/filters/keywords/:id': { scope: 'write:filters', owned: 'keyword' },
  'DELETE /api/v2/filters/keywords/:id': { scope: 'write:filters', owned: 'keyword' },
  'GET /api/v2/filters/:id/statuses': { scope: 'read:filters', owned: 'filter' },
  'POST /api/v2/filters/:id/statuses': { scope: 'write:filters', owned: 'filter' },
  'GET /api/v2/filters/statuses/:id': { scope: 'read:filters', owned: 'filteredStatus' },
  'DELETE /api/v2/filters/statuses/:id': { scope: 'write:filters', owned: 'filteredStatus' },
  'GET /api/v1/lists': { scope: 'read:lists' },
  'POST /api/v1/lists': { scope: 'write:lists' },
  'GET /api/v1/lists/:id': { scope: 'read:lists', owned: 'list' },
  'PUT /api/v1/lists/:id': { scope: 'write:lists', owned: 'list' },
  'DELETE /api/v1/lists/:id': { scope: 'write:lists', owned: 'list' },
  'GET /api/v1/lists/:id/accounts': { scope: 'read:lists', owned: 'list' },
  'POST /api/v1/lists/:id/accounts': { scope: 'write:lists', owned: 'list' },
  'DELETE /api/v1/lists/:id/accounts': { scope: 'write:lists', owned: 'list' },
  'GET /api/v1/accounts/:id/lists': { scope: 'read:lists' },
  'GET /api/v1/timelines/list/:id': { scope: 'read:lists', owned: 'list' },
  'GET /api/v1/tags/:name': { scope: 'read', isPublic: true },
  'POST /api/v1/tags/:name/follow': { scope: 'write:follows' },
  'POST /api/v1/tags/:name/unfollow': { scope: 'write:follows' },
  'POST /api/v1/tags/:name/feature': { scope: 'write:accounts' },
  'POST /api/v1/tags/:name/unfeature': { scope: 'write:accounts' },
  'GET /api/v1/followed_tags': { scope: 'read:follows' },
  'GET /api/v1/mutes': { scope: 'read:mutes' },
  'GET /api/v1/blocks': { scope: 'read:blocks' },
  'GET /api/v1/domain_blocks': { scope: 'read:blocks' },
  'GET /api/v1/scheduled_statuses': { scope: 'read:statuses' },
  'GET /api/v1/scheduled_statuses/:id': { scope: 'read:statuses', owned: 'scheduled' },
  'PUT /api/v1/scheduled_statuses/:id': { scope: 'write:statuses', owned: 'scheduled' },
  'DELETE /api/v1/scheduled_statuses/:id': { scope: 'write:statuses', owned: 'scheduled' },
  'GET /api/v1/directory': { scope: 'read:accounts', isPublic: true },
  'GET /api/v1/endorsements': { scope: 'read:accounts' },
  'GET /api/v1/profile': { scope: 'read:accounts', alsoBy: ['profile'] },
  'PATCH /api/v1/profile': { scope: 'write:accounts' },
  'DELETE /api/v1/profile/avatar': { scope: 'write:accounts' },
  'DELETE /api/v1/profile/header': { scope: 'write:accounts' },
  'GET /api/v1/suggestions': { scope: 'read:accounts' },
  'DELETE /api/v1/suggestions/:id': { scope: 'write:accounts' },
  'GET /api/v2/suggestions': { scope: 'read:accounts' },
}

/** For everyone, whatever token comes along, or for apps and newcomers, whose tests are oauth… and sign-up.test.ts. */
const open = new Set([
  'GET /api/v1/instance',
  'GET /api/v2/instance',
  'GET /api/v1/instance/activity',
  'GET /api/v1/instance/extended_description',
  'GET /api/v1/instance/peers',
  'GET /api/v1/instance/privacy_policy',
  'GET /api/v1/instance/rules',
  'GET /api/v1/instance/terms_of_service',
  'GET /api/v1/instance/terms_of_service/:date',
  'GET /api/v1/instance/translation_languages',
  // In the words of Mastodon's streaming: tests/api/streaming/tokens.test.ts
  ...['health', '*', 'user', 'user/notification', 'list', 'direct', 'hashtag', 'hashtag/local'].map(
    (name) => `GET /api/v1/streaming/${name}`,
  ),
  ...['public', 'public/local', 'public/remote'].map((name) => `GET /api/v1/streaming/${name}`),
  'POST /api/v1/apps',
  'GET /api/v1/apps/verify_credentials',
  'POST /api/v1/accounts',
  'POST /api/v1/emails/confirmations',
  'GET /api/v1/emails/check_confirmation',
])

let server: TestServer
let client: Client
let alice: TestPerson
let mallory: TestPerson
let ids: Record<NonNullable<Rule['owned']>, string>
/** One token for each scope there is, of an application alone: what a scope opens is decided before whose it is. */
const appTokens = new Map<string, string>()
let inside: Hono

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, mallory] = await Promise.all([server.person('alice'), server.person('mallory')])
  const bob = await server.person('bob')
  const poll = { options: ['Yes', 'No'], expires_in: 600 }
  const status = await client.post('/api/v1/statuses', alice, { status: 'hers', poll })
  await client.post('/api/v1/statuses', alice, { status: 'Read https://page.example/' })
  const media = await client.upload(alice, await softPicture(20, 20).png().toBuffer())
  const scheduled = await client.post('/api/v1/statuses', alice, {
    status: 'tomorrow',
    scheduled_at: new Date(Date.now() + 86_400_000).toISOString(),
  })
  await client.post('/api/v1/statuses', alice, { status: '@bob psst', visibility: 'direct' })
  const [conversation] = await client.get('/api/v1/conversations', alice)
  const locking = { as: alice, json: { locked: true }, method: 'PATCH' }
  await client.call('/api/v1/accounts/update_credentials', locking)
  await client.post(`/api/v1/accounts/${alice.accountId}/follow`, bob)
  const [notification] = await client.get('/api/v1/notifications', alice)
  const filter = await client.post('/api/v2/filters', alice, {
    title: 'hers',
    context: ['home'],
    keywords_attributes: [{ keyword: 'hers' }],
  })
  const filtered = await client.post(`/api/v2/filters/${filter.id}/statuses`, alice, { status_id: status.id })
  const list = await client.post('/api/v1/lists', alice, { title: 'hers' })
  await client.call('/api/v2/notifications/policy', {
    as: alice,
    json: { for_not_following: 'filter' },
    method: 'PATCH',
  })
  await client.post('/api/v1/statuses', bob, { status: '@alice may I?' })
  const [held] = await client.get('/api/v1/notifications/requests', alice)
  ids = {
    list: String(list.id),
    status: String(status.id),
    media: String(media.id),
    notification: String(notification?.id),
    request: bob.accountId,
    filter: String(filter.id),
    keyword: String(filter.keywords[0].id),
    filteredStatus: String(filtered.id),
    scheduled: String(scheduled.id),
    conversation: String(conversation?.id),
    notificationRequest: String(held?.id),
  }
  inside = new Hono({ strict: false }).route('/', apiRoutes(server.app, createStreaming(server.app)))
  for (const scope of knownScopes) {
    const issue = { application: await anApplication(scope), accountId: null, scopes: [scope] }
    appTokens.set(scope, (await issueToken(server.app, issue)).token)
  }
})
afterAll(() => server.close())

function requestOf(route: string, token?: string): [string, RequestInit] {
  const [method = '', path = ''] = route.split(' ')
  const rule = rules[route]
  const id = rule?.owned
    ? ids[rule.owned]
    : path.startsWith('/api/v1/accounts')
      ? alice.accountId
      : ids.status
  return [
    `${path
      .replace(':id', id)
      .replace(':group_key', `ungrouped-${ids.notification}`)
      .replace(/:(tag|name)/, 'x')}?acct=alice&url=https://page.example/`,
    { method, ...(token && { headers: { authorization: `Bearer ${token}` } }) },
  ]
}

async function tokenFor(scopes: string[]): Promise<string> {
  return (await issueToken(server.app, { application: null, accountId: mallory.accountId, scopes })).token
}

type Answer = { status: number; error: unknown }

async function toAnswer(response: Response): Promise<Answer> {
  const body: { error?: unknown } = await response.json()
  return { status: response.status, error: body.error }
}

async function answerOf(route: string, token?: string): Promise<Answer> {
  return toAnswer(await server.fetch(...requestOf(route, token)))
}

/**
 * Past the network, which would make thousands of questions slow, and from an address of its own for each of them:
 * nobody is signed in, so the limit counts addresses.
 */
async function answerInside(route: string, token: string): Promise<Answer> {
  asked += 1
  const remoteAddress = `198.18.${(asked >> 8) & 255}.${asked & 255}`
  const from = { incoming: { socket: { remoteAddress } } }
  return toAnswer(await inside.request(...requestOf(route, token), from))
}
let asked = 0

describe('every route', () => {
  it('has its rule here', () => {
    const routes = apiRoutes(server.app, createStreaming(server.app))
      .routes.filter(({ path, method }) => /^\/(api\/v\d|oauth\/userinfo)/.test(path) && method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace(/(.)\/$/, '$1')}`)
    const unruled = [...new Set(routes)].filter((route) => !open.has(route) && !rules[route])
    expect(unruled).toEqual([])
    expect(Object.keys(rules).filter((route) => !routes.includes(route))).toEqual([])
  })

  describe.each(Object.entries(rules))('%s', (route, rule) => {
    const { scope, isPublic, owned } = rule

    it('wants a token, unless it is public', async () => {
      const { status, error } = await answerOf(route)
      if (isPublic) expect(status).toBe(200)
      else expect({ status, error }).toEqual({ status: 401, error: 'The access token is invalid' })
    })

    it('takes of all the scopes there are only its own and that one’s parents', async () => {
      const answers = await Promise.all(
        [...appTokens].map(async ([known, token]) => ({ known, ...(await answerInside(route, token)) })),
      )
      const refused = answers.filter(({ status }) => status === 403)
      expect(new Set(refused.map(({ error }) => error))).toEqual(
        new Set(['This action is outside the authorized scopes']),
      )
      const opening = answers.filter(({ status }) => status !== 403).map(({ known }) => known)
      expect(opening.sort()).toEqual(openedBy(rule).sort())
    })

    it('refuses a token with every scope but those, one that is revoked, and one nobody issued', async () => {
      const others = knownScopes.filter((known) => !openedBy(rule).includes(known))
      expect(await answerOf(route, await tokenFor(others))).toEqual({
        status: 403,
        error: 'This action is outside the authorized scopes',
      })
      expect((await answerOf(route, await revokedToken(scope))).status).toBe(401)
      expect((await answerOf(route, 'never-issued')).status).toBe(401)
    })

    it('takes a token with just the scope, though not for what is somebody else’s', async () => {
      const answer = await answerOf(route, await tokenFor([scope]))
      if (owned) expect(answer).toEqual({ status: 404, error: 'Record not found' })
      expect([401, 403]).not.toContain(answer.status)
      expect(answer.status).toBeLessThan(500)
    })

    it('takes an application alone only where strangers are welcome', async () => {
      const { status } = await answerOf(route, appTokens.get(scope))
      expect(status).toBe(isPublic ? 200 : 422)
    })
  })
})

/** Said here once more, and not asked of the code: the scope, what stands above it, and the old `follow`. */
function openedBy({ scope, alsoBy = [] }: Rule): string[] {
  const parts = scope.split(':')
  const parents = parts.slice(0, -1).map((_, end) => parts.slice(0, end + 1).join(':'))
  const follow = /^(read|write):(follows|blocks|mutes)$/.test(scope) ? ['follow'] : []
  return [scope, ...parents.filter((parent) => parent !== 'admin'), ...follow, ...alsoBy]
}

async function anApplication(scope: string) {
  const { application } = await createApplication(server.app, {
    name: 'An app',
    website: null,
    redirectUris: ['urn:ietf:wg:oauth:2.0:oob'],
    scopes: [scope],
  })
  return application
}

async function revokedToken(scope: string): Promise<string> {
  const application = await anApplication(scope)
  const issue = { application, accountId: mallory.accountId, scopes: [scope] }
  const { token } = await issueToken(server.app, issue)
  await endToken(server.app, application, token)
  return token
}
