import { beforeAll, describe, expect, it } from 'vitest'
import type { ForeignActor, JsonObject } from '#tests/support/foreign-server.ts'
import { activityStreams, everyone, useNeighbours } from './inbox/setup.ts'

// What other servers send, in the shapes their own serializers give it, and what becomes of it here. The words and the
// addresses are ours; what is peculiar to one peer stands under its name.

const near = useNeighbours()

/** An account of its own for each peer, so that none is in another's way. */
function actorOf(name: string, changes: JsonObject = {}): ForeignActor {
  const actor = near.foreign.addActor(name)
  Object.assign(actor.document, changes)
  return actor
}

async function accepted(actor: ForeignActor, activity: JsonObject): Promise<void> {
  expect(await near.send(actor, activity)).toBe(202)
}

const stored = async (uri: string) => {
  const note = await near.stored(uri)
  if (!note) throw new Error(`${uri} is not here`)
  return note
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
/** Without fractions, as Ruby, Go and PHP write it. */
const seconds = (date: Date) => date.toISOString().replace(/\.\d+Z$/, 'Z')

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
