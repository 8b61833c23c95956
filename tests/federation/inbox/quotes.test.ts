import { describe, expect, it } from 'vitest'
import { findNoteRowByUri } from '#src/db/notes.ts'
import type { ForeignActor, JsonObject } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { activityOf, activityStreams, useNeighbours } from './setup.ts'

const near = useNeighbours()
const { send, create, stored } = near

const fep = (term: string) => `https://w3id.org/fep/044f#${term}`
const gts = (term: string) => `https://gotosocial.org/ns#${term}`
const context = [
  activityStreams,
  {
    QuoteRequest: fep('QuoteRequest'),
    QuoteAuthorization: fep('QuoteAuthorization'),
    quote: { '@id': fep('quote'), '@type': '@id' },
    quoteAuthorization: { '@id': fep('quoteAuthorization'), '@type': '@id' },
    interactingObject: { '@id': gts('interactingObject'), '@type': '@id' },
    interactionTarget: { '@id': gts('interactionTarget'), '@type': '@id' },
    quoteUri: 'http://fedibird.com/ns#quoteUri',
    quoteUrl: 'as:quoteUrl',
    _misskey_quote: 'https://misskey-hub.net/ns#_misskey_quote',
    interactionPolicy: { '@id': gts('interactionPolicy'), '@type': '@id' },
    canQuote: { '@id': gts('canQuote'), '@type': '@id' },
    automaticApproval: { '@id': gts('automaticApproval'), '@type': '@id' },
  },
]

function quoteNote(actor: ForeignActor, changes: JsonObject) {
  return near.note(actor, crypto.randomUUID(), changes)
}

/** As Mastodon asks: the quoting note goes along. */
function quoteRequest(actor: ForeignActor, object: string, instrument: unknown) {
  return { ...activityOf(actor, 'QuoteRequest', object), '@context': context, instrument }
}

async function createOf(actor: ForeignActor, note: JsonObject) {
  await send(actor, { ...create(actor, note), '@context': context })
}

