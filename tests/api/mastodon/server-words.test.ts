import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeRules, changeServerWords, publishTerms } from '#src/policies/server-words.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  alice = await server.person('alice', { role: 'owner' })
})
afterAll(() => server.close())

const today = () => server.app.clock.now().toISOString().slice(0, 10)
const statusOf = async (path: string) => (await server.fetch(path)).status

describe('what a server says of itself', () => {
  it('is in every place where apps and other servers look', async () => {
    await changeServerWords(server.app, alice.accountId, {
      title: '  The Harbour ',
      description: 'Boats & brushes',
      about: 'We paint boats.\n\nAnd #harbours <b>too</b>',
    })
    const instance = await client.get('/api/v2/instance')
    expect(instance).toMatchObject({ title: 'The Harbour', description: 'Boats & brushes' })
    expect(await client.get('/api/v1/instance')).toMatchObject({
      title: 'The Harbour',
      short_description: 'Boats & brushes',
    })
    expect(await client.get('/nodeinfo/2.0')).toMatchObject({ metadata: { nodeName: 'The Harbour' } })
    expect(await client.get('/api/v1/instance/extended_description')).toEqual({
      updated_at: expect.stringMatching(/^\d{4}-/),
      content: expect.stringMatching(/^<p>We paint boats\.<\/p><p>And <a .*&lt;b&gt;too&lt;\/b&gt;<\/p>$/),
    })
  })

  it('is as in the beginning once it is emptied', async () => {
    await changeServerWords(server.app, alice.accountId, { title: '', about: '' })
    expect(await client.get('/api/v2/instance')).toMatchObject({
      title: 'Pinxit',
      description: 'Boats & brushes',
    })
    expect(await client.get('/api/v1/instance/extended_description')).toEqual({
      updated_at: null,
      content: '',
    })
  })

  it('keeps what there was when something new is too long', async () => {
    const tooLong = { title: 'x'.repeat(101), description: 'New' }
    await expect(changeServerWords(server.app, alice.accountId, tooLong)).rejects.toMatchObject({
      kind: 'invalid',
      code: 'title',
    })
    expect(await client.get('/api/v2/instance')).toMatchObject({ description: 'Boats & brushes' })
  })
})

describe('rules', () => {
  const rulesAre = (...texts: string[]) =>
    changeRules(
      server.app,
      alice.accountId,
      texts.map((text) => ({ text, hint: `${text}?` })),
    )
  const read = async () => await client.get('/api/v1/instance/rules')

  it('are listed in their order, and keep their ids when others come, go or move', async () => {
    await rulesAre('Be kind', 'Label pictures')
    const [kind, label] = await read()
    expect([kind, label]).toMatchObject([
      { id: expect.stringMatching(/^\d+$/), text: 'Be kind', hint: 'Be kind?', translations: {} },
      { text: 'Label pictures' },
    ])
    await rulesAre('Label pictures', ' ', 'Sleep  well', 'Be kind', 'Be kind')
    expect((await read()).map((rule: { id: string; text: string }) => [rule.id, rule.text])).toEqual([
      [label.id, 'Label pictures'],
      [expect.any(String), 'Sleep well'],
      [kind.id, 'Be kind'],
    ])
    const { rules } = await client.get('/api/v2/instance')
    expect(rules).toEqual(await read())
    await rulesAre('Be kind')
    expect(await read()).toMatchObject([{ id: kind.id }])
  })

  it('can be named in a report, those that are none left out', async () => {
    const bob = await server.person('bob')
    const [{ id }] = await read()
    const report = { account_id: bob.accountId, category: 'violation', rule_ids: [id, '999'] }
    expect(await client.post('/api/v1/reports', alice, report)).toMatchObject({ rule_ids: [id] })
    const without = { account_id: bob.accountId, category: 'violation' }
    expect(await client.post('/api/v1/reports', alice, without)).toMatchObject({ rule_ids: [] })
  })

  it('refuse to be a book', async () => {
    await expect(rulesAre('x'.repeat(501))).rejects.toMatchObject({ code: 'rules' })
    await expect(rulesAre(...Array.from({ length: 51 }, (_, n) => `Rule ${n}`))).rejects.toMatchObject({
      code: 'rules',
    })
    expect(await read()).toMatchObject([{ text: 'Be kind' }])
  })
})

