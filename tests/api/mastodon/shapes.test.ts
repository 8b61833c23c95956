import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce } from '#src/policies/announcements.ts'
import { changeRules, changeServerWords, dayOf, publishTerms } from '#src/policies/server-words.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from './client.ts'

// The published OpenAPI description of Mastodon's client API lies beside the project, not in it.
const schemaPath = join(import.meta.dirname, '../../../../shared/mastodon-openapi/schema.json')
const isPresent = existsSync(schemaPath)
if (!isPresent) console.warn(`Skipped: no OpenAPI description of Mastodon's API at ${schemaPath}`)

describe.skipIf(!isPresent)('answers have the shapes that Mastodon publishes', () => {
  let server: TestServer
  let client: Client
  let alice: TestPerson
  let bob: TestPerson
  let ids: Record<
    | 'status'
    | 'boost'
    | 'media'
    | 'poll'
    | 'notification'
    | 'list'
    | 'filter'
    | 'keyword'
    | 'group'
    | 'request',
    string
  >
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })

  beforeAll(async () => {
    ajv.addSchema(JSON.parse(readFileSync(schemaPath, 'utf8')), 'mastodon')
    server = await startTestServer()
    client = clientOf(server)
    ;[alice, bob] = await Promise.all([server.person('alice', { role: 'owner' }), server.person('bob')])
    ids = await fill()
    await describeServer()
  })
  afterAll(() => server.close())

  async function fill() {
    await client.post(`/api/v1/accounts/${bob.accountId}/follow`, alice)
    await client.post(`/api/v1/accounts/${alice.accountId}/follow`, bob)
    const media = await client.upload(alice, await softPicture(64, 48).png().toBuffer(), {
      description: 'Soft',
    })
    const status = await client.post('/api/v1/statuses', alice, {
      status: 'Hello @bob #Painting https://example.com/',
      media_ids: [media.id],
      language: 'en',
    })
    await client.post('/api/v1/statuses', bob, { status: '@alice yes', in_reply_to_id: status.id })
    await client.post(`/api/v1/statuses/${status.id}/favourite`, bob)
    const boost = await client.post(`/api/v1/statuses/${status.id}/reblog`, bob)
    const poll = await client.post('/api/v1/statuses', bob, {
      status: 'Which?',
      poll: { options: ['Oil', 'Ink'], expires_in: 600 },
    })
    await client.call(`/api/v1/statuses/${poll.id}`, {
      as: bob,
      json: { status: 'Which one?', poll: { options: ['Oil', 'Chalk'], expires_in: 600 } },
      method: 'PUT',
    })
    await client.call('/api/v1/accounts/update_credentials', {
      as: alice,
      json: { note: 'I paint', fields_attributes: [{ name: 'Home', value: 'https://alice.example/' }] },
      method: 'PATCH',
    })
    const filter = await client.post('/api/v2/filters', alice, {
      title: 'Yes',
      context: ['home', 'notifications'],
      filter_action: 'blur',
      expires_in: 3_600,
      keywords_attributes: [{ keyword: 'yes' }],
    })
    await client.post(`/api/v2/filters/${filter.id}/statuses`, alice, { status_id: status.id })
    const list = await client.post('/api/v1/lists', alice, { title: 'Painters' })
    await client.post(`/api/v1/lists/${list.id}/accounts`, alice, { account_ids: [bob.accountId] })
    for (const action of ['follow', 'feature']) await client.post(`/api/v1/tags/painting/${action}`, alice)
    await client.post(`/api/v1/accounts/${bob.accountId}/endorse`, alice)
    await client.post(`/api/v1/accounts/${bob.accountId}/note`, alice, { comment: 'Paints too' })
    await client.post('/api/v1/statuses', bob, { status: 'Read https://page.example/' })
    await client.post('/api/v1/statuses', alice, {
      status: 'Tomorrow',
      poll: { options: ['Oil', 'Ink'], expires_in: 600 },
      scheduled_at: new Date(Date.now() + 86_400_000).toISOString(),
    })
    await client.post('/api/v1/statuses', bob, { status: '@alice psst', visibility: 'direct' })
    const carol = await server.person('carol')
    await client.post(`/api/v1/accounts/${carol.accountId}/follow`, bob)
    await client.post('/api/v1/markers', alice, { home: { last_read_id: '1' } })
    const [notification] = await client.get('/api/v1/notifications', alice)
    const [group] = await client.get('/api/v1/notifications?types[]=favourite', alice)
    return {
      status: String(status.id),
      boost: String(boost.id),
      media: String(media.id),
      poll: String(poll.id),
      notification: String(notification?.id),
      filter: String(filter.id),
      keyword: String(filter.keywords[0].id),
      list: String(list.id),
      group: String(group?.group_key),
      request: await beAsked(),
    }
  }

  async function beAsked(): Promise<string> {
    const policy = { as: alice, json: { for_not_following: 'filter' }, method: 'PATCH' }
    await client.call('/api/v2/notifications/policy', policy)
    await client.post('/api/v1/statuses', await server.person('dora'), { status: '@alice may I?' })
    const [request] = await client.get('/api/v1/notifications/requests', alice)
    return String(request?.id)
  }

  async function describeServer() {
    const { app } = server
    const by = alice.accountId
    await changeServerWords(app, by, { about: 'A harbour.', privacy: 'We keep little.' })
    await changeRules(app, by, [{ text: 'Be kind', hint: 'To all' }])
    await publishTerms(app, by, { day: dayOf(app.clock.now()), text: 'Be nice.' })
    await announce(app, by, { text: 'Closed on Sunday', startsAt: null, endsAt: null })
    const [announcement] = await client.get('/api/v1/announcements', bob)
    await client.call(`/api/v1/announcements/${announcement.id}/reactions/%F0%9F%8E%82`, {
      as: bob,
      method: 'PUT',
    })
    await app.db.insertInto('domain_blocks').values({ domain: 'bad.example', reason: '' }).execute()
  }

  const listOf = (name: string) => ({ type: 'array', minItems: 1, items: entity(name) })
  const entity = (name: string) => ({ $ref: `mastodon#/components/schemas/${name}` })

  const some = { minItems: 1 }
  const groupsOf = {
    allOf: [
      entity('GroupedNotificationsResults'),
      { properties: { notification_groups: some, accounts: some, statuses: some } },
    ],
  }

  function expectShape(value: unknown, schema: object): void {
    const validate = ajv.compile(schema)
    validate(value)
    expect(validate.errors ?? []).toEqual([])
  }

  it.each([
    ['/api/v2/instance', entity('Instance')],
    ['/api/v1/instance/rules', listOf('Rule')],
    ['/api/v1/instance/extended_description', entity('ExtendedDescription')],
    ['/api/v1/instance/privacy_policy', entity('PrivacyPolicy')],
    ['/api/v1/instance/terms_of_service', entity('TermsOfService')],
    ['/api/v1/instance/domain_blocks', listOf('DomainBlock')],
    ['/api/v1/announcements', listOf('Announcement')],
    ['/api/v1/accounts/verify_credentials', entity('CredentialAccount')],
    ['/api/v1/accounts/lookup?acct=alice', entity('Account')],
    ['/api/v1/accounts/search?q=bob', listOf('Account')],
    ['/api/v1/accounts/:account', entity('Account')],
    ['/api/v1/accounts/:account/endorsements', listOf('Account')],
    ['/api/v1/accounts/:account/identity_proofs', { ...listOf('IdentityProof'), minItems: 0 }],
    ['/api/v1/accounts/familiar_followers?id[]=:account', listOf('FamiliarFollowers')],
    ['/api/v1/endorsements', listOf('Account')],
    ['/api/v1/directory', listOf('Account')],
    ['/api/v1/suggestions', listOf('Account')],
    ['/api/v2/suggestions', listOf('Suggestion')],
    ['/api/v1/conversations', listOf('Conversation')],
    ['/api/v1/timelines/direct', listOf('Status')],
    ['/api/v1/scheduled_statuses', listOf('ScheduledStatus')],
    ['/api/v1/profile', entity('Profile')],
    ['/api/v1/timelines/link?url=https://page.example/', listOf('Status')],
    ['/api/v1/accounts/:account/statuses', listOf('Status')],
    ['/api/v1/accounts/:account/followers', listOf('Account')],
    ['/api/v1/accounts/:account/following', listOf('Account')],
    ['/api/v1/accounts/relationships?id[]=:account', listOf('Relationship')],
    ['/api/v1/statuses/:status', entity('Status')],
    ['/api/v1/statuses/:boost', entity('Status')],
    ['/api/v1/statuses/:status/context', entity('Context')],
    ['/api/v1/statuses/:status/source', entity('StatusSource')],
    ['/api/v1/statuses/:status/favourited_by', listOf('Account')],
    ['/api/v1/statuses/:status/reblogged_by', listOf('Account')],
    ['/api/v1/statuses/:poll', entity('Status')],
    ['/api/v1/statuses/:poll/history', { ...listOf('StatusEdit'), minItems: 2 }],
    ['/api/v1/polls/:poll', entity('Poll')],
    ['/api/v1/media/:media', entity('MediaAttachment')],
    ['/api/v1/timelines/home', listOf('Status')],
    ['/api/v1/timelines/public', listOf('Status')],
    ['/api/v1/timelines/tag/painting', listOf('Status')],
    ['/api/v1/timelines/list/:list', listOf('Status')],
    ['/api/v1/lists', listOf('List')],
    ['/api/v1/lists/:list', entity('List')],
    ['/api/v1/lists/:list/accounts', listOf('Account')],
    ['/api/v1/accounts/:other/lists', listOf('List')],
    ['/api/v1/tags/painting', entity('Tag')],
    ['/api/v1/followed_tags', listOf('Tag')],
    ['/api/v1/featured_tags', listOf('FeaturedTag')],
    ['/api/v1/notifications', listOf('Notification')],
    ['/api/v1/notifications/:notification', entity('Notification')],
    ['/api/v1/notifications/unread_count', entity('CountResponse')],
    ['/api/v1/notifications/requests', listOf('NotificationRequest')],
    ['/api/v1/notifications/requests/:request', entity('NotificationRequest')],
    ['/api/v1/notifications/requests/merged', entity('MergedResponse')],
    ['/api/v2/notifications', groupsOf],
    ['/api/v2/notifications?expand_accounts=partial_avatars', groupsOf],
    ['/api/v2/notifications/:group', groupsOf],
    ['/api/v2/notifications/:group/accounts', listOf('Account')],
    ['/api/v2/notifications/unread_count', entity('CountResponse')],
    ['/api/v2/notifications/policy', entity('NotificationPolicy')],
    ['/api/v2/search?q=paint', entity('Search')],
    ['/api/v2/search?q=bob', entity('Search')],
    ['/api/v2/filters', listOf('Filter')],
    ['/api/v2/filters/:filter', entity('Filter')],
    ['/api/v2/filters/:filter/keywords', listOf('FilterKeyword')],
    ['/api/v2/filters/:filter/statuses', listOf('FilterStatus')],
    ['/api/v2/filters/keywords/:keyword', entity('FilterKeyword')],
    ['/api/v1/filters', listOf('V1Filter')],
    ['/api/v1/filters/:keyword', entity('V1Filter')],
    ['/api/v1/preferences', entity('Preferences')],
    ['/api/v1/markers?timeline[]=home', { type: 'object', additionalProperties: entity('Marker') }],
  ])('%s', async (path, schema) => {
    const filled = path
      .replace(':account', alice.accountId)
      .replace(':other', bob.accountId)
      .replace(
        /:(status|boost|media|poll|list|notification|filter|keyword|group|request)/,
        (_, name: keyof typeof ids) => ids[name],
      )
    expectShape(await client.get(filled, alice), schema)
  })

  it('Status.filtered', async () => {
    const { filtered } = await client.get(`/api/v1/statuses/${ids.status}`, alice)
    expectShape(filtered, listOf('FilterResult'))
  })

  it('/api/v1/instance', async () => {
    expectShape(await client.get('/api/v1/instance'), entity('V1Instance'))
  })

  it('/api/oembed', async () => {
    const { url } = await client.get(`/api/v1/statuses/${ids.status}`)
    expectShape(await client.get(`/api/oembed?url=${url}`), entity('OEmbedResponse'))
  })

  it.each(['avatar', 'header'])('DELETE /api/v1/profile/%s', async (picture) => {
    const response = await client.call(`/api/v1/profile/${picture}`, { as: alice, method: 'DELETE' })
    expectShape(await response.json(), entity('CredentialAccount'))
  })

  it('what is not of that shape is found out', () => {
    expect(ajv.validate(entity('Status'), { id: 1 })).toBe(false)
  })
})
