import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { verifyObject } from '@fedify/fedify/sig'
import { Activity } from '@fedify/vocab'
import canonicalize from 'canonicalize'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDocumentLoaders } from '#federation/remote/document-loader.ts'
import {
  type ForeignActor,
  type ForeignServer,
  type JsonObject,
  startForeignServer,
} from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { activityOf, activityStreams, everyone, useNeighbours } from './inbox/setup.ts'

const near = useNeighbours()
const dataIntegrity = 'https://w3id.org/security/data-integrity/v1'
const context = [activityStreams, dataIntegrity]
const edKeys = generateKeyPairSync('ed25519')
/** Somebody's server that passes things on. */
let relay: ForeignServer
let rita: ForeignActor
let carol: ForeignActor

beforeAll(async () => {
  relay = await startForeignServer()
  rita = relay.addActor('rita')
  carol = near.foreign.addActor('carol')
  addProofKey(carol)
})
afterAll(() => relay.close())

function addProofKey(actor: ForeignActor, id = `${actor.uri}#ed25519-key`): void {
  actor.document['@context'] = [
    activityStreams,
    'https://w3id.org/security/v1',
    'https://w3id.org/security/multikey/v1',
    { assertionMethod: { '@id': 'https://w3id.org/security#assertionMethod', '@type': '@id' } },
  ]
  actor.document.assertionMethod = [
    { id, type: 'Multikey', controller: actor.uri, publicKeyMultibase: multikeyOf(edKeys.publicKey) },
  ]
}

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

function base58(bytes: Uint8Array): string {
  let number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (; number > 0n; number /= 58n) text = `${alphabet[Number(number % 58n)]}${text}`
  return `${'1'.repeat(bytes.findIndex((byte) => byte !== 0))}${text}`
}

const multikeyOf = (key: KeyObject) =>
  `z${base58(Buffer.concat([Buffer.from([0xed, 0x01]), key.export({ format: 'der', type: 'spki' }).subarray(-32)]))}`

const sha256 = async (json: object) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', Buffer.from(canonicalize(json) ?? '')))

const secondsOf = (date: Date) => date.toISOString().replace(/\.\d+Z$/, 'Z')

type ProofChanges = { key?: KeyObject; changes?: JsonObject }

/** As its specification has it, by nothing of ours: https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022. */
async function proven(
  activity: JsonObject,
  actor: ForeignActor,
  { key = edKeys.privateKey, changes = {} }: ProofChanges = {},
): Promise<JsonObject> {
  const document = { ...activity, '@context': context }
  const options = {
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    verificationMethod: `${actor.uri}#ed25519-key`,
    proofPurpose: 'assertionMethod',
    created: secondsOf(near.server.clock.now()),
    ...changes,
  }
  const data = Buffer.concat([await sha256({ ...options, '@context': context }), await sha256(document)])
  return { ...document, proof: { ...options, proofValue: `z${base58(sign(null, data, key))}` } }
}

const inbox = () => `${near.server.url}/ap/inbox`

/** Posted by Rita, who is of another server than its actor. */
async function forward(activity: JsonObject): Promise<number> {
  const { status } = await rita.post(inbox(), activity)
  await near.server.settle()
  return status
}

let count = 0
function noteOf(actor: ForeignActor, changes: JsonObject = {}) {
  count += 1
  const note = near.note(actor, `proven-${count}`, changes)
  return { note, create: near.create(actor, note) }
}

