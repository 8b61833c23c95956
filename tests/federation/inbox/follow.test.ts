import { describe, expect, it } from 'vitest'
import type { ForeignActor } from '#tests/support/foreign-server.ts'
import { activityOf, useNeighbours } from './setup.ts'

const near = useNeighbours()

async function followsOf(actor: ForeignActor) {
  const account = await near.account(actor)
  const { db } = near.server.app
  return db
    .selectFrom('follows')
    .selectAll()
    .where('follower_id', '=', account?.id ?? '0')
    .execute()
}

const alice = () =>
  near.server.app.db
    .selectFrom('accounts')
    .selectAll()
    .where('id', '=', near.alice.accountId)
    .executeTakeFirstOrThrow()

const answersFor = (uri: string) =>
  near.foreign.activities('Accept').filter(({ object }) => Object(object).id === uri)

describe('Follow', () => {
  it('makes a follower, a notification and an Accept', async () => {
    const follow = activityOf(near.bob, 'Follow', near.alice.account.uri)
    expect(await near.send(near.bob, follow)).toBe(202)
    const account = await near.account(near.bob)
    expect(account).toMatchObject({ username: 'bob', domain: near.foreign.host, following_count: 1 })
    expect(await alice()).toMatchObject({ followers_count: 1 })
    expect(answersFor(follow.id)).toMatchObject([{ object: { id: follow.id } }])
    expect(await near.notifications()).toMatchObject([{ kind: 'follow' }])
  })

  it('fifty times at once, on both inboxes, is one', async () => {
    const carol = near.foreign.addActor('carol')
    const follow = activityOf(carol, 'Follow', near.alice.account.uri)
    const before = (await alice()).followers_count
    const inboxes = [`${near.server.url}/ap/inbox`, `${near.alice.account.uri}/inbox`]
    const sent = Array.from({ length: 50 }, (_, n) => carol.post(inboxes[n % 2] ?? '', follow))
    for (const response of await Promise.all(sent)) expect(response.status).toBe(202)
    await near.server.settle()
    expect(await followsOf(carol)).toHaveLength(1)
    expect(await alice()).toMatchObject({ followers_count: before + 1 })
    expect(answersFor(follow.id)).toHaveLength(1)
  })

  it('asked again under another id is answered again', async () => {
    const again = activityOf(near.bob, 'Follow', near.alice.account.uri)
    await near.send(near.bob, again)
    expect(answersFor(again.id)).toHaveLength(1)
    expect(await followsOf(near.bob)).toMatchObject([{ uri: again.id }])
  })

  it('of someone locked waits', async () => {
    const lena = await near.server.person('lena')
    const { db } = near.server.app
    await db.updateTable('accounts').set({ is_locked: true }).where('id', '=', lena.accountId).execute()
    const dave = near.foreign.addActor('dave')
    await near.send(dave, activityOf(dave, 'Follow', lena.account.uri))
    expect(await followsOf(dave)).toMatchObject([{ state: 'pending' }])
  })

  it.each(['http://elsewhere.example/u/1', 'the instance actor'])('of %s is nothing', async (target) => {
    const erin = near.foreign.addActor('erin')
    const { db } = near.server.app
    const instance = await db
      .selectFrom('accounts')
      .select('uri')
      .where('kind', '=', 'Application')
      .executeTakeFirstOrThrow()
    await near.send(erin, activityOf(erin, 'Follow', target.startsWith('http') ? target : instance.uri))
    expect(await followsOf(erin)).toEqual([])
  })
})

describe('Undo of a Follow', () => {
  it('ends it, by whoever it belongs to and nobody else', async () => {
    const frank = near.foreign.addActor('frank')
    const mallory = near.foreign.addActor('mallory')
    const follow = activityOf(frank, 'Follow', near.alice.account.uri)
    await near.send(frank, follow)
    await near.send(mallory, activityOf(mallory, 'Follow', near.alice.account.uri))
    await near.send(mallory, activityOf(mallory, 'Undo', follow))
    await near.send(mallory, activityOf(mallory, 'Undo', follow.id))
    expect(await followsOf(frank)).toHaveLength(1)
    await near.send(frank, activityOf(frank, 'Undo', follow.id))
    expect(await followsOf(frank)).toEqual([])
    // Misskey follows again under the same id. Sent in the same second, it would be the same request.
    await frank.post(`${near.server.url}/ap/inbox`, follow, { date: new Date(Date.now() - 5_000) })
    await near.server.settle()
    expect(await followsOf(frank)).toHaveLength(1)
  })

  it('that overtakes the Follow keeps it from coming true', async () => {
    const grace = near.foreign.addActor('grace')
    const follow = activityOf(grace, 'Follow', near.alice.account.uri)
    await near.send(grace, activityOf(grace, 'Undo', follow))
    await near.send(grace, follow)
    expect(await followsOf(grace)).toEqual([])
  })

  it('embedded under a new id, as Lemmy sends it, ends it too', async () => {
    const heidi = near.foreign.addActor('heidi')
    await near.send(heidi, activityOf(heidi, 'Follow', near.alice.account.uri))
    await near.send(heidi, activityOf(heidi, 'Undo', activityOf(heidi, 'Follow', near.alice.account.uri)))
    expect(await followsOf(heidi)).toEqual([])
  })
})

describe('an answer to a follow of ours', () => {
  async function followFrom(actor: ForeignActor) {
    const id = await near.server.app.lookup.account(actor.uri)
    await near.server.fetch(`/api/v1/accounts/${id}/follow`, { as: near.alice, method: 'POST' })
    await near.server.settle()
    const { db } = near.server.app
    const find = () =>
      db
        .selectFrom('follows')
        .selectAll()
        .where('followee_id', '=', id ?? '0')
        .executeTakeFirst()
    return { find, uri: (await find())?.uri ?? '' }
  }

  it('counts only from who is followed', async () => {
    const ivan = near.foreign.addActor('ivan')
    const mallory = near.foreign.addActor('mallet')
    await near.server.app.lookup.account(mallory.uri)
    const follow = await followFrom(ivan)
    await near.send(mallory, activityOf(mallory, 'Accept', follow.uri))
    expect(await follow.find()).toMatchObject({ state: 'pending' })
    await near.send(ivan, activityOf(ivan, 'Accept', follow.uri))
    expect(await follow.find()).toMatchObject({ state: 'accepted' })
    await near.send(mallory, activityOf(mallory, 'Reject', follow.uri))
    expect(await follow.find()).toMatchObject({ state: 'accepted' })
    await near.send(ivan, activityOf(ivan, 'Reject', follow.uri))
    expect(await follow.find()).toBeUndefined()
  })

  it('may embed the follow without its id', async () => {
    const judy = near.foreign.addActor('judy')
    const follow = await followFrom(judy)
    const embedded = { type: 'Follow', actor: near.alice.account.uri, object: judy.uri }
    await near.send(judy, activityOf(judy, 'Accept', embedded))
    expect(await follow.find()).toMatchObject({ state: 'accepted' })
  })
})
