import { describe, expect, it } from 'vitest'
import { findFollow } from '#src/db/follows.ts'
import { loadNoteView } from '#src/notes/view.ts'
import { blockAccount, unblockAccount } from '#src/relationships/block.ts'
import { followAccount } from '#src/relationships/follow.ts'
import type { ForeignActor } from '#tests/support/foreign-server.ts'
import { lookUp } from '#tests/support/two-servers.ts'
import { activityOf, useNeighbours } from './setup.ts'

const near = useNeighbours()

async function blocksOf(actor: ForeignActor) {
  const account = await near.account(actor)
  const { db } = near.server.app
  return db
    .selectFrom('blocks')
    .selectAll()
    .where('account_id', '=', account?.id ?? '0')
    .execute()
}

const outcomes = async () => (await near.server.app.metrics.text()).split('\n')
const countOf = async (type: string, outcome: string) => {
  const lines = (await outcomes()).filter((line) => line.startsWith('pinxit_inbox_activities_total{'))
  const line = lines.find((one) => one.includes(`"${type}"`) && one.includes(`"${outcome}"`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

describe('Block', () => {
  it('is stored, ends follows both ways, and hides the blocker’s notes', async () => {
    const bob = near.bob
    const { note } = await aNoteOf(bob)
    await near.send(bob, activityOf(bob, 'Follow', near.alice.account.uri))
    const bobId = await lookUp(near.server, bob.uri)
    await followAccount(near.server.app, near.alice.accountId, bobId)
    const block = activityOf(bob, 'Block', near.alice.account.uri)
    expect(await near.send(bob, block)).toBe(202)
    expect(await blocksOf(bob)).toMatchObject([{ target_id: near.alice.accountId, uri: block.id }])
    const { db } = near.server.app
    expect(await findFollow(db, bobId, near.alice.accountId)).toBeUndefined()
    expect(await findFollow(db, near.alice.accountId, bobId)).toBeUndefined()
    await expect(loadNoteView(db, note.id, near.alice.accountId)).rejects.toMatchObject({ kind: 'notFound' })
    // What another server's people do, their server says itself: nothing is sent about it from here.
    const about = [...near.foreign.activities('Reject'), ...near.foreign.activities('Undo')]
    expect(about.filter(({ object }) => JSON.stringify(object).includes(bob.uri))).toEqual([])
  })

  it('twenty times at once is one, and is taken back by its id or by whom it is about', async () => {
    const carol = near.foreign.addActor('carol')
    const block = activityOf(carol, 'Block', near.alice.account.uri)
    await Promise.all(Array.from({ length: 20 }, () => carol.post(`${near.server.url}/ap/inbox`, block)))
    await near.server.settle()
    expect(await blocksOf(carol)).toHaveLength(1)
    await near.send(carol, activityOf(carol, 'Undo', block.id))
    expect(await blocksOf(carol)).toEqual([])
    await near.send(carol, activityOf(carol, 'Block', near.alice.account.uri))
    await near.send(carol, activityOf(carol, 'Undo', activityOf(carol, 'Block', near.alice.account.uri)))
    expect(await blocksOf(carol)).toEqual([])
  })

  it('that its Undo overtakes never comes true', async () => {
    const dave = near.foreign.addActor('dave')
    const block = activityOf(dave, 'Block', near.alice.account.uri)
    await near.send(dave, activityOf(dave, 'Undo', block))
    await near.send(dave, block)
    expect(await blocksOf(dave)).toEqual([])
  })

  it('is nobody else’s to take back, on the same server too', async () => {
    const erin = near.foreign.addActor('erin')
    const mallory = near.foreign.addActor('mallory')
    const block = activityOf(erin, 'Block', near.alice.account.uri)
    await near.send(erin, block)
    await near.send(mallory, activityOf(mallory, 'Undo', block.id))
    await near.send(mallory, activityOf(mallory, 'Undo', block))
    await near.send(mallory, activityOf(mallory, 'Undo', { ...block, actor: mallory.uri }))
    expect(await blocksOf(erin)).toHaveLength(1)
    await near.send(erin, activityOf(erin, 'Undo', block.id))
    expect(await blocksOf(erin)).toEqual([])
  })

  it.each([
    ['of someone elsewhere', { object: 'http://elsewhere.example/u/1' }],
    ['from a community (Lemmy)', { target: 'http://elsewhere.example/c/main' }],
    ['of nobody', { object: undefined }],
    ['of an address of ours that nobody has', { object: 'LOCAL/ap/users/1' }],
  ])('%s is set aside', async (_name, changes) => {
    const frank = near.foreign.addActor(`frank${crypto.randomUUID().slice(0, 6)}`)
    const document = { ...activityOf(frank, 'Block', near.alice.account.uri), ...changes }
    const text = JSON.stringify(document).replaceAll('LOCAL', near.server.url)
    expect(await near.send(frank, JSON.parse(text))).toBeLessThan(500)
    expect(await blocksOf(frank)).toEqual([])
  })
})

describe('someone whom Alice blocks', () => {
  it('can neither follow, like, boost, answer nor be heard, and gets Reject and Block', async () => {
    const grace = near.foreign.addActor('grace')
    const follow = activityOf(grace, 'Follow', near.alice.account.uri)
    await near.send(grace, follow)
    const graceId = await lookUp(near.server, grace.uri)
    const note = await near.post('Hello')
    const before = await near.notifications()
    await blockAccount(near.server.app, near.alice.accountId, graceId)
    await near.server.settle()
    expect(near.foreign.activities('Reject')).toContainEqual(
      expect.objectContaining({ object: expect.objectContaining({ id: follow.id }) }),
    )
    const sent = near.foreign.received.filter(({ activity }) => activity.type === 'Block')
    expect(sent).toMatchObject([
      { path: new URL(grace.inbox).pathname, activity: { actor: near.alice.account.uri, object: grace.uri } },
    ])
    const remaining = (await near.notifications()).length
    expect(remaining).toBe(before.length - 1)

    const again = activityOf(grace, 'Follow', near.alice.account.uri)
    await near.send(grace, again)
    await near.send(grace, activityOf(grace, 'Like', note.uri))
    await near.send(grace, activityOf(grace, 'Announce', note.uri))
    const reply = near.note(grace, 'reply', { inReplyTo: note.uri })
    await near.send(grace, near.create(grace, reply))
    expect(near.foreign.activities('Reject')).toContainEqual(
      expect.objectContaining({ object: expect.objectContaining({ id: again.id }) }),
    )
    expect(await near.stored(reply.id)).toBeUndefined()
    expect(await near.stored(note.uri)).toMatchObject({ likes_count: 0, boosts_count: 0, replies_count: 0 })
    expect(await near.notifications()).toHaveLength(remaining)
    for (const type of ['Follow', 'Like', 'Announce']) expect(await countOf(type, 'blocked')).toBe(1)

    await unblockAccount(near.server.app, near.alice.accountId, graceId)
    await near.server.settle()
    expect(near.foreign.activities('Undo')).toContainEqual(
      expect.objectContaining({ object: expect.objectContaining({ type: 'Block', object: grace.uri }) }),
    )
    await near.send(grace, activityOf(grace, 'Like', note.uri))
    await near.send(grace, near.create(grace, near.note(grace, 'reply2', { inReplyTo: note.uri })))
    expect(await near.stored(note.uri)).toMatchObject({ likes_count: 1, replies_count: 1 })
    expect(await near.notifications()).toHaveLength(remaining + 2)
  })

  it('is not told when their server is blocked here', async () => {
    const heidi = near.foreign.addActor('heidi')
    const heidiId = await lookUp(near.server, heidi.uri)
    const { db } = near.server.app
    const domain = new URL(near.foreign.url).hostname
    await db.insertInto('domain_blocks').values({ domain }).execute()
    await blockAccount(near.server.app, near.alice.accountId, heidiId)
    await near.server.settle()
    await db.deleteFrom('domain_blocks').execute()
    const sent = near.foreign.received.filter(({ activity }) => activity.object === heidi.uri)
    expect(sent).toEqual([])
  })
})

async function aNoteOf(actor: ForeignActor) {
  const note = near.note(actor, crypto.randomUUID())
  await near.send(actor, near.create(actor, note))
  const stored = await near.stored(note.id)
  if (!stored) throw new Error('The note was not stored')
  return { note: stored }
}
