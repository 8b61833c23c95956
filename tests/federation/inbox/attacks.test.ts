import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import canonicalize from 'canonicalize'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAppFederation } from '#federation/index.ts'
import {
  type ForeignActor,
  type ForeignServer,
  type JsonObject,
  startForeignServer,
} from '#tests/support/foreign-server.ts'
import { signatureHeaders } from '#tests/support/http-signatures.ts'
import { activityOf, activityStreams, useNeighbours } from './setup.ts'

const near = useNeighbours()
const dataIntegrity = 'https://w3id.org/security/data-integrity/v1'
const context = [activityStreams, dataIntegrity]
const edKeys = generateKeyPairSync('ed25519')
let evil: ForeignServer
let mallory: ForeignActor

beforeAll(async () => {
  evil = await startForeignServer()
  mallory = evil.addActor('mallory')
})
afterAll(() => evil.close())

const inbox = () => `${near.server.url}/ap/inbox`
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

function base58(bytes: Uint8Array): string {
  let number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (; number > 0n; number /= 58n) text = `${alphabet[Number(number % 58n)]}${text}`
  return text
}

const multikeyOf = (key: KeyObject) =>
  `z${base58(Buffer.concat([Buffer.from([0xed, 0x01]), key.export({ format: 'der', type: 'spki' }).subarray(-32)]))}`

const sha256 = async (json: object) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', Buffer.from(canonicalize(json) ?? '')))

/** A key of Mallory's server that says it is somebody else's. */
function claimedKey(controller: string): string {
  const id = `${evil.url}/stolen-key`
  evil.documents.set('/stolen-key', {
    '@context': 'https://w3id.org/security/multikey/v1',
    id,
    type: 'Multikey',
    controller,
    publicKeyMultibase: multikeyOf(edKeys.publicKey),
  })
  return id
}

type Forging = { context?: unknown; proof?: (verificationMethod: string) => JsonObject }

async function forgedProof(activity: JsonObject, victim: ForeignActor, forging: Forging = {}) {
  const keyId = claimedKey(victim.uri)
  const document = { ...activity, '@context': forging.context ?? context }
  const options = {
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    verificationMethod: keyId,
    proofPurpose: 'assertionMethod',
    created: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  }
  const data = Buffer.concat([
    await sha256({ ...options, '@context': document['@context'] }),
    await sha256(document),
  ])
  const proofValue = `z${base58(sign(null, data, edKeys.privateKey))}`
  return { ...document, proof: { ...options, proofValue, ...forging.proof?.(keyId) } }
}

let count = 0
function createOf(actor: ForeignActor, changes: JsonObject = {}) {
  count += 1
  const note = near.note(actor, `attack-${count}`, changes)
  return { note, create: near.create(actor, note) }
}

async function refusedProof(forging: Forging): Promise<void> {
  const { note, create } = createOf(near.bob)
  const activity = await forgedProof(create, near.bob, forging)
  expect((await mallory.post(inbox(), activity)).status).toBe(401)
  await near.server.settle()
  expect(await near.stored(note.id)).toBeUndefined()
}

describe('a proof by a stranger’s key that says it is the actor’s', () => {
  it('is refused', () => refusedProof({}))

  it('is refused beside the name of the actor’s key as its creator', () =>
    refusedProof({ proof: () => ({ creator: near.bob.keyId }) }))

  it('is refused under another name for the method', () =>
    refusedProof({
      context: [
        ...context,
        {
          verificationMethod: 'https://example.com/ns#nothing',
          vm: { '@id': 'https://w3id.org/security#verificationMethod', '@type': '@id' },
        },
      ],
      proof: (vm) => ({ vm, verificationMethod: near.bob.keyId }),
    }))

  it('is refused under another name for the proof', async () => {
    const { note, create } = createOf(near.bob)
    const aliased = [
      ...context,
      {
        proof: 'https://example.com/ns#nothing',
        p: { '@id': 'https://w3id.org/security#proof', '@type': '@id', '@container': '@graph' },
      },
    ]
    const { proof, ...rest } = await forgedProof(create, near.bob, { context: aliased })
    const decoy = { ...proof, verificationMethod: near.bob.keyId }
    expect((await mallory.post(inbox(), { ...rest, p: proof, proof: decoy })).status).not.toBe(202)
    await near.server.settle()
    expect(await near.stored(note.id)).toBeUndefined()
  })
})

