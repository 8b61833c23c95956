import { existsSync, globSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadPreloadedContexts } from '#federation/remote/contexts.ts'
import { insertFollow } from '#src/db/follows.ts'
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
const all = isThere ? globSync('**/*.json', { cwd: folder }).sort() : []
// Things before what is done with them: a like of what nobody has shows little.
const isDeed = (file: string) => file.includes('/activities/') && !/\/create_/.test(file)
const isEnd = (file: string) => file.endsWith('/delete_user.json')
const inTurn = (file: string) => Number(isDeed(file)) + Number(isEnd(file))
const files = all.toSorted((one, other) => inTurn(one) - inTurn(other))
const asContext = 'https://www.w3.org/ns/activitystreams'
const asPublic = 'https://www.w3.org/ns/activitystreams#Public'

const preloaded = await loadPreloadedContexts()

if (!isThere) console.warn(`SKIPPED: the captured activities are not at ${folder}`)

// What a document can leave behind, by the word the table uses for it.
const traces = {
  notes: 'select from notes where boost_of_id is null and deleted_at is null',
  tombstones: 'select from notes where deleted_at is not null',
  boosts: 'select from notes where boost_of_id is not null and deleted_at is null',
  likes: 'select from likes',
  follows: 'select from follows',
  blocks: 'select from blocks',
  reports: 'select from reports',
  pins: 'select from pins',
  polls: 'select from polls',
  accounts: 'select from accounts where deleted_at is null',
}
type Became = { document: string; answer: number; outcome: string; left: string }

const actorTypes = ['Person', 'Group', 'Organization', 'Application', 'Service']