describe('what we send', () => {
  it('carries a proof that Fedify takes, over exactly what is sent', async () => {
    const bob = near.bob
    await near.send(bob, activityOf(bob, 'Follow', near.alice.account.uri))
    await post(near.server, near.alice, { text: 'Proven :) é "quoted" ünïcode 🎨', summary: 'Ω' })
    await near.server.settle()
    const sent = near.foreign.received.filter(({ activity }) => activity.type === 'Create').at(-1)
    const { '@context': sentContext, proof } = sent?.activity ?? {}
    expect([sentContext].flat()).toContain(dataIntegrity)
    expect(proof).toMatchObject({
      type: 'DataIntegrityProof',
      cryptosuite: 'eddsa-jcs-2022',
      verificationMethod: `${near.alice.account.uri}#ed25519-key`,
      proofPurpose: 'assertionMethod',
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      proofValue: expect.stringMatching(/^z[1-9A-HJ-NP-Za-km-z]+$/),
    })
    const loaders = createDocumentLoaders(near.server.app.safeFetch)
    const options = {
      documentLoader: loaders.documentLoaderFactory(),
      contextLoader: loaders.contextLoaderFactory(),
    }
    const activity: JsonObject = JSON.parse(sent?.text ?? '')
    expect(await verifyObject(Activity, activity, options)).toBeInstanceOf(Activity)
    expect(await verifyObject(Activity, { ...activity, to: [] }, options)).toBeNull()
  })

  it.each(['Accept', 'Create'])('in an %s too', (type) => {
    const sent = near.foreign.activities(type)
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.every(({ proof }) => proof !== undefined)).toBe(true)
  })

  it('is not in the documents we serve', async () => {
    const { note } = await post(near.server, near.alice, { text: 'Served' })
    const response = await fetch(note.uri, { headers: { accept: 'application/activity+json' } })
    expect(await response.json()).not.toHaveProperty('proof')
  })
})

describe('an activity passed on by another server', () => {
  it('with its actor’s proof is taken, and its change and end', async () => {
    const { note, create } = noteOf(carol)
    expect(await forward(await proven(create, carol))).toBe(202)
    expect(await near.stored(note.id)).toMatchObject({ content_html: '<p>Hello</p>' })
    const changed = { ...note, content: '<p>Changed</p>', updated: new Date().toISOString() }
    const update = { ...activityOf(carol, 'Update', changed), to: [everyone] }
    expect(await forward(await proven(update, carol))).toBe(202)
    expect(await near.stored(note.id)).toMatchObject({ content_html: '<p>Changed</p>' })
    expect(await forward(await proven(activityOf(carol, 'Delete', note.id), carol))).toBe(202)
    expect((await near.stored(note.id))?.deleted_at).not.toBeNull()
    expect(await forward(await proven(create, carol))).toBe(202)
    expect((await near.stored(note.id))?.deleted_at).not.toBeNull()
  })

  it('that ended and was forgotten is not brought back by who kept it', async () => {
    const { note, create } = noteOf(carol)
    const created = secondsOf(new Date(Date.now() - 8 * 24 * 3_600_000))
    expect(await forward(await proven(create, carol, { changes: { created } }))).toBe(401)
    expect(await near.stored(note.id)).toBeUndefined()
  })

  it('that was changed since is not changed back, although its server is ahead of us', async () => {
    const { note, create } = noteOf(carol)
    expect(await forward(await proven(create, carol))).toBe(202)
    const updated = (seconds: number) =>
      secondsOf(new Date(near.server.clock.now().getTime() + seconds * 1_000))
    const say = (content: string, at: string) =>
      proven(activityOf(carol, 'Update', { ...note, content, updated: at }), carol)
    const older = await say('<p>Older</p>', updated(600))
    const newer = await say('<p>Newer</p>', updated(610))
    expect(await forward(older)).toBe(202)
    expect(await forward(newer)).toBe(202)
    near.server.clock.advance(60_000)
    const again = await rita.post(inbox(), older, { date: near.server.clock.now() })
    expect(again.status).toBe(202)
    await near.server.settle()
    expect(await near.stored(note.id)).toMatchObject({ content_html: '<p>Newer</p>' })
  })

  it('without one is refused', async () => {
    const { note, create } = noteOf(carol)
    expect(await forward({ ...create, '@context': context })).toBe(401)
    expect(await near.stored(note.id)).toBeUndefined()
  })

  it.each<[string, (create: JsonObject) => Promise<JsonObject>]>([
    ['changed since', async (create) => ({ ...(await proven(create, carol)), to: [] })],
    [
      'whose note was changed since',
      async (create) => {
        const activity = await proven(create, carol)
        return { ...activity, object: { ...Object(activity.object), content: 'Forged' } }
      },
    ],
    [
      'whose proof is another’s key’s',
      (create) => proven(create, carol, { key: generateKeyPairSync('ed25519').privateKey }),
    ],
    [
      'whose proof names a key of the forwarder’s',
      (create) =>
        proven(create, carol, { changes: { verificationMethod: `${relay.url}/users/rita#ed25519-key` } }),
    ],
    [
      'whose proof is for something else',
      (create) => proven(create, carol, { changes: { proofPurpose: 'authentication' } }),
    ],
    [
      'whose proof is of an unknown suite',
      (create) => proven(create, carol, { changes: { cryptosuite: 'x-2022' } }),
    ],
    [
      'with two proofs, one of them wrong',
      async (create) => {
        const activity = await proven(create, carol)
        return {
          ...activity,
          proof: [activity.proof, { ...Object(activity.proof), created: '2025-01-01T00:00:00Z' }],
        }
      },
    ],
    [
      'with no value in its proof',
      async (create) => {
        const { proofValue: _, ...proof } = Object((await proven(create, carol)).proof)
        return { ...create, '@context': context, proof }
      },
    ],
    [
      'with a linked-data signature',
      async (create) => ({
        ...create,
        '@context': context,
        signature: {
          type: 'RsaSignature2017',
          creator: carol.keyId,
          created: '2026-01-01T00:00:00Z',
          signatureValue: 'eA==',
        },
      }),
    ],
  ])('%s is refused', async (_name, forge) => {
    const { note, create } = noteOf(carol)
    expect(await forward(await forge(create))).toBe(401)
    expect(await near.stored(note.id)).toBeUndefined()
  })

  it('with a neighbour’s proof is refused', async () => {
    const dave = near.foreign.addActor('dave')
    addProofKey(dave)
    const { note, create } = noteOf(carol)
    expect(await forward(await proven(create, dave))).toBe(401)
    expect(await near.stored(note.id)).toBeUndefined()
  })

  it.each(['Follow', 'Like', 'Undo', 'Announce', 'Block'])(
    'that is a %s is refused: it could be sent again later',
    async (type) => {
      const mine = await near.post('x')
      const object = type === 'Follow' ? near.alice.account.uri : mine.uri
      expect(await forward(await proven(activityOf(carol, type, object), carol))).toBe(401)
    },
  )

  it('that changes or ends its actor is refused', async () => {
    expect(await forward(await proven(activityOf(carol, 'Update', carol.document), carol))).toBe(401)
    expect(await forward(await proven(activityOf(carol, 'Delete', carol.uri), carol))).toBe(401)
  })

  it('of a blocked server is not heard', async () => {
    const { note, create } = noteOf(carol)
    await near.server.app.db.insertInto('domain_blocks').values({ domain: '127.0.0.1' }).execute()
    await forward(await proven(create, carol))
    await near.server.app.db.deleteFrom('domain_blocks').execute()
    expect(await near.stored(note.id)).toBeUndefined()
  })
})