describe('terms and privacy', () => {
  it('are not there before they are written', async () => {
    for (const name of ['terms_of_service', 'privacy_policy', `terms_of_service/${today()}`])
      expect(await statusOf(`/api/v1/instance/${name}`)).toBe(404)
    const { configuration } = await client.get('/api/v2/instance')
    expect(configuration.urls).toMatchObject({ privacy_policy: null, terms_of_service: null })
  })

  it('hold from their day on, until later ones do', async () => {
    const day = (offset: number) =>
      new Date(server.app.clock.now().getTime() + offset * 86_400_000).toISOString().slice(0, 10)
    const later = day(3)
    await publishTerms(server.app, alice.accountId, { day: day(0), text: 'Be nice.' })
    await publishTerms(server.app, alice.accountId, { day: later, text: 'Be nicest.' })
    await publishTerms(server.app, alice.accountId, { day: later, text: 'Be nicer.' })
    await changeServerWords(server.app, alice.accountId, { privacy: 'We keep little.' })
    expect(await client.get('/api/v1/instance/terms_of_service')).toEqual({
      effective_date: day(0),
      effective: true,
      content: '<p>Be nice.</p>',
      succeeded_by: later,
    })
    expect(await client.get(`/api/v1/instance/terms_of_service/${later}`)).toEqual({
      effective_date: later,
      effective: false,
      content: '<p>Be nicer.</p>',
      succeeded_by: null,
    })
    expect(await client.get('/api/v1/instance/privacy_policy')).toMatchObject({
      content: '<p>We keep little.</p>',
    })
    const { configuration } = await client.get('/api/v2/instance')
    expect(configuration.urls).toMatchObject({
      privacy_policy: `${server.url}/privacy`,
      terms_of_service: `${server.url}/terms`,
    })
    server.clock.advance(4 * 86_400_000)
    expect(await client.get('/api/v1/instance/terms_of_service')).toMatchObject({ effective_date: later })
  })

  it.each([
    ['a day that is over', { day: '2020-01-01', text: 'Back then.' }, 'day'],
    ['no day', { day: 'soon', text: 'Be nice.' }, 'day'],
    ['a day that there is not', { day: '2999-02-30', text: 'Be nice.' }, 'day'],
    ['no words', { day: '2999-01-01', text: ' ' }, 'terms'],
  ])('are refused with %s', async (_, terms, code) => {
    await expect(publishTerms(server.app, alice.accountId, terms)).rejects.toMatchObject({
      kind: 'invalid',
      code,
    })
  })

  it('are not changed on the day they hold from', async () => {
    await publishTerms(server.app, alice.accountId, { day: today(), text: 'From now on.' })
    const again = publishTerms(server.app, alice.accountId, { day: today(), text: 'No, otherwise.' })
    await expect(again).rejects.toMatchObject({ code: 'day' })
    expect(await client.get('/api/v1/instance/terms_of_service')).toMatchObject({
      content: '<p>From now on.</p>',
    })
  })

  it.each(['tomorrow', '2020-13-45', '2999-02-30', '%00'])('have nothing for the day %s', async (day) => {
    expect(await statusOf(`/api/v1/instance/terms_of_service/${day}`)).toBe(404)
  })
})

describe('whom it knows', () => {
  it('is told to anyone, and how busy it was', async () => {
    await server.app.db.insertInto('instances').values({ domain: 'far.example' }).execute()
    expect(await client.get('/api/v1/instance/peers')).toEqual(['far.example'])
    await client.post('/api/v1/statuses', alice, { status: 'Hello' })
    const weeks = await client.get('/api/v1/instance/activity')
    expect(weeks).toHaveLength(12)
    expect(weeks[0]).toEqual({
      week: expect.stringMatching(/^\d+$/),
      statuses: '1',
      logins: expect.stringMatching(/^\d+$/),
      registrations: expect.stringMatching(/^\d+$/),
    })
    const [newest, next] = weeks.map(({ week }: { week: string }) => Number(week))
    expect(newest - next).toBe(7 * 86_400)
  })

  it('and whom it does not hear is told to its own people alone, without the reason', async () => {
    await server.app.db
      .insertInto('domain_blocks')
      .values({ domain: 'bad.example', reason: 'a secret' })
      .execute()
    expect(await client.get('/api/v1/instance/domain_blocks', alice)).toEqual([
      {
        domain: 'bad.example',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        severity: 'suspend',
        comment: null,
      },
    ])
    expect(await statusOf('/api/v1/instance/domain_blocks')).toBe(401)
  })
})
