import { beforeAll, describe, expect, it } from 'vitest'
import { listFeaturedTags } from '#src/db/featured-tags.ts'
import { listPinnedNoteIds } from '#src/db/pins.ts'
import type { ForeignActor, JsonObject } from '#tests/support/foreign-server.ts'
import { effectsOn, minutesAgo, seconds } from './inbox/effects.ts'
import { activityStreams, everyone, useNeighbours } from './inbox/setup.ts'

// What other servers send, in the shapes their own serializers give it, and what becomes of it here. The words and the
// addresses are ours; what is peculiar to one peer stands under its name.

const near = useNeighbours()
const { accepted, stored, pollOf, reactionsOf, reportsBy } = effectsOn(near)

/** An account of its own for each peer, so that none is in another's way. */
function actorOf(name: string, changes: JsonObject = {}): ForeignActor {
  const actor = near.foreign.addActor(name)
  Object.assign(actor.document, changes)
  return actor
}

describe('Mastodon', () => {
  let tusk: ForeignActor
  let quoted: ForeignActor
  beforeAll(() => {
    tusk = actorOf('tusk')
    quoted = actorOf('quoted')
  })

  /** As in 4.4 and 4.5 at first: some terms have no type and one is missing, so that ids read as plain text. */
  const context = [
    activityStreams,
    {
      ostatus: 'http://ostatus.org#',
      atomUri: 'ostatus:atomUri',
      inReplyToAtomUri: 'ostatus:inReplyToAtomUri',
      conversation: 'ostatus:conversation',
      sensitive: 'as:sensitive',
      toot: 'http://joinmastodon.org/ns#',
      votersCount: 'toot:votersCount',
      quote: 'https://w3id.org/fep/044f#quote',
      quoteUri: 'http://fedibird.com/ns#quoteUri',
      _misskey_quote: 'https://misskey-hub.net/ns#_misskey_quote',
      quoteAuthorization: { '@id': 'https://w3id.org/fep/044f#quoteAuthorization', '@type': '@id' },
      gts: 'https://gotosocial.org/ns#',
      interactionPolicy: { '@id': 'gts:interactionPolicy', '@type': '@id' },
      canQuote: { '@id': 'gts:canQuote', '@type': '@id' },
      automaticApproval: { '@id': 'gts:automaticApproval', '@type': '@id' },
    },
  ]
  const authorizationContext = [
    activityStreams,
    {
      gts: 'https://gotosocial.org/ns#',
      quoteAuthorization: { '@id': 'https://w3id.org/fep/044f#quoteAuthorization', '@type': '@id' },
      interactingObject: { '@id': 'gts:interactingObject' },
      interactionTarget: { '@id': 'gts:interactionTarget' },
    },
  ]

  const toot = (actor: ForeignActor, name: string, changes: JsonObject = {}) => ({
    id: `${actor.uri}/statuses/${name}`,
    type: 'Note',
    summary: null,
    inReplyTo: null,
    published: seconds(minutesAgo(5)),
    url: `${near.foreign.url}/@${actor.name}/${name}`,
    attributedTo: actor.uri,
    to: [everyone],
    cc: [`${actor.uri}/followers`, near.alice.account.uri],
    sensitive: false,
    atomUri: `${actor.uri}/statuses/${name}`,
    inReplyToAtomUri: null,
    content: '<p>Good morning</p>',
    contentMap: { en: '<p>Good morning</p>' },
    attachment: [],
    tag: [{ type: 'Mention', href: near.alice.account.uri, name: `@${near.alice.handle}` }],
    interactionPolicy: { canQuote: { automaticApproval: [everyone] } },
    ...changes,
  })
  const show = (document: JsonObject) =>
    near.foreign.documents.set(new URL(String(document.id)).pathname, document)
  const create = (actor: ForeignActor, object: JsonObject): JsonObject => ({
    '@context': context,
    id: `${object.id}/activity`,
    type: 'Create',
    actor: actor.uri,
    published: object.published,
    to: object.to,
    cc: object.cc,
    object,
  })

  it('quotes with a proof whose context says too little of it', async () => {
    const original = toot(quoted, '1')
    show({ '@context': context, ...original })
    const proof = `${quoted.uri}/quote_authorizations/1`
    const quoting = toot(tusk, '1', {
      quote: original.id,
      _misskey_quote: original.id,
      quoteUri: original.id,
      quoteAuthorization: proof,
    })
    show({
      '@context': authorizationContext,
      id: proof,
      type: 'QuoteAuthorization',
      attributedTo: quoted.uri,
      interactingObject: quoting.id,
      interactionTarget: original.id,
    })
    await accepted(tusk, create(tusk, quoting))
    expect(await stored(quoting.id)).toMatchObject({
      quote_of_uri: original.id,
      quote_state: 'accepted',
      quote_authorization_uri: proof,
    })
  })

  it('quotes with a proof of another note, which is none', async () => {
    const original = toot(quoted, '2')
    show({ '@context': context, ...original })
    const proof = `${quoted.uri}/quote_authorizations/2`
    const quoting = toot(tusk, '2', { quote: original.id, quoteAuthorization: proof })
    show({
      '@context': authorizationContext,
      id: proof,
      type: 'QuoteAuthorization',
      attributedTo: quoted.uri,
      interactingObject: `${quoting.id}0`,
      interactionTarget: original.id,
    })
    await accepted(tusk, create(tusk, quoting))
    expect(await stored(quoting.id)).toMatchObject({ quote_of_uri: original.id, quote_state: 'pending' })
  })

  it('asks to quote with the whole note, and takes the quote out when the quoted note is gone', async () => {
    const mine = await near.post('Quote me')
    const quoting = toot(tusk, '3', { quote: mine.uri, quoteUri: mine.uri, _misskey_quote: mine.uri })
    const terms = { QuoteRequest: 'https://w3id.org/fep/044f#QuoteRequest' }
    await accepted(tusk, {
      '@context': [...context, terms],
      id: `${tusk.uri}/quote_requests/8f2c`,
      type: 'QuoteRequest',
      actor: tusk.uri,
      object: mine.uri,
      instrument: quoting,
    })
    expect(await stored(quoting.id)).toMatchObject({ quote_of_id: mine.id, quote_state: 'accepted' })
    await accepted(tusk, {
      ...create(tusk, {
        ...quoting,
        quote: { type: 'Tombstone' },
        quoteUri: undefined,
        _misskey_quote: undefined,
      }),
      id: `${quoting.id}#updates/1`,
      type: 'Update',
    })
    expect(await stored(quoting.id)).toMatchObject({ quote_of_uri: null })
  })

  it('pins without an id, and features hashtags in the collection of pins', async () => {
    const featured = `${tusk.uri}/collections/featured`
    const terms = { featured: { '@id': 'http://joinmastodon.org/ns#featured', '@type': '@id' } }
    const profile = { ...tusk.document, '@context': [tusk.document['@context'], terms].flat(), featured }
    Object.assign(tusk.document, profile)
    const note = toot(tusk, 'pinned')
    await accepted(tusk, create(tusk, note))
    const { '@context': _context, ...object } = profile
    await accepted(tusk, {
      '@context': profile['@context'],
      id: `${tusk.uri}#updates/1`,
      type: 'Update',
      actor: tusk.uri,
      to: [everyone],
      object,
    })
    const add = { '@context': [activityStreams, { Hashtag: 'as:Hashtag' }], type: 'Add', actor: tusk.uri }
    await accepted(tusk, { ...add, target: featured, object: note.id })
    const tag = { type: 'Hashtag', href: `${near.foreign.url}/@tusk/tagged/sea`, name: '#sea' }
    await accepted(tusk, { ...add, target: featured, object: tag })
    const { db } = near.server.app
    const { account_id } = await stored(note.id)
    expect(await listPinnedNoteIds(db, account_id, null)).toHaveLength(1)
    expect(await listFeaturedTags(db, account_id)).toMatchObject([{ name: 'sea' }])
    await accepted(tusk, { ...add, type: 'Remove', target: featured, object: note.id })
    expect(await listPinnedNoteIds(db, account_id, null)).toEqual([])
  })

  it('votes with a note that has neither words nor cc, and learns the counts', async () => {
    const mine = await near.post('With what?', { poll: { options: ['Oil', 'Ink'], expires_in: 3_600 } })
    await accepted(tusk, {
      '@context': activityStreams,
      id: `${tusk.uri}#votes/5/activity`,
      type: 'Create',
      actor: tusk.uri,
      to: near.alice.account.uri,
      object: {
        id: `${tusk.uri}#votes/5`,
        type: 'Note',
        name: 'Ink',
        attributedTo: tusk.uri,
        inReplyTo: mine.uri,
        to: near.alice.account.uri,
      },
    })
    expect(await pollOf(mine.id)).toMatchObject({ voters_count: 1, options: [{ votes: 0 }, { votes: 1 }] })
  })

  it('edits with a time, tells new counts without one, and deletes with a Tombstone', async () => {
    const option = (name: string, totalItems: number) => ({
      type: 'Note',
      name,
      replies: { type: 'Collection', totalItems },
    })
    const question = toot(tusk, 'asked', {
      type: 'Question',
      endTime: seconds(minutesAgo(-60)),
      votersCount: 1,
      oneOf: [option('Oil', 1), option('Ink', 0)],
    })
    await accepted(tusk, create(tusk, question))
    const update = (object: JsonObject, version: string) => ({
      ...create(tusk, object),
      id: `${question.id}#updates/${version}`,
      type: 'Update',
    })
    const counted = { ...question, votersCount: 3, oneOf: [option('Oil', 1), option('Ink', 2)] }
    await accepted(tusk, update(counted, '1'))
    const { id } = await stored(question.id)
    expect(await pollOf(id)).toMatchObject({ voters_count: 3, options: [{ votes: 1 }, { votes: 2 }] })
    expect(await stored(question.id)).toMatchObject({ edited_at: null })
    await accepted(
      tusk,
      update({ ...counted, content: '<p>Evening</p>', updated: seconds(minutesAgo(0)) }, '2'),
    )
    expect(await stored(question.id)).toMatchObject({
      content_html: '<p>Evening</p>',
      edited_at: expect.any(Date),
    })
    await accepted(tusk, {
      '@context': [activityStreams, { ostatus: 'http://ostatus.org#', atomUri: 'ostatus:atomUri' }],
      id: `${question.id}#delete`,
      type: 'Delete',
      actor: tusk.uri,
      to: [everyone],
      object: { id: question.id, type: 'Tombstone', atomUri: question.id },
    })
    expect(await stored(question.id)).toMatchObject({ deleted_at: expect.any(Date) })
  })

  it('reports in the name of its server, the account before its posts', async () => {
    const mine = await near.post('Reported')
    const server = actorOf('mastodon.instance', { type: 'Application' })
    await accepted(server, {
      '@context': activityStreams,
      id: `${near.foreign.url}/reports/1`,
      type: 'Flag',
      actor: server.uri,
      content: 'Not nice',
      object: [near.alice.account.uri, mine.uri],
    })
    expect(await reportsBy(server)).toMatchObject([{ comment: 'Not nice', note_ids: [mine.id] }])
  })
})