describe('what has no proof that can be seen', () => {
  it.each([
    ['none', { proof: [] }],
    ['an empty one', { proof: {} }],
    ['one that is none', { proof: 'x' }],
    ['one that is null', { proof: null }],
  ])('is refused with %s, whatever kind of thing its actor says it is', async (_name, proof) => {
    for (const actor of [
      near.bob.uri,
      { id: near.bob.uri, type: 'https://example.com/ns#Odd' },
      { id: near.bob.uri, type: 'Note' },
    ]) {
      const { note, create } = createOf(near.bob)
      const forged = { ...create, '@context': context, actor, ...proof }
      expect((await mallory.post(inbox(), forged)).status, JSON.stringify(actor)).not.toBe(202)
      await near.server.settle()
      expect(await near.stored(note.id)).toBeUndefined()
    }
  })
})

async function postAs(activity: JsonObject, keyId: string, privateKeyPem: string): Promise<number> {
  const body = JSON.stringify(activity)
  const signed = signatureHeaders(
    'draft-cavage',
    { method: 'POST', url: inbox(), body },
    { keyId, privateKeyPem },
  )
  const headers = { 'content-type': 'application/activity+json', ...signed }
  const { status } = await fetch(inbox(), { method: 'POST', body, headers })
  await near.server.settle()
  return status
}

const refusals = [400, 401]
const follow = (actor: ForeignActor) => activityOf(actor, 'Follow', near.alice.account.uri)

