import { beforeAll, describe, expect, it } from 'vitest'
import { isBlocking } from '#src/db/blocks.ts'
import { findFollow } from '#src/db/follows.ts'
import { followAccount } from '#src/relationships/follow.ts'
import type { ForeignActor, JsonObject } from '#tests/support/foreign-server.ts'
import { effectsOn, minutesAgo, seconds } from './inbox/effects.ts'
import { activityStreams, everyone, useNeighbours } from './inbox/setup.ts'

// As peers.test.ts, for the servers that write least like Mastodon.

const near = useNeighbours()
const { accepted, stored, pollOf, reactionsOf, reportsBy } = effectsOn(near)

describe('Akkoma and Pleroma', () => {
  let koma: ForeignActor
  beforeAll(() => {
    koma = near.foreign.addActor('koma')
  })
  const context = () => [
    activityStreams,
    `${near.foreign.url}/schemas/litepub-0.1.jsonld`,
    { '@language': 'und' },
  ]
  const conversation = () => `${near.foreign.url}/contexts/5f1d`
  /** To and cc as the object's, and a context and a conversation of the same name. */
  const say = (type: string, object: unknown, changes: JsonObject = {}) => ({
    '@context': context(),
    id: `${near.foreign.url}/activities/${crypto.randomUUID()}`,
    type,
    actor: koma.uri,
    object,
    context: conversation(),
    published: minutesAgo(1).toISOString().replace('Z', '123Z'),
    to: [near.alice.account.uri, everyone],
    cc: [`${koma.uri}/followers`],
    bto: [],
    bcc: [],
    ...changes,
  })
  const note = (name: string, changes: JsonObject = {}) => ({
    actor: koma.uri,
    attachment: [],
    attributedTo: koma.uri,
    bcc: [],
    bto: [],
    cc: [`${koma.uri}/followers`],
    content: 'Hello <a href="https://example.com">there</a>',
    contentMap: { en: 'Hello <a href="https://example.com">there</a>' },
    context: conversation(),
    conversation: conversation(),
    id: `${near.foreign.url}/objects/${name}`,
    published: minutesAgo(2).toISOString().replace('Z', '123Z'),
    sensitive: null,
    source: { content: 'Hello there', mediaType: 'text/plain' },
    summary: '',
    tag: [{ href: near.alice.account.uri, name: `@${near.alice.handle}`, type: 'Mention' }],
    to: [near.alice.account.uri, everyone],
    type: 'Note',
    ...changes,
  })

  it('writes, edits with what it was before, and deletes by an address', async () => {
    const url = (path: string, mediaType: string) => ({
      href: `${near.foreign.url}/media/${path}`,
      mediaType,
      type: 'Link',
      width: 640,
      height: 480,
    })
    const attachment = {
      blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
      mediaType: 'image/jpeg',
      name: 'A boat',
      type: 'Document',
      url: [url('boat.jpg', 'image/jpeg')],
    }
    const first = note('1', { attachment: [attachment] })
    await accepted(koma, say('Create', first))
    const { id } = await stored(first.id)
    expect(await stored(first.id)).toMatchObject({
      visibility: 'public',
      language: 'en',
      is_sensitive: false,
    })
    expect(
      await near.server.app.db.selectFrom('media').selectAll().where('note_id', '=', id).execute(),
    ).toMatchObject([
      { remote_url: `${near.foreign.url}/media/boat.jpg`, description: 'A boat', media_type: 'image/jpeg' },
    ])
    const updated = minutesAgo(0).toISOString()
    const history = { orderedItems: [first], totalItems: 1, type: 'OrderedCollection' }
    const edited = { ...first, content: 'Hello again', contentMap: { en: 'Hello again' }, updated }
    await accepted(koma, say('Update', { ...edited, formerRepresentations: history }))
    expect(await stored(first.id)).toMatchObject({ content_html: 'Hello again', edited_at: expect.any(Date) })
    await accepted(koma, say('Delete', first.id, { deleted_activity_id: `${near.foreign.url}/activities/1` }))
    expect(await stored(first.id)).toMatchObject({ deleted_at: expect.any(Date) })
  })

  it('quotes by an address alone', async () => {
    const first = note('q1')
    await accepted(koma, say('Create', first))
    const quoting = note('q2', { quoteUri: first.id, content: 'so it is' })
    await accepted(koma, say('Create', quoting))
    expect(await stored(quoting.id)).toMatchObject({ quote_of_uri: first.id, quote_state: 'accepted' })
  })

  it('reacts, likes, and takes back by the address of what it did', async () => {
    const mine = await near.post('React')
    const reaction = say('EmojiReact', mine.uri, { content: '🦊', to: [near.alice.account.uri] })
    const like = say('Like', mine.uri)
    for (const activity of [reaction, like]) await accepted(koma, activity)
    expect(await reactionsOf(mine.id)).toEqual(['🦊'])
    expect(await near.stored(mine.uri)).toMatchObject({ likes_count: 1 })
    for (const { id } of [reaction, like]) await accepted(koma, say('Undo', id))
    expect(await reactionsOf(mine.id)).toEqual([])
    expect(await near.stored(mine.uri)).toMatchObject({ likes_count: 0 })
  })

  it('asks with an end and an empty list of the other kind, and votes with empty words', async () => {
    const option = (name: string) => ({
      name,
      replies: { totalItems: 0, type: 'Collection' },
      type: 'Note',
    })
    const question = note('poll', {
      type: 'Question',
      anyOf: [],
      oneOf: [option('Oil'), option('Ink')],
      closed: minutesAgo(-60).toISOString(),
      endTime: minutesAgo(-60).toISOString(),
      votersCount: 0,
    })
    await accepted(koma, say('Create', question))
    const { id } = await stored(question.id)
    expect(await pollOf(id)).toMatchObject({ is_multiple: false, closed_at: null, options: [{}, {}] })
    const mine = await near.post('With what?', { poll: { options: ['Oil', 'Ink'], expires_in: 3_600 } })
    const answer = {
      actor: koma.uri,
      attributedTo: koma.uri,
      cc: [],
      context: conversation(),
      id: `${near.foreign.url}/objects/answer`,
      inReplyTo: mine.uri,
      name: 'Oil',
      to: [near.alice.account.uri],
      type: 'Note',
    }
    await accepted(koma, say('Create', answer, { to: answer.to, cc: [] }))
    expect(await pollOf(mine.id)).toMatchObject({ voters_count: 1, options: [{ votes: 1 }, { votes: 0 }] })
  })

  it('reports posts whole, and blocks', async () => {
    const mine = await near.post('Reported')
    const reported = { id: mine.uri, type: 'Note', content: '…', actor: { id: near.alice.account.uri } }
    await accepted(koma, say('Flag', [near.alice.account.uri, reported], { content: 'Rude', state: 'open' }))
    expect(await reportsBy(koma)).toMatchObject([{ comment: 'Rude', note_ids: [mine.id] }])
    const block = say('Block', near.alice.account.uri, { to: [near.alice.account.uri], cc: [] })
    await accepted(koma, block)
    const account = await near.account(koma)
    const blocked = () => isBlocking(near.server.app.db, account?.id ?? '0', near.alice.accountId)
    expect(await blocked()).toBe(true)
    await accepted(koma, say('Undo', block.id))
    expect(await blocked()).toBe(false)
  })
})

