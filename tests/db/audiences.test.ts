import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { register } from '#src/accounts/register.ts'
import { type Account, upsertRemoteAccount } from '#src/db/accounts.ts'
import { boostInboxes, hasBoostInbox, hasNoteInbox, noteInboxes } from '#src/db/audiences.ts'
import { listTargets } from '#src/db/deliveries.ts'
import { insertFollow } from '#src/db/follows.ts'
import { findNoteRow, type Note } from '#src/db/notes.ts'
import { createNote } from '#src/notes/create.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'
import { noteForm } from '#tests/support/notes.ts'

let bare: BareApp
let alice: Account
let bob: Account
let remote: Account
beforeAll(async () => {
  bare = await createBareApp()
  alice = await person('alice')
  bob = await person('bob')
  remote = await upsertRemoteAccount(bare.app.db, {
    username: 'ria',
    domain: 'far.example',
    uri: 'https://far.example/ria',
    url: 'https://far.example/ria',
    inbox_uri: 'https://far.example/ria/inbox',
    shared_inbox_uri: 'https://far.example/inbox',
  })
})
afterAll(() => bare.close())
afterEach(async () => {
  const { db } = bare.app
  for (const table of ['follows', 'blocks', 'domain_blocks', 'retired_inboxes', 'mentions'] as const)
    await db.deleteFrom(table).execute()
  await db.updateTable('accounts').set({ deleted_at: null }).execute()
})

async function person(username: string): Promise<Account> {
  const email = `${username}@mail.example`
  const common = { passwordHash: 'unused', role: 'user', confirmed: true, approved: true } as const
  return (await register(bare.app, { username, email, ...common })).account
}

function follow(follower: Account, state: 'accepted' | 'pending' = 'accepted'): Promise<unknown> {
  const uri = `${follower.uri}/follows/1`
  return bare.app.db
    .transaction()
    .execute((trx) => insertFollow(trx, { follower_id: follower.id, followee_id: alice.id, uri, state }))
}

async function noteOf(author: Account, change: Partial<Note> = {}): Promise<Note> {
  const { app } = bare
  const { note: stored } = await createNote(app, author, noteForm())
  const note = await findNoteRow(app.db, stored.id)
  if (!note) throw new Error('A note that was stored is there')
  return { ...note, ...change }
}

function retire(...inboxes: string[]): Promise<unknown> {
  const now = bare.clock.now()
  return bare.app.db
    .insertInto('retired_inboxes')
    .values(inboxes.map((inbox) => ({ inbox, missed_at: now, retired_at: now })))
    .execute()
}

type Situation = {
  prepare?: (note: Note) => Promise<unknown>
  /** What its author wrote otherwise. */
  note?: Partial<Note>
}

const followedFromElsewhere = () => follow(remote)
const mention = ({ id }: Note) =>
  bare.app.db.insertInto('mentions').values({ note_id: id, account_id: remote.id }).execute()
const block = () =>
  bare.app.db
    .insertInto('blocks')
    .values({ account_id: alice.id, target_id: remote.id, uri: 'https://pinxit.example/block' })
    .execute()
const blockServer = () => bare.app.db.insertInto('domain_blocks').values({ domain: 'far.example' }).execute()
const loseRemote = () =>
  bare.app.db
    .updateTable('accounts')
    .set({ deleted_at: bare.clock.now() })
    .where('id', '=', remote.id)
    .execute()
const inTurn =
  (...steps: ((note: Note) => Promise<unknown>)[]) =>
  async (note: Note) => {
    for (const step of steps) await step(note)
  }

const heard: [string, Situation][] = [
  ['with a follower elsewhere', { prepare: followedFromElsewhere }],
  [
    'for followers, one of them elsewhere',
    { prepare: followedFromElsewhere, note: { visibility: 'followers' } },
  ],
  ['to someone elsewhere alone', { prepare: mention, note: { visibility: 'direct' } }],
  [
    'with a follower whose shared inbox is gone',
    { prepare: inTurn(followedFromElsewhere, () => retire('https://far.example/inbox')) },
  ],
]

const unheard: [string, Situation][] = [
  ['without followers', {}],
  ['with followers here alone', { prepare: () => follow(bob) }],
  ['with one who only asked to follow', { prepare: () => follow(remote, 'pending') }],
  [
    'to nobody elsewhere, by one who is followed',
    { prepare: followedFromElsewhere, note: { visibility: 'direct' } },
  ],
  ['to someone elsewhere whom its author blocks', { prepare: inTurn(mention, block) }],
  ['with a follower on a server that is blocked', { prepare: inTurn(followedFromElsewhere, blockServer) }],
  ['with a follower who is gone', { prepare: inTurn(followedFromElsewhere, loseRemote) }],
  [
    'with a follower whose inboxes are both gone',
    {
      prepare: inTurn(followedFromElsewhere, () =>
        retire('https://far.example/inbox', 'https://far.example/ria/inbox'),
      ),
    },
  ],
]

describe('whether a note has an inbox elsewhere', () => {
  async function expectHeard({ prepare, note: change }: Situation, isHeard: boolean): Promise<void> {
    const { db } = bare.app
    const note = await noteOf(alice, change)
    await prepare?.(note)
    const inboxes = await listTargets(db, noteInboxes(note), { after: undefined, limit: 10 })
    expect(inboxes.length > 0).toBe(isHeard)
    expect(await db.transaction().execute((trx) => hasNoteInbox(trx, note))).toBe(isHeard)
  }
  test.each(heard)('one %s has', (_, situation) => expectHeard(situation, true))
  test.each(unheard)('one %s has not', (_, situation) => expectHeard(situation, false))
  test('an answer to someone elsewhere has, unless it is for followers', async () => {
    const note = { in_reply_to_account_id: remote.id }
    await expectHeard({ note }, true)
    await expectHeard({ note: { ...note, visibility: 'followers' } }, false)
  })
})

test('a boost has an inbox elsewhere by its author’s followers, or by whom it boosts', async () => {
  const { db } = bare.app
  const boost = await noteOf(alice)
  const inboxesOf = async (boostedAuthor: Account) => {
    const found = await listTargets(db, boostInboxes(boost, boostedAuthor.id), {
      after: undefined,
      limit: 10,
    })
    expect(await hasBoostInbox(db, boost, boostedAuthor.id)).toBe(found.length > 0)
    return found.length
  }
  expect([await inboxesOf(bob), await inboxesOf(remote)]).toEqual([0, 1])
  await follow(remote)
  expect(await inboxesOf(bob)).toBe(1)
})
