import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFollow } from '#src/db/follows.ts'
import { findNoteRowByUri } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { fileReport } from '#src/moderation/report.ts'
import { loadNoteView } from '#src/notes/view.ts'
import { blockAccount, unblockAccount } from '#src/relationships/block.ts'
import { blockDomainFor, unblockDomainFor } from '#src/relationships/domain-block.ts'
import { removeFollower } from '#src/relationships/end-follow.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { settle, startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { lookUp } from '#tests/support/two-servers.ts'

let here: TestServer
let there: TestServer
let alice: TestPerson
let bob: TestPerson
/** Each as the other's server knows them. */
let aliceThere: Id
let bobHere: Id

beforeAll(async () => {
  ;[here, there] = await Promise.all([startTestServer(), startTestServer()])
  ;[alice, bob] = await Promise.all([here.person('alice'), there.person('bob')])
  aliceThere = await lookUp(there, alice.account.uri)
  bobHere = await lookUp(here, bob.account.uri)
})
afterAll(() => Promise.all([here.close(), there.close()]))

async function followEachOther(): Promise<void> {
  await followAccount(there.app, bob.accountId, aliceThere)
  await followAccount(here.app, alice.accountId, bobHere)
  await settle(here, there)
}

/** Which follows stand, on both servers: Bob of Alice and Alice of Bob. */
async function follows(): Promise<{ here: boolean[]; there: boolean[] }> {
  await settle(here, there)
  const has = async (server: TestServer, one: Id, other: Id) =>
    (await findFollow(server.app.db, one, other))?.state === 'accepted'
  return {
    here: [await has(here, bobHere, alice.accountId), await has(here, alice.accountId, bobHere)],
    there: [await has(there, bob.accountId, aliceThere), await has(there, aliceThere, bob.accountId)],
  }
}

const all = { here: [true, true], there: [true, true] }
const none = { here: [false, false], there: [false, false] }

describe('between two servers', () => {
  it('a block ends follows on both, hides what is there, and lets nothing more through', async () => {
    await followEachOther()
    expect(await follows()).toEqual(all)
    const { note } = await post(here, alice, { text: 'For all' })
    await settle(here, there)
    const copy = await findNoteRowByUri(there.app.db, note.uri)
    if (!copy) throw new Error('The note did not arrive')
    await blockAccount(here.app, alice.accountId, bobHere)
    expect(await follows()).toEqual(none)
    await expect(loadNoteView(there.app.db, copy.id, bob.accountId)).rejects.toMatchObject({
      kind: 'notFound',
    })
    await expect(followAccount(there.app, bob.accountId, aliceThere)).rejects.toMatchObject({
      kind: 'forbidden',
    })
    const mention = { text: `@${alice.handle} hello?` }
    await post(there, bob, mention)
    const { note: unseen } = await post(here, alice, { text: `@${bob.handle} nothing to you` })
    await settle(here, there)
    expect(await findNoteRowByUri(there.app.db, unseen.uri)).toBeUndefined()
    const heard = () =>
      here.app.db
        .selectFrom('notifications')
        .select('kind')
        .where('account_id', '=', alice.accountId)
        .where('from_account_id', '=', bobHere)
        .execute()
    expect(await heard()).toEqual([])

    await unblockAccount(here.app, alice.accountId, bobHere)
    await settle(here, there)
    expect(await loadNoteView(there.app.db, copy.id, bob.accountId)).toMatchObject({ note: { id: copy.id } })
    await post(there, bob, mention)
    await settle(here, there)
    expect(await heard()).toEqual([{ kind: 'mention' }])
  })

  it('who is removed as a follower follows no longer, and nothing else changes', async () => {
    await followEachOther()
    await removeFollower(here.app, alice.accountId, bobHere)
    expect(await follows()).toEqual({ here: [false, true], there: [false, true] })
    await followEachOther()
    expect(await follows()).toEqual(all)
  })

  it('a domain that someone blocks loses their follows both ways, and can follow no more', async () => {
    await followEachOther()
    const carol = await here.person('carol')
    await followAccount(here.app, carol.accountId, bobHere)
    await settle(here, there)
    await blockDomainFor(here.app, alice.accountId, there.app.handleHost.toUpperCase())
    expect(await follows()).toEqual(none)
    expect(await findFollow(here.app.db, carol.accountId, bobHere)).toMatchObject({ state: 'accepted' })
    await followAccount(there.app, bob.accountId, aliceThere)
    expect(await follows()).toEqual(none)
    await unblockDomainFor(here.app, alice.accountId, there.app.handleHost)
    await followEachOther()
    expect(await follows()).toEqual(all)
  })
})

describe('a report that is forwarded', () => {
  it('reaches the other server’s moderators, in the name of this server and of nobody on it', async () => {
    const moderator = await there.person('molly', { role: 'moderator' })
    const { note } = await post(there, bob, { text: `@${alice.handle} Buy this` })
    await settle(here, there)
    const copy = await findNoteRowByUri(here.app.db, note.uri)
    await fileReport(here.app, alice.accountId, {
      targetId: bobHere,
      noteIds: [copy?.id ?? ''],
      comment: 'Advertising',
      category: 'spam',
      isForwarded: true,
    })
    await settle(here, there)
    const report = await there.app.db.selectFrom('reports').selectAll().executeTakeFirstOrThrow()
    expect(report).toMatchObject({ target_id: bob.accountId, note_ids: [note.id], comment: 'Advertising' })
    const reporter = await there.app.db
      .selectFrom('accounts')
      .selectAll()
      .where('id', '=', report.account_id)
      .executeTakeFirstOrThrow()
    expect(reporter).toMatchObject({ kind: 'Application', domain: here.app.handleHost })
    const told = there.app.db
      .selectFrom('notifications')
      .select('kind')
      .where('account_id', '=', moderator.accountId)
    expect(await told.execute()).toEqual([{ kind: 'report' }])
  })

  it('names nobody who reports, anywhere in what is sent', async () => {
    const foreign: ForeignServer = await startForeignServer()
    try {
      const mallory = foreign.addActor('mallory')
      const id = await lookUp(here, mallory.uri)
      const form = { targetId: id, noteIds: [], comment: 'Look at this', category: 'other' } as const
      await fileReport(here.app, alice.accountId, { ...form, isForwarded: false })
      await here.settle()
      expect(foreign.activities('Flag')).toEqual([])
      await fileReport(here.app, alice.accountId, { ...form, isForwarded: true })
      await here.settle()
      const [sent] = foreign.received.filter(({ activity }) => activity.type === 'Flag')
      expect(sent?.activity).toMatchObject({
        object: [mallory.uri],
        content: 'Look at this',
        to: [mallory.uri],
      })
      expect(sent?.text).not.toContain(alice.account.uri)
      expect(sent?.text.toLowerCase()).not.toContain('alice')
      expect(JSON.stringify(sent?.headers)).not.toContain(alice.account.uri)
    } finally {
      await foreign.close()
    }
  })
})