describe('GoToSocial', () => {
  let sloth: ForeignActor
  beforeAll(() => {
    sloth = near.foreign.addActor('sloth')
  })
  const context = [
    'https://gotosocial.org/ns',
    activityStreams,
    {
      blurhash: 'toot:blurhash',
      focalPoint: { '@container': '@list', '@id': 'toot:focalPoint' },
      sensitive: 'as:sensitive',
      toot: 'http://joinmastodon.org/ns#',
    },
  ]
  /** One of a kind is never in a list. */
  const note = (name: string, changes: JsonObject = {}) => ({
    attachment: [],
    attributedTo: sloth.uri,
    cc: [`${sloth.uri}/followers`, near.alice.account.uri],
    content: '<p>hi</p>',
    contentMap: { en: '<p>hi</p>' },
    id: `${sloth.uri}/statuses/${name}`,
    interactionPolicy: {
      canLike: {
        always: [everyone],
        approvalRequired: [],
        automaticApproval: [everyone],
        manualApproval: [],
      },
    },
    published: seconds(minutesAgo(4)),
    replies: {
      first: {
        id: `${sloth.uri}/statuses/${name}/replies?page=true`,
        next: `${sloth.uri}/statuses/${name}/replies?page=true&only_other_accounts=false`,
        partOf: `${sloth.uri}/statuses/${name}/replies`,
        type: 'CollectionPage',
      },
      id: `${sloth.uri}/statuses/${name}/replies`,
      type: 'Collection',
    },
    sensitive: false,
    summary: '',
    tag: { href: near.alice.account.uri, name: `@${near.alice.handle}`, type: 'Mention' },
    to: everyone,
    type: 'Note',
    url: `${near.foreign.url}/@sloth/statuses/${name}`,
    ...changes,
  })
  const say = (type: string, object: unknown, changes: JsonObject = {}) => ({
    '@context': context,
    actor: sloth.uri,
    id: `${sloth.uri}/${type}/${crypto.randomUUID()}`,
    object,
    to: near.alice.account.uri,
    type,
    ...changes,
  })

  it('writes single things without lists, edits, and deletes by an address', async () => {
    const attachment = {
      blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
      focalPoint: [-0.5, 0.5],
      mediaType: 'image/jpeg',
      summary: 'A sloth',
      type: 'Image',
      url: `${near.foreign.url}/sloth.jpeg`,
    }
    const first = note('1', { attachment })
    await accepted(sloth, say('Create', first, { to: everyone, cc: first.cc }))
    const { id } = await stored(first.id)
    expect(await stored(first.id)).toMatchObject({ visibility: 'public', language: 'en', url: first.url })
    expect(
      await near.server.app.db.selectFrom('media').selectAll().where('note_id', '=', id).execute(),
    ).toMatchObject([{ description: 'A sloth', focus_x: -0.5, focus_y: 0.5 }])
    const edited = { ...first, content: '<p>hey</p>', contentMap: { en: '<p>hey</p>' } }
    await accepted(sloth, say('Update', { ...edited, updated: seconds(minutesAgo(0)) }, { to: everyone }))
    expect(await stored(first.id)).toMatchObject({ content_html: '<p>hey</p>' })
    await accepted(sloth, say('Delete', first.id, { to: everyone }))
    expect(await stored(first.id)).toMatchObject({ deleted_at: expect.any(Date) })
  })

  it('votes once for each choice, under ids that hold the poll’s', async () => {
    const poll = { options: ['Oil', 'Ink'], expires_in: 3_600, multiple: true }
    const mine = await near.post('With what?', { poll })
    for (const [index, name] of ['Oil', 'Ink'].entries()) {
      const vote = {
        attributedTo: sloth.uri,
        id: `${sloth.uri}#01HEN2R65468ZG657C4ZPHJ4EX/votes/${index}`,
        inReplyTo: mine.uri,
        name,
        to: near.alice.account.uri,
        type: 'Note',
      }
      const id = `${sloth.uri}/activity#vote${index}/${mine.uri}`
      await accepted(
        sloth,
        say('Create', vote, { '@context': activityStreams, id, published: seconds(minutesAgo(1)) }),
      )
    }
    expect(await pollOf(mine.id)).toMatchObject({ voters_count: 1, options: [{ votes: 1 }, { votes: 1 }] })
  })

  it('accepts a follow, approves a like, and ends the follow by a block', async () => {
    const { app } = near.server
    const id = await app.lookup.account(sloth.uri)
    if (id === undefined) throw new Error('Nobody was found')
    await followAccount(app, near.alice.accountId, id)
    await near.server.settle()
    const [follow] = near.foreign.activities('Follow').filter(({ object }) => object === sloth.uri)
    await accepted(sloth, say('Accept', { ...follow, '@context': undefined }))
    const state = async () => (await findFollow(app.db, near.alice.accountId, id))?.state
    expect(await state()).toBe('accepted')
    // What Mastodon and we need no leave for: it must not be taken for an answer to anything else.
    const approval = { object: `${near.alice.account.uri}/likes/1`, target: `${sloth.uri}/statuses/2` }
    await accepted(sloth, say('Accept', approval.object, { target: approval.target }))
    expect(await state()).toBe('accepted')
    await accepted(sloth, say('Block', near.alice.account.uri))
    expect(await state()).toBeUndefined()
  })

  it('says goodbye by its own address', async () => {
    const gone = near.foreign.addActor('gone')
    const hello = {
      ...note('bye'),
      id: `${gone.uri}/statuses/1`,
      attributedTo: gone.uri,
      url: `${gone.uri}/1`,
    }
    await accepted(gone, { ...say('Create', hello), id: `${hello.id}#create`, actor: gone.uri })
    await accepted(gone, {
      ...say('Delete', gone.uri),
      id: `${gone.uri}#delete`,
      actor: gone.uri,
      to: everyone,
    })
    expect(await near.account(gone)).toMatchObject({ deleted_at: expect.any(Date) })
    expect(await stored(hello.id)).toMatchObject({ deleted_at: expect.any(Date) })
  })
})
