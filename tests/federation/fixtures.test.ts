import { existsSync, globSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPreloadedContext } from '#federation/contexts.ts'
import {
  type ForeignActor,
  type ForeignServer,
  type JsonObject,
  startForeignServer,
} from '#tests/support/foreign-server.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

// What other servers really send, captured by the Lemmy project; data that stays outside of this repository.
const folder = new URL('../../../shared/fixtures/activities/', import.meta.url).pathname
const isThere = existsSync(folder)
const files = isThere ? globSync('**/*.json', { cwd: folder }).sort() : []
const asPublic = 'https://www.w3.org/ns/activitystreams#Public'

if (!isThere) console.warn(`SKIPPED: the captured activities are not at ${folder}`)

const actorTypes = ['Person', 'Group', 'Organization', 'Application', 'Service']

describe.skipIf(!isThere)('captured documents', () => {
  let server: TestServer
  let foreign: ForeignServer
  let alice: TestPerson

  beforeAll(async () => {
    server = await startTestServer()
    foreign = await startForeignServer()
    alice = await server.person('alice')
    const words = ['https://www.w3.org/ns/activitystreams', 'https://w3id.org/security/v1']
    foreign.documents.set('/context', { '@context': words })
  })
  afterAll(async () => {
    await server.close()
    await foreign.close()
  })

  /** A context we do not hold is one of the foreign server's, with the words that most have. */
  function withinReach(context: unknown): unknown {
    if (Array.isArray(context)) return context.map(withinReach)
    const isForeign = typeof context === 'string' && findPreloadedContext(context) === undefined
    return isForeign ? `${foreign.url}/context` : context
  }

  /** The document as if its server, and every other in it, were the foreign one; all words of contexts stay. */
  function rehosted(file: string): JsonObject {
    const document: JsonObject = JSON.parse(readFileSync(folder + file, 'utf8'))
    const { '@context': context, signature: _signature, ...rest } = document
    const text = JSON.stringify(rest).replaceAll(
      /https?:\/\/([a-z0-9._-]+(?::\d+)?)(?=[/"?#\\])/gi,
      (url, host) => (host === 'www.w3.org' ? url : `${foreign.url}/${String(host).replace(':', '_')}`),
    )
    return { ...(context !== undefined && { '@context': withinReach(context) }), ...JSON.parse(text) }
  }

  /** Serves an actor of this address, with a key of ours; a captured actor otherwise says what it said. */
  function serveActor(uri: string, captured: JsonObject = {}): ForeignActor {
    const actor = foreign.addActor(`actor${foreign.documents.size}`, { uri })
    const { publicKey } = actor.document
    const contexts = [captured['@context'] ?? [], 'https://w3id.org/security/v1'].flat()
    const context = ['https://www.w3.org/ns/activitystreams', ...contexts]
    Object.assign(actor.document, captured, { '@context': context, id: uri, publicKey })
    return actor
  }

  /** Somebody here wants to hear what the actor says. */
  async function follow(uri: string): Promise<void> {
    const { app } = server
    const followee = await app.lookup.account(uri)
    if (followee === undefined) return
    const pair = { follower_id: alice.accountId, followee_id: followee }
    await app.db
      .insertInto('follows')
      .values({ ...pair, uri: app.uris.follow(alice.accountId, followee), state: 'accepted' })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }

  function actorOf(document: JsonObject): string | undefined {
    const named = [document.actor ?? document.attributedTo].flat()[0]
    return typeof named === 'string' ? named : Object(named).id
  }

  it.each(files)('%s is taken without a fault', async (file) => {
    const document = rehosted(file)
    const isActor = actorTypes.includes(String(document.type))
    const actorUri = isActor ? String(document.id) : actorOf(document)
    const uri = actorUri ?? `${foreign.url}/someone`
    const sender = serveActor(uri, isActor ? document : {})
    const isActivity = file.includes('/activities/') && 'actor' in document
    const activity = isActivity
      ? document
      : {
          '@context': document['@context'] ?? 'https://www.w3.org/ns/activitystreams',
          id: `${uri}/${isActor ? 'update' : 'create'}`,
          type: isActor ? 'Update' : 'Create',
          actor: uri,
          to: [asPublic],
          cc: [alice.account.uri],
          object: document,
        }
    await follow(uri)
    const { status } = await sender.post(`${server.url}/ap/inbox`, activity)
    expect([202, 400]).toContain(status)
    await server.settle()
    const { db } = server.app
    expect(await db.selectFrom('dead_jobs').select(['name', 'error']).execute()).toEqual([])
    expect(
      await db.selectFrom('jobs').select(['name', 'last_error']).where('attempts', '>', 0).execute(),
    ).toEqual([])
  })

  it('leaves what makes sense', async () => {
    const { db } = server.app
    const notes = await db.selectFrom('notes').selectAll().where('deleted_at', 'is', null).execute()
    expect(notes.length).toBeGreaterThan(25)
    for (const note of notes) {
      expect(note.content_html + note.summary).not.toBe('')
      expect(note.content_html).not.toMatch(/<script|javascript:|onerror/i)
      expect(note.published_at.getTime()).toBeLessThanOrEqual(Date.now())
    }
    const timeline = await server.fetch('/api/v1/timelines/public', { as: alice })
    expect(timeline.status).toBe(200)
  })
})
