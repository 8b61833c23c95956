import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ForeignActor, JsonObject } from '#tests/support/foreign-server.ts'
import { signatureHeaders } from '#tests/support/http-signatures.ts'
import { activityOf, activityStreams, everyone, useNeighbours } from './setup.ts'

const near = useNeighbours()
const inbox = () => `${near.server.url}/ap/inbox`
const pathOf = (url: string) => new URL(url).pathname
const follow = (actor: ForeignActor) => activityOf(actor, 'Follow', near.alice.account.uri)
const forgedKey = newKey()

function newKey() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

/** Posts what an actor says under a key of our choice. */
async function post(
  activity: JsonObject,
  keyId: string,
  privateKeyPem = near.foreign.privateKeyPem,
): Promise<number> {
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

const forge = (actor: ForeignActor) => post(follow(actor), actor.keyId, forgedKey.privateKey)

describe('a key that cannot be had', () => {
  it('now is asked for again at the next try', async () => {
    const dan = near.foreign.addActor('dan')
    near.foreign.documents.set(pathOf(dan.uri), 503)
    expect(await near.send(dan, follow(dan))).toBe(503)
    near.foreign.documents.set(pathOf(dan.uri), dan.document)
    expect(await near.send(dan, follow(dan))).toBe(202)
  })

  it('while somebody forges does not shut out its owner', async () => {
    const eve = near.foreign.addActor('eve')
    expect(await near.send(eve, follow(eve))).toBe(202)
    near.foreign.documents.set(pathOf(eve.uri), 503)
    // The first has the key read anew, the second finds its server away.
    await forge(eve)
    await forge(eve)
    expect(await near.send(eve, follow(eve))).toBe(202)
  })

  it('any more is not asked for again and again', async () => {
    const gus = near.foreign.addActor('gus')
    near.foreign.documents.set(pathOf(gus.uri), 410)
    for (const _ of [1, 2, 3]) expect(await near.send(gus, activityOf(gus, 'Delete', gus.uri))).toBe(202)
    expect(requestsFor(gus.uri)).toBe(1)
  })
})

describe('a key', () => {
  it('is not asked for once per forgery', async () => {
    const hal = near.foreign.addActor('hal')
    for (const _ of Array(10).keys()) expect(await forge(hal)).toBe(401)
    expect(requestsFor(hal.uri)).toBeLessThan(4)
  })

  it('that was replaced is worth nothing once its owner said so', async () => {
    const ivy = near.foreign.addActor('ivy')
    expect(await near.send(ivy, follow(ivy))).toBe(202)
    const renewed = newKey()
    ivy.document.publicKey = { ...Object(ivy.document.publicKey), publicKeyPem: renewed.publicKey }
    const update = { ...activityOf(ivy, 'Update', ivy.uri), to: [everyone] }
    expect(await near.send(ivy, update)).toBe(202)
    expect(await near.send(ivy, follow(ivy))).toBe(401)
    expect(await post(follow(ivy), ivy.keyId, renewed.privateKey)).toBe(202)
  })

  it('is forgotten after a day', async () => {
    const joe = near.foreign.addActor('joe')
    expect(await near.send(joe, follow(joe))).toBe(202)
    const { rows } = await near.server.app.pool.query(`select expires_at from key_value where key[3] = $1`, [
      joe.keyId,
    ])
    const leftMs = rows[0].expires_at.getTime() - near.server.clock.now().getTime()
    expect(leftMs).toBeGreaterThan(23 * 3_600_000)
    expect(leftMs).toBeLessThanOrEqual(24 * 3_600_000)
  })

  it.each([
    [
      'at an address of its own, as GoToSocial has it',
      '/main-key',
      (actor: ForeignActor, key: JsonObject) => {
        const { id, type, preferredUsername, '@context': context } = actor.document
        actor.document.publicKey = key
        return { '@context': context, id, type, preferredUsername, publicKey: key }
      },
    ],
    [
      'in a document of its own',
      '/key',
      (actor: ForeignActor, key: JsonObject) => {
        actor.document.publicKey = key.id
        return { '@context': 'https://w3id.org/security/v1', type: 'Key', ...key }
      },
    ],
    [
      'in a document of its own that says little',
      '/key',
      (actor: ForeignActor, key: JsonObject) => {
        actor.document.publicKey = key.id
        return key
      },
    ],
    [
      'that says what it is in a word that nobody defined',
      '',
      (actor: ForeignActor, key: JsonObject) => {
        actor.document.publicKey = [{ ...key, type: 'Key' }]
        return actor.document
      },
    ],
    [
      'of an actor who names no context but ActivityStreams',
      '',
      (actor: ForeignActor, key: JsonObject) => {
        actor.document.publicKey = key
        actor.document['@context'] = activityStreams
        return actor.document
      },
    ],
    [
      'of an actor who names no context',
      '',
      (actor: ForeignActor, key: JsonObject) => {
        actor.document.publicKey = key
        delete actor.document['@context']
        return actor.document
      },
    ],
  ])('%s is found', async (name, path, serve) => {
    const kim = near.foreign.addActor(`kim${name.length}`)
    const keyId = path === '' ? kim.keyId : `${kim.uri}${path}`
    const key = { ...Object(kim.document.publicKey), id: keyId }
    near.foreign.documents.set(pathOf(keyId), serve(kim, key))
    expect(await post(follow(kim), keyId)).toBe(202)
    expect(await near.account(kim)).toMatchObject({ username: kim.name, following_count: 1 })
  })
})

const requestsFor = (url: string) => near.foreign.requests.filter(({ path }) => path === pathOf(url)).length

describe('a key that its owner changed', () => {
  it('is read anew once, and then fits', async () => {
    const lea = near.foreign.addActor('lea')
    expect(await near.send(lea, follow(lea))).toBe(202)
    const renewed = newKey()
    lea.document.publicKey = { ...Object(lea.document.publicKey), publicKeyPem: renewed.publicKey }
    const before = requestsFor(lea.uri)
    for (const _ of [1, 2, 3]) {
      const activity = activityOf(lea, 'Like', `${near.server.url}/ap/notes/1`)
      expect(await post(activity, lea.keyId, renewed.privateKey)).toBe(202)
    }
    expect(requestsFor(lea.uri)).toBe(before + 1)
    expect(await near.send(lea, follow(lea))).toBe(401)
  })

  it('by a forger’s word is read anew once a minute, and its owner is still heard', async () => {
    const max = near.foreign.addActor('max')
    expect(await near.send(max, follow(max))).toBe(202)
    const before = requestsFor(max.uri)
    for (const _ of Array(10).keys()) expect(await forge(max)).toBe(401)
    expect(requestsFor(max.uri)).toBe(before + 1)
    expect(await near.send(max, follow(max))).toBe(202)
  })
})