describe('an activity its actor sends', () => {
  it('is taken with a good proof', async () => {
    const { note, create } = noteOf(carol)
    expect(await near.send(carol, await proven(create, carol))).toBe(202)
    expect(await near.stored(note.id)).toBeDefined()
  })

  it('is taken with one that does not fit: the signature of the request covers all of it', async () => {
    const { note, create } = noteOf(carol)
    expect(await near.send(carol, { ...(await proven(create, carol)), summary: 'x' })).toBe(202)
    expect(await near.stored(note.id)).toBeDefined()
  })

  it('is taken whatever its linked-data signature is, for that is not read', async () => {
    const { note, create } = noteOf(carol)
    const created = '2026-01-01T00:00:00Z'
    const signature = { type: 'RsaSignature2017', creator: carol.keyId, created, signatureValue: 'eA==' }
    expect(await near.send(carol, { ...create, signature })).toBe(202)
    expect(await near.stored(note.id)).toBeDefined()
  })

  it('cannot be sent again by who has it, under the actor’s key id', async () => {
    const mine = await near.post('x')
    const like = await proven(activityOf(carol, 'Like', mine.uri), carol)
    expect(await near.send(carol, like)).toBe(202)
    await near.send(carol, activityOf(carol, 'Undo', like.id))
    const date = new Date(Date.now() + 60_000)
    const forged = await carol.post(inbox(), like, {
      date,
      headers: {
        signature: `keyId="${carol.keyId}",headers="(request-target) host date digest",signature="eA=="`,
      },
    })
    expect(forged.status).toBe(401)
    await near.server.settle()
    expect(await near.stored(mine.uri)).toMatchObject({ likes_count: 0 })
    expect((await carol.post(inbox(), activityOf(carol, 'Like', mine.uri), { date })).status).toBe(202)
  })
})
