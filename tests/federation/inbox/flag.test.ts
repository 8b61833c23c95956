import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ForeignActor, JsonObject } from '#tests/support/foreign-server.ts'
import type { TestPerson } from '#tests/support/test-server.ts'
import { activityOf, useNeighbours } from './setup.ts'

const near = useNeighbours()
const folder = new URL('../../../../shared/fixtures/activities/', import.meta.url).pathname

let moderator: TestPerson
let owner: TestPerson
let reporter: ForeignActor
beforeAll(async () => {
  moderator = await near.server.person('molly', { role: 'moderator' })
  owner = await near.server.person('olga', { role: 'owner' })
  reporter = near.foreign.addActor('actor', { type: 'Application' })
})

const reports = () => near.server.app.db.selectFrom('reports').selectAll().orderBy('id').execute()
const lastReport = async () => (await reports()).at(-1)
const told = async (person: TestPerson) =>
  near.server.app.db
    .selectFrom('notifications')
    .select('report_id')
    .where('account_id', '=', person.accountId)
    .where('kind', '=', 'report')
    .execute()

const flag = (object: unknown, changes: JsonObject = {}) => ({
  ...activityOf(reporter, 'Flag', object),
  content: 'Please <b>look</b> at this',
  ...changes,
})

describe('Flag', () => {
  it('of an account and its notes becomes a report that moderators hear of', async () => {
    const [one, two] = [await near.post('One'), await near.post('Two')]
    const sent = flag([near.alice.account.uri, one.uri, two.uri])
    expect(await near.send(reporter, sent)).toBe(202)
    const report = await lastReport()
    expect(report).toMatchObject({
      target_id: near.alice.accountId,
      uri: sent.id,
      note_ids: [one.id, two.id],
      comment: 'Please look at this',
      resolved_at: null,
    })
    for (const person of [moderator, owner])
      expect(await told(person)).toContainEqual({ report_id: report?.id })
    expect(await told(near.alice)).toEqual([])
  })

  it('may name a note alone, an account alone, or either in any order, embedded or not', async () => {
    const note = await near.post('Flagged')
    const noteIds = async (object: unknown) => {
      await near.send(reporter, flag(object))
      const report = await lastReport()
      expect(report?.target_id).toBe(near.alice.accountId)
      return report?.note_ids
    }
    const account = near.alice.account.uri
    expect(await noteIds(note.uri)).toEqual([note.id])
    expect(await noteIds(account)).toEqual([])
    expect(await noteIds([note.uri, account])).toEqual([note.id])
    const embedded = { type: 'Note', id: note.uri, content: 'Something else', attributedTo: reporter.uri }
    expect(await noteIds([account, embedded])).toEqual([note.id])
    expect(await noteIds([account, embedded, { ...embedded, id: 'https://elsewhere.example/1' }])).toEqual([
      note.id,
    ])
  })

  it('twenty times at once is one report', async () => {
    const before = (await reports()).length
    const sent = flag(near.alice.account.uri)
    await Promise.all(Array.from({ length: 20 }, () => reporter.post(`${near.server.url}/ap/inbox`, sent)))
    await near.server.settle()
    expect(await reports()).toHaveLength(before + 1)
    expect(await told(moderator)).toHaveLength((await reports()).length)
  })

  it('does not hang a note of one person on another', async () => {
    const bob = await near.server.person('bobby')
    const note = await near.post('Mine, not Bob’s')
    await near.send(reporter, flag([bob.account.uri, note.uri]))
    expect(await lastReport()).toMatchObject({ target_id: bob.accountId, note_ids: [] })
  })

  it.each([
    ['about somebody elsewhere', ['https://elsewhere.example/users/1']],
    ['about nothing', []],
    ['about this server itself', ['INSTANCE']],
    ['about a note of ours that is not there', ['LOCAL/ap/notes/1']],
  ])('%s is set aside', async (_name, object) => {
    const instance = await near.server.app.db
      .selectFrom('accounts')
      .select('uri')
      .where('kind', '=', 'Application')
      .where('domain', 'is', null)
      .executeTakeFirstOrThrow()
    const before = (await reports()).length
    const text = JSON.stringify(flag(object))
      .replaceAll('INSTANCE', instance.uri)
      .replaceAll('LOCAL', near.server.url)
    expect(await near.send(reporter, JSON.parse(text))).toBe(202)
    expect(await reports()).toHaveLength(before)
  })

  it('of hundreds of things and of endless words is cut, and no other activity names several', async () => {
    const many = Array.from({ length: 250 }, (_, n) => `${near.server.url}/ap/notes/${n}`)
    await near.send(reporter, flag([near.alice.account.uri, ...many], { content: 'x'.repeat(100_000) }))
    expect((await lastReport())?.comment.length).toBeLessThanOrEqual(5_000)
    const note = await near.post('Liked once')
    const carol = near.foreign.addActor('carol')
    await near.send(carol, activityOf(carol, 'Like', [note.uri, near.alice.account.uri]))
    expect(await near.stored(note.uri)).toMatchObject({ likes_count: 0 })
    await near.send(carol, activityOf(carol, 'Like', note.uri))
    expect(await near.stored(note.uri)).toMatchObject({ likes_count: 1 })
  })

  const captured = [
    'mastodon/activities/flag',
    'mbin/activities/flag',
    'lemmy/activities/community/report_page',
  ]
  if (!existsSync(folder)) console.warn(`SKIPPED: the captured activities are not at ${folder}`)
  it.skipIf(!existsSync(folder)).each(captured)('as captured in %s is a report', async (file) => {
    const document: JsonObject = JSON.parse(readFileSync(`${folder}${file}.json`, 'utf8'))
    const note = await near.post('A post')
    const named = [document.object].flat().map(String)
    const object = named.map((uri) => (/users|\/u\//.test(uri) ? near.alice.account.uri : note.uri))
    const sent = {
      ...document,
      '@context': 'https://www.w3.org/ns/activitystreams',
      id: `${reporter.uri}/${crypto.randomUUID()}`,
      actor: reporter.uri,
      object: typeof document.object === 'string' ? object[0] : object,
    }
    expect(await near.send(reporter, sent)).toBe(202)
    const comment = String(document.content ?? document.summary)
    expect(await lastReport()).toMatchObject({
      target_id: near.alice.accountId,
      note_ids: [note.id],
      comment,
    })
  })
})

describe('a server that reports without end', () => {
  it('is heard fifty times a day, and again the day after', async () => {
    const { db } = near.server.app
    await db.deleteFrom('reports').execute()
    for (let count = 0; count < 52; count += 1)
      await reporter.post(`${near.server.url}/ap/inbox`, flag(near.alice.account.uri))
    await near.server.settle()
    expect(await reports()).toHaveLength(50)
    await db
      .updateTable('reports')
      .set({ created_at: new Date(Date.now() - 25 * 3600_000) })
      .execute()
    await near.send(reporter, flag(near.alice.account.uri))
    expect(await reports()).toHaveLength(51)
  })
})