describe('a key', () => {
  it('that another server wrote is worth nothing, although the actor’s redirects there', async () => {
    const keyId = `${near.foreign.url}/away`
    near.foreign.documents.set('/away', new URL(`${evil.url}/key`))
    evil.documents.set('/key', {
      '@context': 'https://w3id.org/security/v1',
      ...Object(mallory.document.publicKey),
      id: keyId,
      type: 'Key',
      owner: near.bob.uri,
    })
    expect(await postAs(follow(near.bob), keyId, evil.privateKeyPem)).toBe(401)
    expect(await near.account(near.bob)).toBeUndefined()
  })

  it('that names no owner is its actor’s word, not that of an actor who comes along', async () => {
    const ned = near.foreign.addActor('ned')
    const keyId = `${near.foreign.url}/nobodys-key`
    const publicKey = { id: keyId, publicKeyPem: Object(mallory.document.publicKey).publicKeyPem }
    const securityContext = 'https://w3id.org/security/v1'
    near.foreign.documents.set('/nobodys-key', { '@context': securityContext, type: 'Key', ...publicKey })
    const actor = { ...ned.document, '@context': undefined, publicKey }
    const forged = { ...follow(ned), '@context': [activityStreams, securityContext], actor }
    expect(await postAs(forged, keyId, evil.privateKeyPem)).toBe(401)
    expect(await near.account(ned)).toBeUndefined()
  })

  it('in the document of a neighbour is not the actor’s, although it says so', async () => {
    const [nell, nora] = ['nell', 'nora'].map((name) => near.foreign.addActor(name))
    if (!nell || !nora) throw new Error('Nobody')
    const keyId = `${nora.uri}#stolen`
    nora.document.publicKey = { ...Object(mallory.document.publicKey), id: keyId, owner: nell.uri }
    expect(await postAs(follow(nell), keyId, evil.privateKeyPem)).toBe(401)
    expect(await near.account(nell)).toBeUndefined()
  })

  it.each([
    [202, true],
    [401, false],
  ])('that lies elsewhere on the actor’s server gets %i, named by them: %j', async (status, isNamed) => {
    const olga = near.foreign.addActor(`olga${status}`)
    const keyId = `${near.foreign.url}/keys/${status}`
    const key = { ...Object(olga.document.publicKey), id: keyId }
    const securityContext = 'https://w3id.org/security/v1'
    near.foreign.documents.set(`/keys/${status}`, { '@context': securityContext, type: 'Key', ...key })
    if (isNamed) olga.document.publicKey = key
    expect(await postAs(follow(olga), keyId, near.foreign.privateKeyPem)).toBe(status)
  })

  it('of another server is worth nothing where its owner redirects to who lists it', async () => {
    const url = `${near.alice.account.uri}/followers_synchronization`
    const owner = `${near.foreign.url}/away-actor`
    near.foreign.documents.set('/away-actor', new URL(`${evil.url}/impostor`))
    const read = async (keyOwner: string | JsonObject) => {
      const keyId = `${evil.url}/reader-key`
      const key = { ...Object(mallory.document.publicKey), id: keyId, owner: keyOwner }
      const context = ['https://w3id.org/security/v1']
      evil.documents.set('/reader-key', { '@context': context, type: 'Key', ...key })
      evil.documents.set('/impostor', { ...near.bob.document, id: near.bob.uri, publicKey: key })
      const signer = { keyId, privateKeyPem: evil.privateKeyPem }
      const signed = signatureHeaders('draft-cavage', { method: 'GET', url }, signer)
      return (await fetch(url, { headers: { accept: 'application/activity+json', ...signed } })).status
    }
    expect(await read(owner)).toBe(401)
    // Nor where the key brings its owner along.
    expect(await read({ ...near.bob.document, publicKey: `${evil.url}/reader-key` })).toBe(401)
  })

  it('of another kind than the signature is refused', async () => {
    const zoe = near.foreign.addActor('zoe')
    for (const key of [
      generateKeyPairSync('ed25519').publicKey,
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
      generateKeyPairSync('x25519').publicKey,
    ]) {
      const keyId = `${zoe.uri}#key-${key.asymmetricKeyType}`
      zoe.document.publicKey = {
        id: keyId,
        owner: zoe.uri,
        publicKeyPem: key.export({ format: 'pem', type: 'spki' }),
      }
      near.server.clock.advance(15_000)
      expect(refusals, keyId).toContain(await postAs(follow(zoe), keyId, near.foreign.privateKeyPem))
    }
  })

  it.each(['x', '', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', { a: 1 }, 7, null])(
    'that is none (%j) is refused',
    async (publicKeyPem) => {
      count += 1
      const yan = near.foreign.addActor(`yan${count}`)
      yan.document.publicKey = { id: yan.keyId, owner: yan.uri, publicKeyPem }
      expect(refusals).toContain(await postAs(follow(yan), yan.keyId, near.foreign.privateKeyPem))
      for (const query of ['', '?page=1']) {
        const answer = await yan.get(`${near.alice.account.uri}/followers_synchronization${query}`)
        expect(answer.status).toBe(401)
      }
    },
  )

  it.each(['eA', '!!', '=', 'é'])('with the signature %j is refused', async (signature) => {
    const how = `keyId="${near.bob.keyId}",headers="(request-target) host date digest",signature="${signature}"`
    const { status } = await near.bob.post(inbox(), follow(near.bob), { headers: { signature: how } })
    expect(refusals).toContain(status)
  })
})

describe('a context that its server changes', () => {
  it('after the signature was checked changes nothing of who speaks', async () => {
    const victim = near.foreign.addActor('victim')
    expect(await near.send(victim, follow(victim))).toBe(202)
    let reads = 0
    const meaning = () => {
      reads += 1
      return { '@context': { [reads === 1 ? 'mine' : 'theirs']: { '@id': 'as:actor', '@type': '@id' } } }
    }
    evil.documents.set('/context', { toJSON: meaning })
    const note = { ...near.note(victim, 'put-in-their-mouth'), attributedTo: victim.uri }
    const body = JSON.stringify({
      '@context': [activityStreams, `${evil.url}/context`],
      type: 'Create',
      mine: mallory.uri,
      theirs: victim.uri,
      object: note,
    })
    const signer = { keyId: mallory.keyId, privateKeyPem: evil.privateKeyPem }
    const headers = {
      'content-type': 'application/activity+json',
      ...signatureHeaders('draft-cavage', { method: 'POST', url: inbox(), body }, signer),
    }
    // What takes requests and what works on them are two processes, with a memory of contexts each.
    const taking = createAppFederation(near.server.app)
    const taken = await taking.fetch(new Request(inbox(), { method: 'POST', headers, body }))
    expect(taken?.status).toBe(202)
    await near.server.settle()
    expect(reads).toBeGreaterThan(0)
    expect(await near.stored(note.id)).toBeUndefined()
  })
})
