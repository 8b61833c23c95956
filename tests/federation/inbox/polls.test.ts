import { describe, expect, it } from 'vitest'
import { voteInPoll } from '#src/notes/poll.ts'
import { blockAccount } from '#src/relationships/block.ts'
import type { ForeignActor, JsonObject } from '#tests/support/foreign-server.ts'
import { countsOf, pollAt } from '#tests/support/polls.ts'
import { activityOf, useNeighbours } from './setup.ts'

const near = useNeighbours()

/** A note of Alice's that asks; its row. */
async function asked(changes: JsonObject = {}, note: JsonObject = {}) {
  const poll = { options: ['Oil', 'Ink', 'Chalk'], expires_in: 3600, ...changes }
  return near.post('With what?', { poll, ...note })
}

function vote(actor: ForeignActor, pollUri: string, name: string, changes: JsonObject = {}) {
  const object = {
    id: `${actor.uri}#votes/${crypto.randomUUID()}`,
    type: 'Note',
    name,
    attributedTo: actor.uri,
    inReplyTo: pollUri,
    to: [near.alice.account.uri],
    ...changes,
  }
  return activityOf(actor, 'Create', object)
}

describe('votes of another server', () => {
  it('are counted as Mastodon sends them', async () => {
    const note = await asked()
    expect(await near.send(near.bob, vote(near.bob, note.uri, 'Ink'))).toBe(202)
    expect(countsOf(await pollAt(near.server, note.uri))).toEqual([0, 1, 0, 1])
    expect(await near.stored(note.uri)).toMatchObject({ replies_count: 0 })
    expect(await near.notifications()).toEqual([])
  })

  it('are counted once each, fifty at a time', async () => {
    const note = await asked({ multiple: true })
    const actors = Array.from({ length: 25 }, (_, index) => near.foreign.addActor(`voter${index}`))
    const votes = actors.flatMap((actor) =>
      ['Oil', 'Chalk'].map((name) => [actor, vote(actor, note.uri, name)] as const),
    )
    const inbox = `${near.server.url}/ap/inbox`
    const answers = await Promise.all(
      [...votes, ...votes].map(([actor, activity]) => actor.post(inbox, activity)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    await near.server.settle()
    expect(countsOf(await pollAt(near.server, note.uri))).toEqual([25, 0, 25, 25])
  })

  it.each<[string, () => Promise<[string, JsonObject]>]>([
    [
      'a second choice where one is asked for',
      async () => {
        const { uri } = await asked()
        await near.send(near.bob, vote(near.bob, uri, 'Oil'))
        return [uri, vote(near.bob, uri, 'Ink')]
      },
    ],
    [
      'the same choice again',
      async () => {
        const { uri } = await asked({ multiple: true })
        await near.send(near.bob, vote(near.bob, uri, 'Oil'))
        return [uri, vote(near.bob, uri, 'Oil')]
      },
    ],
  ])('%s is set aside', async (_, prepare) => {
    const [uri, activity] = await prepare()
    expect(await near.send(near.bob, activity)).toBe(202)
    expect(countsOf(await pollAt(near.server, uri))).toEqual([1, 0, 0, 1])
  })

  it.each<[string, (uri: string) => JsonObject]>([
    ['an unknown option', (uri) => vote(near.bob, uri, 'Acrylic')],
    ['an option by its number', (uri) => vote(near.bob, uri, '0')],
    [
      'somebody else’s vote',
      (uri) => vote(near.bob, uri, 'Oil', { attributedTo: `${near.foreign.url}/users/eve` }),
    ],
    [
      'a vote under another server’s id',
      (uri) => vote(near.bob, uri, 'Oil', { id: 'https://elsewhere.example/votes/1' }),
    ],
    ['a vote without an id', (uri) => vote(near.bob, uri, 'Oil', { id: undefined })],
    ['a vote in two polls', (uri) => vote(near.bob, uri, 'Oil', { inReplyTo: [uri, `${uri}/other`] })],
    ['a vote with words', (uri) => vote(near.bob, uri, 'Oil', { content: '<p>Oil!</p>' })],
    ['names of other types', (uri) => vote(near.bob, uri, '', { name: [7, {}, null] })],
  ])('%s does not count', async (_, activityFor) => {
    const { uri } = await asked()
    expect(await near.send(near.bob, activityFor(uri))).toBeLessThan(500)
    expect(countsOf(await pollAt(near.server, uri))).toEqual([0, 0, 0, 0])
  })

  it('do not count in what their sender cannot see, or when it is over', async () => {
    const hidden = await asked({}, { visibility: 'direct' })
    await near.send(near.bob, vote(near.bob, hidden.uri, 'Oil'))
    expect(countsOf(await pollAt(near.server, hidden.uri))).toEqual([0, 0, 0, 0])
    const over = await asked({ expires_in: 300 })
    near.server.clock.advance(301_000)
    await near.send(near.bob, vote(near.bob, over.uri, 'Oil'))
    expect(countsOf(await pollAt(near.server, over.uri))).toEqual([0, 0, 0, 0])
  })

  it('do not count from whom the author blocks', async () => {
    const note = await asked()
    const eve = near.foreign.addActor('eve')
    const eveId = (await near.server.app.lookup.account(eve.uri)) ?? ''
    await blockAccount(near.server.app, near.alice.accountId, eveId)
    await near.send(eve, vote(eve, note.uri, 'Oil'))
    expect(countsOf(await pollAt(near.server, note.uri))).toEqual([0, 0, 0, 0])
    await near.send(near.bob, vote(near.bob, note.uri, 'Oil'))
    expect(countsOf(await pollAt(near.server, note.uri))).toEqual([1, 0, 0, 1])
  })

  it('are answered with the counts, without `updated`, after a while and at the end', async () => {
    const note = await asked({ expires_in: 600 })
    await near.send(near.bob, vote(near.bob, note.uri, 'Ink'))
    const sent = () =>
      near.foreign.activities('Update').filter(({ object }) => Object(object).id === note.uri)
    expect(sent()).toEqual([])
    near.server.clock.advance(181_000)
    await near.server.settle()
    expect(sent()).toMatchObject([
      {
        object: {
          type: 'Question',
          oneOf: [
            { type: 'Note', name: 'Oil', replies: { type: 'Collection', totalItems: 0 } },
            { name: 'Ink', replies: { totalItems: 1 } },
            { name: 'Chalk', replies: { totalItems: 0 } },
          ],
          votersCount: 1,
          endTime: expect.any(String),
        },
      },
    ])
    expect(sent()[0]?.object).not.toHaveProperty('updated')
    expect(sent()[0]?.object).not.toHaveProperty('closed')
    near.server.clock.advance(420_000)
    await near.server.settle()
    expect(sent().at(-1)).toMatchObject({ object: { closed: expect.any(String) } })
    const document = await (
      await fetch(note.uri, { headers: { accept: 'application/activity+json' } })
    ).json()
    expect(document).toMatchObject({ type: 'Question', closed: expect.any(String), votersCount: 1 })
  })
})

describe('a question of another server', () => {
  const option = (name: unknown, totalItems: unknown = 0) => ({
    type: 'Note',
    name,
    replies: { type: 'Collection', totalItems },
  })
  const later = () => new Date(near.server.clock.now().getTime() + 3_600_000).toISOString()
  const context = [
    'https://www.w3.org/ns/activitystreams',
    { votersCount: 'http://joinmastodon.org/ns#votersCount' },
  ]

  function question(name: string, changes: JsonObject = {}) {
    return near.note(near.bob, name, {
      type: 'Question',
      oneOf: [option('Yes', 3), option('No', 4)],
      endTime: later(),
      votersCount: 7,
      ...changes,
    })
  }

  async function receive(note: JsonObject) {
    expect(await near.send(near.bob, { ...near.create(near.bob, note), '@context': context })).toBeLessThan(
      500,
    )
    expect(await near.server.app.db.selectFrom('dead_jobs').select('error').execute()).toEqual([])
    return near.stored(String(note.id))
  }

  const update = (object: JsonObject) => ({ ...activityOf(near.bob, 'Update', object), '@context': context })

  it('is taken with its counts, and voted in by name, to its author alone', async () => {
    const note = question('asks')
    const stored = await receive(note)
    expect(countsOf(await pollAt(near.server, note.id))).toEqual([3, 4, 7])
    await voteInPoll(near.server.app, near.alice.accountId, stored?.id ?? '', [1])
    expect(countsOf(await pollAt(near.server, note.id))).toEqual([3, 5, 8])
    await near.server.settle()
    const [sent] = near.foreign
      .activities('Create')
      .filter(({ object }) => Object(object).inReplyTo === note.id)
    expect(sent).toMatchObject({
      to: [near.bob.uri],
      cc: [],
      object: { type: 'Note', name: 'No', attributedTo: near.alice.account.uri, to: [near.bob.uri] },
    })
    expect(sent?.object).not.toHaveProperty('content')
    expect(sent?.id).toBe(`${Object(sent?.object).id}/activity`)
    expect(Object(sent?.object).id).toMatch(/\/votes\/\d+$/)
  })

  it('has its counts changed by its server, without an edit', async () => {
    const note = question('counts')
    await receive(note)
    await near.send(
      near.bob,
      update({ ...note, oneOf: [option('Yes', 10), option('No', 20)], votersCount: 30 }),
    )
    expect(countsOf(await pollAt(near.server, note.id))).toEqual([10, 20, 30])
    expect(await near.stored(note.id)).toMatchObject({ edited_at: null })
    const versions = await near.server.app.db.selectFrom('note_versions').selectAll().execute()
    expect(versions).toEqual([])
  })

  it('keeps its counts and options when they come from someone else, or without saying so', async () => {
    const note = question('guarded')
    await receive(note)
    const eve = near.foreign.addActor('eve2')
    const forged = { ...note, oneOf: [option('Yes', 1_000), option('No')] }
    await near.send(eve, { ...activityOf(eve, 'Update', forged), '@context': context })
    await near.send(eve, {
      ...activityOf(eve, 'Update', { ...forged, attributedTo: eve.uri }),
      '@context': context,
    })
    await near.send(near.bob, update({ ...note, oneOf: [option('Maybe', 9), option('No', 9)] }))
    expect(await pollAt(near.server, note.id)).toMatchObject({
      options: [
        { title: 'Yes', votes: 3 },
        { title: 'No', votes: 4 },
      ],
    })
  })

  it('loses its votes with other options', async () => {
    const note = question('changed')
    const stored = await receive(note)
    await voteInPoll(near.server.app, near.alice.accountId, stored?.id ?? '', [1])
    await near.send(
      near.bob,
      update({
        ...note,
        oneOf: [option('Up'), option('Down')],
        votersCount: 0,
        updated: near.server.clock.now().toISOString(),
      }),
    )
    expect(await pollAt(near.server, note.id, near.alice.accountId)).toMatchObject({
      own_votes: [],
      options: [
        { title: 'Up', votes: 0 },
        { title: 'Down', votes: 0 },
      ],
    })
  })

  it('is read once more when it ends, and its voters hear of it', async () => {
    const note = question('ends')
    const stored = await receive(note)
    await voteInPoll(near.server.app, near.alice.accountId, stored?.id ?? '', [1])
    await near.server.settle()
    near.foreign.documents.set(new URL(note.id).pathname, {
      '@context': context,
      ...note,
      oneOf: [option('Yes', 100), option('No', 200)],
      votersCount: 300,
      closed: note.endTime,
    })
    near.server.clock.advance(3_700_000)
    await near.server.settle()
    expect(countsOf(await pollAt(near.server, note.id))).toEqual([100, 200, 300])
    const told = (await near.notifications()).filter(({ kind }) => kind === 'poll')
    expect(told).toContainEqual({ kind: 'poll', note_id: stored?.id })
    const { requests } = near.foreign
    expect(requests.filter(({ path }) => path === new URL(note.id).pathname)).toHaveLength(1)
  })

  it.each<[JsonObject, object]>([
    [
      { oneOf: [option('Yes', -5), option('No', 1e300)], votersCount: 'many' },
      { options: [{ votes: 0 }, { votes: 1_000_000_000 }] },
    ],
    [
      { oneOf: [option('Yes', 'three'), option('No', 1.7)], votersCount: -1 },
      { options: [{ votes: 0 }, { votes: 1 }], voters_count: 1 },
    ],
    [
      { oneOf: [option('x'.repeat(1000)), option('No\u0000\ud800')] },
      { options: [{ title: 'x'.repeat(500) }, { title: 'No' }] },
    ],
    [
      { oneOf: [option('Yes', 1), option('Yes', 2), option(''), option(7), 'x', null, {}] },
      { options: [{ title: 'Yes', votes: 1 }] },
    ],
    [
      { oneOf: undefined, anyOf: [option('Yes', 3), option('No', 4)], votersCount: undefined },
      { is_multiple: true, voters_count: 4 },
    ],
    [
      { oneOf: Array.from({ length: 200 }, (_, n) => option(`Option ${n}`)) },
      { options: Array.from({ length: 20 }, (_, n) => ({ title: `Option ${n}`, votes: 0 })) },
    ],
    [{ endTime: undefined }, { ends_at: null, closed_at: null }],
    [{ endTime: '2099-01-01T00:00:00Z' }, { ends_at: null, closed_at: null }],
    [{ endTime: '2001-01-01T00:00:00Z' }, { closed_at: new Date('2001-01-01T00:00:00Z') }],
    [{ endTime: '1816-01-01T00:00:00Z' }, { ends_at: null }],
    [{ closed: true }, { closed_at: expect.any(Date) }],
    [{ closed: '2024-01-01T00:00:00Z', endTime: undefined }, { closed_at: new Date('2024-01-01T00:00:00Z') }],
    [{ closed: false }, { closed_at: null }],
  ])('that is odd is drawn into shape, case %#', async (changes, expected) => {
    const note = question(crypto.randomUUID(), changes)
    expect(await receive(note)).toBeDefined()
    expect(await pollAt(near.server, note.id)).toMatchObject(expected)
  })

  it.each<JsonObject>([
    { oneOf: undefined },
    { oneOf: 'Yes' },
    { oneOf: 7 },
    { oneOf: [] },
    { oneOf: [{}, null] },
  ])('that asks nothing is a note: %j', async (changes) => {
    const note = question(crypto.randomUUID(), changes)
    expect(await receive(note)).toMatchObject({ content_html: '<p>Hello</p>' })
    await expect(pollAt(near.server, note.id)).rejects.toThrow()
  })
})