describe.skipIf(!isThere)('captured documents', () => {
  let server: TestServer
  let foreign: ForeignServer
  let alice: TestPerson
  const table: Became[] = []
  const actors = new Map<string, ForeignActor>()

  beforeAll(async () => {
    server = await startTestServer()
    foreign = await startForeignServer()
    alice = await server.person('alice')
    const words = [asContext, 'https://w3id.org/security/v1']
    foreign.documents.set('/context', { '@context': words })
    for (const file of all.filter((name) => name.includes('/objects/'))) serveObject(rehosted(file))
  })
  afterAll(async () => {
    console.info(drawn(table))
    await server.close()
    await foreign.close()
  })

  /** How many there are of each trace. */
  async function countTraces(): Promise<Record<string, number>> {
    const counts = Object.entries(traces).map(
      ([name, query]) => sql`(select count(*)::int from (${sql.raw(query)}) as trace) as ${sql.ref(name)}`,
    )
    const { rows } = await sql<Record<string, number>>`select ${sql.join(counts)}`.execute(server.app.db)
    return rows[0] ?? {}
  }

  /** What the inbox said of activities so far, each as its counter's line. */
  async function outcomes(): Promise<string[]> {
    const text = await server.app.metrics.text()
    return text.split('\n').filter((line) => line.startsWith('pinxit_inbox_activities_total{'))
  }

  /** A context we do not hold is one of the foreign server's, with the words that most have. */
  function withinReach(context: unknown): unknown {
    if (Array.isArray(context)) return context.map(withinReach)
    const isForeign = typeof context === 'string' && preloaded.find(context) === undefined
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

  /** What is captured can be fetched, too, with its author. */
  function serveObject(document: JsonObject): void {
    const { pathname } = new URL(String(document.id))
    const type = String(document.type)
    if (actorTypes.includes(type)) serveActor(String(document.id), document)
    else foreign.documents.set(pathname, { '@context': document['@context'] ?? asContext, ...document })
    const author = actorOf(document)
    if (author !== undefined && !foreign.documents.has(new URL(author).pathname)) serveActor(author)
  }

  /** Serves an actor of this address, with a key of ours; a captured actor otherwise says what it said. */
  function serveActor(uri: string, captured: JsonObject = {}): ForeignActor {
    const actor = actors.get(uri) ?? foreign.addActor(`actor${actors.size}`, { uri })
    actors.set(uri, actor)
    const { publicKey, preferredUsername } = actor.document
    const contexts = [captured['@context'] ?? [], 'https://w3id.org/security/v1'].flat()
    // All servers being one here, names that were alike on several of them would be one name.
    const own = { '@context': [asContext, ...contexts], id: uri, publicKey, preferredUsername }
    Object.assign(actor.document, captured, own)
    // Two of them differ by their query alone.
    foreign.documents.set(new URL(uri).pathname, actor.document)
    return actor
  }

  /** Somebody here wants to hear what the actor says. */
  async function follow(actorUri: string): Promise<void> {
    const { app } = server
    const followee = await app.lookup.account(actorUri)
    if (followee === undefined) return
    const pair = { follower_id: alice.accountId, followee_id: followee }
    const uri = app.uris.follow(alice.accountId, followee)
    await app.db.transaction().execute((trx) => insertFollow(trx, { ...pair, uri, state: 'accepted' }))
  }

  /** What was meant for someone of the server it was sent to is meant for Alice. */
  function aimedHere(document: JsonObject): JsonObject {
    const { type, object } = document
    if (type === 'Follow') return { ...document, object: alice.account.uri }
    if (type === 'Undo' && Object(object).type === 'Follow')
      return { ...document, object: aimedHere(Object(object)) }
    if (type === 'Flag' && Array.isArray(object)) return { ...document, object: [alice.account.uri] }
    return document
  }

  function actorOf(document: JsonObject): string | undefined {
    const named = [document.attributedTo ?? document.actor].flat()[0]
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
      ? aimedHere(document)
      : {
          '@context': document['@context'] ?? asContext,
          id: `${uri}/${isActor ? 'update' : 'create'}`,
          type: isActor ? 'Update' : 'Create',
          actor: uri,
          to: [asPublic],
          cc: [alice.account.uri],
          object: document,
        }
    await follow(uri)
    await server.settle()
    const before = { traces: await countTraces(), outcomes: await outcomes() }
    const { status } = await sender.post(`${server.url}/ap/inbox`, activity)
    expect([202, 400], file).toContain(status)
    await server.settle()
    const outcome = (await outcomes()).find((line) => !before.outcomes.includes(line))
    const reason = outcome?.match(/outcome="([^"]+)"/)?.[1]
    // Whatever was taken had its effect, or was set aside for a reason.
    expect(status === 202 ? reason : 'refused').toBeDefined()
    table.push({
      document: file,
      answer: status,
      outcome: reason ?? 'refused',
      left: differenceOf(before.traces, await countTraces()),
    })
    const { db } = server.app
    expect(await db.selectFrom('dead_jobs').select(['name', 'error']).execute()).toEqual([])
    expect(
      await db.selectFrom('jobs').select(['name', 'last_error']).where('attempts', '>', 0).execute(),
    ).toEqual([])
  })

  it('leaves what makes sense', async () => {
    const { db } = server.app
    const notes = await db
      .selectFrom('notes')
      .selectAll()
      .where('deleted_at', 'is', null)
      .where('boost_of_id', 'is', null)
      .execute()
    expect(notes.length).toBeGreaterThan(15)
    for (const note of notes) {
      expect(note.content_html + note.summary, note.uri).not.toBe('')
      expect(note.content_html).not.toMatch(/<script|javascript:|onerror/i)
      expect(note.published_at.getTime()).toBeLessThanOrEqual(Date.now())
    }
    const timeline = await server.fetch('/api/v1/timelines/public', { as: alice })
    expect(timeline.status).toBe(200)
  })
})

function differenceOf(before: Record<string, number>, after: Record<string, number>): string {
  const changes = Object.entries(after).map(([name, count]) => [count - (before[name] ?? 0), name] as const)
  return changes
    .filter(([change]) => change !== 0)
    .map(([change, name]) => `${change > 0 ? '+' : ''}${change} ${name}`)
    .join(', ')
}

function drawn(rows: Became[]): string {
  const width = Math.max(...rows.map((row) => row.document.length))
  const lines = rows.map(
    ({ document, answer, outcome, left }) =>
      `${document.padEnd(width)}  ${answer}  ${outcome.padEnd(16)}  ${left || '–'}`,
  )
  return [`What ${rows.length} captured documents became:`, ...lines].join('\n')
}