describe('Misskey', () => {
  let miss: ForeignActor
  beforeAll(() => {
    miss = actorOf('miss')
  })
  const context = [
    activityStreams,
    'https://w3id.org/security/v1',
    {
      Key: 'sec:Key',
      manuallyApprovesFollowers: 'as:manuallyApprovesFollowers',
      sensitive: 'as:sensitive',
      Hashtag: 'as:Hashtag',
      quoteUrl: 'as:quoteUrl',
      toot: 'http://joinmastodon.org/ns#',
      Emoji: 'toot:Emoji',
      misskey: 'https://misskey-hub.net/ns#',
      _misskey_content: 'misskey:_misskey_content',
      _misskey_quote: 'misskey:_misskey_quote',
      _misskey_reaction: 'misskey:_misskey_reaction',
      _misskey_votes: 'misskey:_misskey_votes',
      isCat: 'misskey:isCat',
    },
  ]
  const note = (name: string, changes: JsonObject = {}) => ({
    id: `${near.foreign.url}/notes/${name}`,
    type: 'Note',
    attributedTo: miss.uri,
    content: `<p><span>nya</span></p>`,
    _misskey_content: 'nya',
    source: { content: 'nya', mediaType: 'text/x.misskeymarkdown' },
    published: minutesAgo(3).toISOString(),
    to: [everyone],
    cc: [`${miss.uri}/followers`, near.alice.account.uri],
    inReplyTo: null,
    attachment: [],
    sensitive: false,
    tag: [{ type: 'Mention', href: near.alice.account.uri, name: `@${near.alice.handle}` }],
    ...changes,
  })
  const say = (type: string, object: unknown, changes: JsonObject = {}) => ({
    '@context': context,
    id: `${near.foreign.url}/${crypto.randomUUID()}`,
    type,
    actor: miss.uri,
    object,
    ...changes,
  })

  it('pins to a collection that its context takes for text, and says nowhere what “moved to” is', async () => {
    const featured = `${miss.uri}/collections/featured`
    const terms = [...context, { toot: 'http://joinmastodon.org/ns#', featured: 'toot:featured' }]
    const movedTo = `${near.foreign.url}/users/elsewhere`
    const moving = { ...miss.document, '@context': terms, featured, movedTo, isCat: true }
    Object.assign(miss.document, moving)
    const first = note('p1')
    await accepted(miss, say('Create', first))
    const { '@context': _context, ...object } = moving
    await accepted(miss, say('Update', object, { '@context': terms }))
    expect(await near.account(miss)).toMatchObject({ featured_uri: featured, moved_to_uri: movedTo })
    await accepted(miss, say('Add', first.id, { target: featured }))
    const { account_id } = await stored(first.id)
    expect(await listPinnedNoteIds(near.server.app.db, account_id, null)).toHaveLength(1)
    const staying = { ...object, movedTo: undefined }
    Object.assign(miss.document, { movedTo: undefined })
    await accepted(miss, say('Update', staying, { '@context': terms }))
    expect(await near.account(miss)).toMatchObject({ moved_to_uri: null })
  })

  it('answers its own with the whole of what is answered', async () => {
    const first = note('a1')
    await accepted(miss, say('Create', first))
    const second = note('a2', { inReplyTo: { ...first, inReplyTo: null } })
    await accepted(miss, say('Create', second))
    expect(await stored(second.id)).toMatchObject({ in_reply_to_uri: first.id })
    const row = await stored(first.id)
    expect(await stored(second.id)).toMatchObject({ in_reply_to_id: row.id })
  })

  it('quotes by its own properties and a last line', async () => {
    const first = note('q1')
    await accepted(miss, say('Create', first))
    const quoting = note('q2', {
      _misskey_quote: first.id,
      quoteUrl: first.id,
      content: `<p><span>this<br><br>RE: </span><a href="${first.id}">${first.id}</a></p>`,
    })
    await accepted(miss, say('Create', quoting))
    expect(await stored(quoting.id)).toMatchObject({ quote_of_uri: first.id, quote_state: 'accepted' })
  })

  it('asks with `closed` for what is over, and counts in its options', async () => {
    const choice = (name: string, votes: number) => ({
      type: 'Note',
      name,
      _misskey_votes: votes,
      replies: { type: 'Collection', totalItems: votes },
    })
    const question = note('poll', {
      type: 'Question',
      endTime: null,
      anyOf: [choice('cat', 0), choice('fox', 0)],
    })
    await accepted(miss, say('Create', question))
    const over = {
      ...question,
      endTime: undefined,
      closed: minutesAgo(1).toISOString(),
      anyOf: [choice('cat', 4), choice('fox', 2)],
    }
    await accepted(miss, say('Update', over))
    const { id } = await stored(question.id)
    expect(await pollOf(id)).toMatchObject({
      is_multiple: true,
      options: [{ votes: 4 }, { votes: 2 }],
      closed_at: expect.any(Date),
    })
  })

  it('reacts with a Like and takes it back', async () => {
    const mine = await near.post('React')
    const like = say('Like', mine.uri, { content: '🐱', _misskey_reaction: '🐱' })
    await accepted(miss, like)
    expect(await reactionsOf(mine.id)).toEqual(['🐱'])
    expect(await near.stored(mine.uri)).toMatchObject({ likes_count: 0 })
    await accepted(miss, say('Undo', like, { id: `${like.id}/undo` }))
    expect(await reactionsOf(mine.id)).toEqual([])
  })

  it('renotes, deletes, and reports an account by its address alone', async () => {
    const mine = await near.post('Renote')
    const renote = say('Announce', mine.uri, {
      id: `${near.foreign.url}/notes/r1/activity`,
      published: minutesAgo(1).toISOString(),
      to: [everyone],
      cc: [`${miss.uri}/followers`],
    })
    await accepted(miss, renote)
    expect(await near.stored(mine.uri)).toMatchObject({ boosts_count: 1 })
    await accepted(miss, say('Undo', renote, { id: `${renote.id}/undo` }))
    expect(await near.stored(mine.uri)).toMatchObject({ boosts_count: 0 })
    const gone = note('gone')
    await accepted(miss, say('Create', gone))
    await accepted(miss, say('Delete', { id: gone.id, type: 'Tombstone' }))
    expect(await stored(gone.id)).toMatchObject({ deleted_at: expect.any(Date) })
    await accepted(miss, say('Flag', near.alice.account.uri, { content: 'spam' }))
    expect(await reportsBy(miss)).toMatchObject([{ comment: 'spam', note_ids: [] }])
  })
})