function answersTo(actor: ForeignActor, instrument: string) {
  return ['Accept', 'Reject'].flatMap((type) =>
    near.foreign.received
      .filter(({ path, activity }) => path === new URL(actor.inbox).pathname && activity.type === type)
      .map(({ activity }) => activity)
      .filter(({ object }) => isObject(object) && object.instrument === instrument),
  )
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null

describe('someone elsewhere who asks to quote', () => {
  it('is told yes, with a proof, and the author hears of it', async () => {
    const mine = await near.post('Quote me')
    const quoting = quoteNote(near.bob, { quote: mine.uri, tag: [], cc: [] })
    await send(near.bob, quoteRequest(near.bob, mine.uri, quoting))
    const [answer] = answersTo(near.bob, quoting.id)
    expect(answer).toMatchObject({
      type: 'Accept',
      actor: near.alice.account.uri,
      object: { object: mine.uri },
    })
    const proof = await fetch(String(answer?.result), { headers: { accept: 'application/activity+json' } })
    expect(await proof.json()).toMatchObject({
      id: answer?.result,
      type: 'QuoteAuthorization',
      interactingObject: quoting.id,
      interactionTarget: mine.uri,
    })
    const copy = await stored(quoting.id)
    expect(copy).toMatchObject({ quote_state: 'accepted', quote_of_id: mine.id })
    expect(await near.notifications()).toContainEqual({ kind: 'quote', note_id: copy?.id })
    expect(await stored(mine.uri)).toMatchObject({ quotes_count: 1 })
  })

  it('twenty times at once is one quote', async () => {
    const mine = await near.post('Quote me once')
    const quoting = quoteNote(near.bob, { quote: mine.uri, tag: [], cc: [] })
    const request = quoteRequest(near.bob, mine.uri, quoting)
    await Promise.all(Array.from({ length: 20 }, () => near.bob.post(`${near.server.url}/ap/inbox`, request)))
    await near.server.settle()
    expect(await stored(mine.uri)).toMatchObject({ quotes_count: 1 })
  })

  it('is read at its origin when only its address comes', async () => {
    const mine = await near.post('Quote me from afar')
    const quoting = quoteNote(near.bob, { quote: mine.uri, tag: [], cc: [] })
    near.foreign.documents.set(new URL(quoting.id).pathname, { '@context': context, ...quoting })
    await send(near.bob, quoteRequest(near.bob, mine.uri, quoting.id))
    expect(answersTo(near.bob, quoting.id)).toMatchObject([{ type: 'Accept' }])
  })

  it('is told no where the policy says so, and may ask again when it changed', async () => {
    const mine = await near.post('Do not quote me', { quote_approval_policy: 'nobody' })
    const quoting = quoteNote(near.bob, { quote: mine.uri, tag: [], cc: [] })
    await send(near.bob, quoteRequest(near.bob, mine.uri, quoting))
    expect(answersTo(near.bob, quoting.id)).toMatchObject([{ type: 'Reject' }])
    expect(await stored(quoting.id)).toMatchObject({ quote_state: 'rejected' })
    const opened = await near.server.fetch(`/api/v1/statuses/${mine.id}/interaction_policy`, {
      as: near.alice,
      json: { quote_approval_policy: 'public' },
      method: 'PUT',
    })
    expect(await opened.json()).toMatchObject({ quote_approval: { automatic: ['public'] } })
    await send(near.bob, quoteRequest(near.bob, mine.uri, quoting))
    expect(await stored(quoting.id)).toMatchObject({ quote_state: 'accepted' })
  })

  it('cannot ask for what they cannot see', async () => {
    const bob = await near.account(near.bob)
    const secret = await near.post('Between us', { visibility: 'private' })
    const quoting = quoteNote(near.bob, { quote: secret.uri, tag: [], cc: [] })
    await send(near.bob, quoteRequest(near.bob, secret.uri, quoting))
    expect(answersTo(near.bob, quoting.id)).toEqual([])
    // Nor when it comes as a plain note.
    await createOf(near.bob, quoteNote(near.bob, { quote: secret.uri, quoteUri: secret.uri }))
    const rows = await near.server.app.db
      .selectFrom('notes')
      .select(['quote_of_id', 'quote_state'])
      .where('quote_of_uri', '=', secret.uri)
      .execute()
    expect(rows).toEqual([{ quote_of_id: null, quote_state: 'pending' }])
    expect(bob).toBeDefined()
  })

  it('cannot ask for someone else’s note, or for one that quotes something else', async () => {
    const mallory = near.foreign.addActor('mallory')
    const mine = await near.post('Quote me, but honestly')
    const bobs = quoteNote(near.bob, { quote: mine.uri })
    await createOf(near.bob, bobs)
    await send(mallory, quoteRequest(mallory, mine.uri, bobs))
    await send(mallory, quoteRequest(mallory, mine.uri, bobs.id))
    expect(await stored(bobs.id)).toMatchObject({ quote_state: 'pending' })
    const other = quoteNote(mallory, { quote: `${near.server.url}/ap/notes/1` })
    await send(mallory, quoteRequest(mallory, mine.uri, other))
    expect(answersTo(mallory, bobs.id)).toEqual([])
    expect(answersTo(mallory, other.id)).toEqual([])
    await send(near.bob, quoteRequest(near.bob, mine.uri, bobs))
    expect(await stored(bobs.id)).toMatchObject({ quote_state: 'accepted' })
  })
})

describe('a quote of one of ours without leave', () => {
  it('stays a link, whichever property says it', async () => {
    const mine = await near.post('Older software')
    const ways: JsonObject[] = [
      { quoteUrl: mine.uri },
      { quoteUri: mine.uri },
      { _misskey_quote: mine.uri },
      {
        tag: [
          { type: 'Mention', href: near.alice.account.uri, name: '@alice' },
          {
            type: 'Link',
            href: mine.uri,
            mediaType: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
            rel: 'https://misskey-hub.net/ns#_misskey_quote',
          },
        ],
      },
    ]
    for (const way of ways) {
      const quoting = quoteNote(near.bob, { ...way, content: `<p>RE: <a href="${mine.url}">it</a></p>` })
      await createOf(near.bob, quoting)
      const copy = await stored(quoting.id)
      expect(copy).toMatchObject({ quote_of_id: mine.id, quote_state: 'pending', quote_is_legacy: true })
      const status = await (await near.server.fetch(`/api/v1/statuses/${copy?.id}`)).json()
      expect(status).toMatchObject({ quote: null, content: expect.stringContaining(mine.url) })
    }
    expect(await stored(mine.uri)).toMatchObject({ quotes_count: 0 })
    expect((await near.notifications()).filter(({ kind }) => kind === 'quote')).not.toContainEqual({
      kind: 'quote',
      note_id: mine.id,
    })
  })

  it('is one of oneself', async () => {
    const first = quoteNote(near.bob, {})
    await createOf(near.bob, first)
    const quoting = quoteNote(near.bob, { _misskey_quote: first.id })
    await createOf(near.bob, quoting)
    expect(await stored(quoting.id)).toMatchObject({ quote_state: 'accepted', quote_is_legacy: true })
    expect(await stored(first.id)).toMatchObject({ quotes_count: 1 })
  })
})

describe('a quote of someone else’s', () => {
  /** A note of Olga's that Bob quotes, with the proof as it is served. */
  async function quoteOfOlga(proofChanges: JsonObject | number) {
    const olga = near.foreign.addActor('olga')
    const quoted = quoteNote(olga, { tag: [], cc: [] })
    near.foreign.documents.set(new URL(quoted.id).pathname, { '@context': context, ...quoted })
    const quoting = quoteNote(near.bob, { quote: quoted.id })
    const proof = `${olga.uri}/quote_authorizations/${crypto.randomUUID()}`
    const document = {
      '@context': context,
      id: proof,
      type: 'QuoteAuthorization',
      attributedTo: olga.uri,
      interactingObject: quoting.id,
      interactionTarget: quoted.id,
    }
    near.foreign.documents.set(
      new URL(proof).pathname,
      typeof proofChanges === 'number' ? proofChanges : { ...document, ...proofChanges },
    )
    await createOf(near.bob, { ...quoting, quoteAuthorization: proof })
    return { olga, quoted, quoting, proof }
  }

  it('is shown where the proof is right, fetching both', async () => {
    const { olga, quoted, quoting, proof } = await quoteOfOlga({})
    const original = await stored(quoted.id)
    expect(await stored(quoting.id)).toMatchObject({ quote_state: 'accepted', quote_of_id: original?.id })
    const mallory = near.foreign.addActor('mallory')
    await send(mallory, activityOf(mallory, 'Delete', proof))
    expect(await stored(quoting.id)).toMatchObject({ quote_state: 'accepted' })
    await send(olga, activityOf(olga, 'Delete', { id: proof, type: 'QuoteAuthorization' }))
    expect(await stored(quoting.id)).toMatchObject({ quote_state: 'revoked' })
    expect(await stored(quoted.id)).toMatchObject({ quotes_count: 0 })
  })

  it.each([
    ['for another note', { interactingObject: 'https://elsewhere.example/1' }, 'pending'],
    ['of another target', { interactionTarget: 'https://elsewhere.example/2' }, 'pending'],
    ['by another author', { attributedTo: 'https://elsewhere.example/3' }, 'pending'],
    ['of another type', { type: 'Note' }, 'pending'],
    ['under another id', { id: 'https://elsewhere.example/4' }, 'pending'],
    ['that is not there', 404, 'rejected'],
  ])('is not shown with a proof %s', async (_what, changes, state) => {
    const { quoting, quoted } = await quoteOfOlga(changes)
    expect(await stored(quoting.id)).toMatchObject({ quote_state: state })
    expect(await stored(quoted.id)).toMatchObject({ quotes_count: 0 })
  })

  it('is not shown with a proof from the quoting side’s own host', async () => {
    const quoting = quoteNote(near.bob, { quote: 'https://elsewhere.example/notes/1' })
    const proof = `${near.bob.uri}/proofs/1`
    await createOf(near.bob, { ...quoting, quoteAuthorization: proof })
    expect(await stored(quoting.id)).toMatchObject({ quote_state: 'pending', quote_authorization_uri: null })
    expect(near.foreign.requests.some(({ path }) => path.endsWith('/proofs/1'))).toBe(false)
  })
})

describe('a quote of ours of a note elsewhere', () => {
  async function quoteOfBob() {
    const note = quoteNote(near.bob, {})
    await createOf(near.bob, note)
    const row = await stored(note.id)
    const { note: quoting } = await post(near.server, near.alice, {
      text: 'Hear',
      quoteOfId: row?.id ?? null,
    })
    await near.server.settle()
    const request = near.foreign.activities('QuoteRequest').find(({ object }) => object === note.id)
    if (!request) throw new Error('Nobody asked')
    return { note, quoting, request }
  }

  function acceptOf(actor: ForeignActor, request: JsonObject, result: string) {
    return { ...activityOf(actor, 'Accept', request.id), '@context': context, result }
  }

  function serveProof(actor: ForeignActor, quotingUri: string, quotedUri: string) {
    const id = `${actor.uri}/stamps/${crypto.randomUUID()}`
    near.foreign.documents.set(new URL(id).pathname, {
      '@context': context,
      id,
      type: 'QuoteAuthorization',
      attributedTo: actor.uri,
      interactingObject: quotingUri,
      interactionTarget: quotedUri,
    })
    return id
  }

  it('asks with the whole note, waits, and says so', async () => {
    const { note, quoting, request } = await quoteOfBob()
    expect(request).toMatchObject({
      actor: near.alice.account.uri,
      object: note.id,
      instrument: { id: quoting.uri, type: 'Note', quote: note.id, content: expect.stringContaining('Hear') },
    })
    const status = await (await near.server.fetch(`/api/v1/statuses/${quoting.id}`)).json()
    expect(status.quote).toEqual({ state: 'pending', quoted_status: null })
  })

  it('is shown once its author’s proof is read', async () => {
    const { note, quoting, request } = await quoteOfBob()
    const proof = serveProof(near.bob, quoting.uri, note.id)
    await send(near.bob, acceptOf(near.bob, request, proof))
    expect(await stored(quoting.uri)).toMatchObject({
      quote_state: 'accepted',
      quote_authorization_uri: proof,
    })
    const updates = near.foreign.activities('Update').map(({ object }) => object)
    expect(updates).toContainEqual(expect.objectContaining({ id: quoting.uri, quoteAuthorization: proof }))
  })

  it('is not, when a third party accepts or the proof is for another pair', async () => {
    const mallory = near.foreign.addActor('mallory')
    const { note, quoting, request } = await quoteOfBob()
    await send(mallory, acceptOf(mallory, request, serveProof(mallory, quoting.uri, note.id)))
    await send(near.bob, acceptOf(near.bob, request, 'https://elsewhere.example/stamps/1'))
    expect(await stored(quoting.uri)).toMatchObject({ quote_state: 'pending', quote_authorization_uri: null })
    await send(near.bob, acceptOf(near.bob, request, serveProof(near.bob, quoting.uri, `${note.id}/other`)))
    expect(await stored(quoting.uri)).toMatchObject({ quote_state: 'pending' })
    await send(mallory, activityOf(mallory, 'Reject', request.id))
    expect(await stored(quoting.uri)).toMatchObject({ quote_state: 'pending' })
  })

  it('is refused by a Reject that embeds the question', async () => {
    const { note, quoting } = await quoteOfBob()
    const question = {
      type: 'QuoteRequest',
      actor: near.alice.account.uri,
      object: note.id,
      instrument: quoting.uri,
    }
    await send(near.bob, { ...activityOf(near.bob, 'Reject', question), '@context': context })
    expect(await stored(quoting.uri)).toMatchObject({ quote_state: 'rejected' })
    expect(await findNoteRowByUri(near.server.app.db, note.id)).toMatchObject({ quotes_count: 0 })
  })
})

it('reads who may quote a note of another server', async () => {
  const policies: [JsonObject, string][] = [
    [{}, 'public'],
    [{ interactionPolicy: { canQuote: { automaticApproval: [`${activityStreams}#Public`] } } }, 'public'],
    [{ interactionPolicy: { canQuote: { automaticApproval: [`${near.bob.uri}/followers`] } } }, 'followers'],
    [{ interactionPolicy: { canQuote: { automaticApproval: [near.bob.uri] } } }, 'nobody'],
  ]
  for (const [changes, policy] of policies) {
    const note = quoteNote(near.bob, changes)
    await createOf(near.bob, note)
    expect(await stored(note.id)).toMatchObject({ quote_policy: policy })
  }
})