describe('Pixelfed', () => {
  // It keeps a note of another server under the address of its page, and names it so in all it says of it.
  let pix: ForeignActor
  const context = [
    'https://w3id.org/security/v1',
    activityStreams,
    {
      Hashtag: 'as:Hashtag',
      sensitive: 'as:sensitive',
      schema: 'http://schema.org/',
      pixelfed: 'http://pixelfed.org/ns#',
      commentsEnabled: { '@id': 'pixelfed:commentsEnabled', '@type': 'schema:Boolean' },
      capabilities: { '@id': 'pixelfed:capabilities', '@container': '@set' },
      like: { '@id': 'pixelfed:canLike', '@type': '@id' },
      reply: { '@id': 'pixelfed:canReply', '@type': '@id' },
      toot: 'http://joinmastodon.org/ns#',
      blurhash: 'toot:blurhash',
    },
  ]
  beforeAll(() => {
    pix = actorOf('pix')
  })

  const comment = (name: string, inReplyTo: string | null) => ({
    id: `${near.foreign.url}/p/pix/${name}`,
    type: 'Note',
    summary: null,
    content: 'What a sea',
    inReplyTo,
    published: `${minutesAgo(2).toISOString().slice(0, 19)}+00:00`,
    url: `${near.foreign.url}/p/pix/${name}`,
    attributedTo: pix.uri,
    to: [everyone],
    cc: [`${pix.uri}/followers`, near.alice.account.uri],
    sensitive: false,
    attachment: [],
    tag: [{ type: 'Mention', href: near.alice.account.uri, name: `@${near.alice.handle}` }],
    commentsEnabled: true,
    capabilities: { announce: everyone, like: everyone, reply: '[]' },
    location: null,
  })

  it('comments on the address of a page', async () => {
    const mine = await near.post('The sea')
    const object = comment('1', mine.url)
    await accepted(pix, {
      '@context': context,
      id: `${object.id}/activity`,
      type: 'Create',
      actor: pix.uri,
      published: object.published,
      to: object.to,
      cc: object.cc,
      object,
    })
    expect(await stored(object.id)).toMatchObject({
      in_reply_to_id: mine.id,
      in_reply_to_uri: mine.uri,
      conversation_uri: mine.conversation_uri,
    })
    expect(await near.stored(mine.uri)).toMatchObject({ replies_count: 1 })
  })

  it('likes it, boosts it, and takes both back', async () => {
    const mine = await near.post('The sea again')
    const act = (type: string, id: string) => ({
      '@context': activityStreams,
      id: `${pix.uri}#${id}`,
      type,
      actor: pix.uri,
      object: mine.url,
    })
    const undo = (activity: JsonObject) => ({
      '@context': activityStreams,
      id: `${activity.id}/undo`,
      type: 'Undo',
      actor: pix.uri,
      object: activity,
    })
    const like = act('Like', 'likes/7')
    const share = {
      ...act('Announce', 'p/9/activity'),
      to: [everyone],
      cc: [pix.uri, `${pix.uri}/followers`],
      published: seconds(minutesAgo(1)),
    }
    await accepted(pix, like)
    await accepted(pix, share)
    expect(await near.stored(mine.uri)).toMatchObject({ likes_count: 1, boosts_count: 1 })
    // Under ids that are new here, as after its databases were merged.
    await accepted(pix, undo({ ...like, id: `${pix.uri}#likes/8` }))
    await accepted(pix, undo({ ...share, id: `${pix.uri}#p/10/activity` }))
    expect(await near.stored(mine.uri)).toMatchObject({ likes_count: 0, boosts_count: 0 })
  })
})
