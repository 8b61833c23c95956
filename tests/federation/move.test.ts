import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addAlias } from '#src/accounts/aliases.ts'
import { type Account, findAccount, getAccount } from '#src/db/accounts.ts'
import { findFollow } from '#src/db/follows.ts'
import { blockAccount } from '#src/relationships/block.ts'
import { confirmFollow, followAccount } from '#src/relationships/follow.ts'
import { cancelMove, moveAway } from '#src/relationships/move.ts'
import { muteAccount } from '#src/relationships/mute.ts'
import type { ForeignActor } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { settle, startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { lookUp } from '#tests/support/two-servers.ts'
import { activityOf, useNeighbours } from './inbox/setup.ts'

const dayMs = 24 * 60 * 60_000

describe('between two of our servers', () => {
  let here: TestServer
  let there: TestServer
  let alice: TestPerson
  /** Alice's new account. */
  let alicia: TestPerson
  let bob: TestPerson
  let hugo: TestPerson

  beforeAll(async () => {
    ;[here, there] = await Promise.all([startTestServer(), startTestServer()])
    ;[alice, hugo] = [await here.person('alice'), await here.person('hugo')]
    ;[alicia, bob] = [await there.person('alicia'), await there.person('bob')]
    await followAccount(there.app, bob.accountId, await lookUp(there, alice.account.uri))
    await followAccount(here.app, hugo.accountId, alice.accountId)
    await settle(here, there)
  })
  afterAll(() => Promise.all([here.close(), there.close()]))

  const wish = () => ({ handle: alicia.account.uri, password: alice.password, address: '' })
  const knownThere = (person: TestPerson) =>
    lookUp(there, person.account.uri).then((id) => findAccount(there.app.db, id))

  it('is refused without an alias, with a wrong password, to oneself and to nobody', async () => {
    const move = (changes: object) => moveAway(here.app, alice.accountId, { ...wish(), ...changes })
    await expect(move({})).rejects.toMatchObject({ code: 'move_alias' })
    await expect(move({ password: 'wrong' })).rejects.toMatchObject({ code: 'wrong_credentials' })
    await expect(move({ handle: alice.handle })).rejects.toMatchObject({ code: 'move_self' })
    await expect(move({ handle: `nobody@${there.app.handleHost}` })).rejects.toMatchObject({
      code: 'move_target',
    })
    expect(await getAccount(here.app.db, alice.accountId)).toMatchObject({ moved_to_uri: null })
  })

  it('takes followers along, on both servers, once the new account names the old one', async () => {
    await addAlias(there.app, alicia.accountId, {
      id: await lookUp(there, alice.account.uri),
      uri: alice.account.uri,
    })
    await settle(here, there)
    await moveAway(here.app, alice.accountId, wish())
    await settle(here, there)
    expect(await findFollow(there.app.db, bob.accountId, alicia.accountId)).toMatchObject({
      state: 'accepted',
    })
    expect(
      await findFollow(there.app.db, bob.accountId, await lookUp(there, alice.account.uri)),
    ).toBeUndefined()
    expect(
      await findFollow(here.app.db, hugo.accountId, await lookUp(here, alicia.account.uri)),
    ).toMatchObject({
      state: 'accepted',
    })
    expect(await findFollow(here.app.db, hugo.accountId, alice.accountId)).toBeUndefined()
    expect(await getAccount(there.app.db, alicia.accountId)).toMatchObject({ followers_count: 2 })
    expect(await knownThere(alice)).toMatchObject({
      moved_to_id: alicia.accountId,
      moved_to_uri: alicia.account.uri,
    })
  })

  it('shows where one went, to apps, on the page and in the document', async () => {
    const answer = await here.fetch(`/api/v1/accounts/${alice.accountId}`)
    expect(await answer.json()).toMatchObject({ moved: { username: 'alicia' } })
    const page = await (await here.fetch('/@alice')).text()
    expect(page).toContain('has moved to')
    expect(page).toContain(`/@alicia@${there.app.handleHost}`)
    const actor = await fetch(alice.account.uri, { headers: { accept: 'application/activity+json' } })
    expect(await actor.json()).toMatchObject({ movedTo: alicia.account.uri })
    const successor = await fetch(alicia.account.uri, { headers: { accept: 'application/activity+json' } })
    expect(await successor.json()).toMatchObject({ alsoKnownAs: [alice.account.uri] })
  })

  it('leaves an account that can look around, but neither post nor follow', async () => {
    const posted = await here.fetch('/api/v1/statuses', { as: alice, json: { status: 'still here' } })
    expect(posted.status).toBe(403)
    const moved = await getAccount(here.app.db, alice.accountId)
    await expect(post(here, { ...alice, account: moved })).rejects.toMatchObject({ code: 'moved' })
    await expect(followAccount(here.app, alice.accountId, hugo.accountId)).rejects.toMatchObject({
      code: 'moved',
    })
    expect((await here.fetch('/api/v1/timelines/home', { as: alice })).status).toBe(200)
  })

  it('can be cancelled, and not begun again for thirty days', async () => {
    await cancelMove(here.app, alice.accountId)
    await settle(here, there)
    expect(
      (await post(here, { ...alice, account: await getAccount(here.app.db, alice.accountId) })).note.id,
    ).toBeTruthy()
    await expect(moveAway(here.app, alice.accountId, wish())).rejects.toMatchObject({ code: 'move_cooldown' })
    here.clock.advance(31 * dayMs)
    await moveAway(here.app, alice.accountId, wish())
    expect(await getAccount(here.app.db, alice.accountId)).toMatchObject({ moved_to_uri: alicia.account.uri })
  })
})

describe('Move of another server', () => {
  const near = useNeighbours()
  let count = 0
  let old: ForeignActor
  let successor: ForeignActor

  beforeEach(async () => {
    count += 1
    old = near.foreign.addActor(`old${count}`)
    successor = near.foreign.addActor(`new${count}`)
    for (const actor of [old, successor]) {
      Object.assign(actor.document, {
        '@context': [
          actor.document['@context'],
          {
            movedTo: { '@id': 'as:movedTo', '@type': '@id' },
            alsoKnownAs: { '@id': 'as:alsoKnownAs', '@type': '@id' },
          },
        ].flat(),
      })
    }
    await follow(old)
  })

  async function follow(actor: ForeignActor): Promise<void> {
    const account = await known(actor)
    const { app } = near.server
    await followAccount(app, near.alice.accountId, account.id, { showBoosts: false, notify: true })
    await app.db.transaction().execute((trx) => confirmFollow(trx, near.alice.accountId, account.id))
    await near.server.settle()
  }

  async function known(actor: ForeignActor): Promise<Account> {
    await near.server.app.lookup.account(actor.uri)
    const account = await near.account(actor)
    if (!account) throw new Error(`${actor.uri} was not found`)
    return account
  }

  async function followOf(actor: ForeignActor) {
    const account = await near.account(actor)
    return account && findFollow(near.server.app.db, near.alice.accountId, account.id)
  }

  const move = (changes: object = {}) => ({
    ...activityOf(old, 'Move', old.uri),
    target: successor.uri,
    ...changes,
  })

  it('has people here follow the new account as they followed the old one, once', async () => {
    successor.document.alsoKnownAs = [old.uri]
    old.document.movedTo = successor.uri
    const activity = move()
    expect(await near.send(old, activity)).toBe(202)
    expect(await followOf(successor)).toMatchObject({ state: 'pending', show_boosts: false, notify: true })
    expect(await followOf(old)).toBeUndefined()
    expect(await near.notifications()).toEqual([{ kind: 'move', note_id: null }])
    expect(near.foreign.activities('Follow').filter(({ object }) => object === successor.uri)).toHaveLength(1)
    expect(near.foreign.activities('Undo').some(({ object }) => Object(object).object === old.uri)).toBe(true)
    await near.send(old, activity)
    await near.send(old, move())
    expect(near.foreign.activities('Follow').filter(({ object }) => object === successor.uri)).toHaveLength(1)
  })

  it('leads mutes and blocks on', async () => {
    const { app } = near.server
    const [muter, blocker] = [
      await near.server.person(`muter${count}`),
      await near.server.person(`blocker${count}`),
    ]
    const oldId = (await known(old)).id
    await muteAccount(app, muter.accountId, oldId, { hidesNotifications: false, durationSeconds: 0 })
    await blockAccount(app, blocker.accountId, oldId)
    successor.document.alsoKnownAs = [old.uri]
    await near.send(old, move())
    const newId = (await near.account(successor))?.id ?? ''
    const mute = await app.db.selectFrom('mutes').selectAll().where('target_id', '=', newId).execute()
    expect(mute).toMatchObject([{ account_id: muter.accountId, hides_notifications: false }])
    const block = await app.db.selectFrom('blocks').selectAll().where('target_id', '=', newId).execute()
    expect(block).toMatchObject([{ account_id: blocker.accountId }])
  })

  it('to someone here makes them followed by whoever followed the old account', async () => {
    const { app } = near.server
    const local = await near.server.person(`local${count}`)
    await addAlias(app, local.accountId, { id: (await known(old)).id, uri: old.uri })
    await near.send(old, move({ target: local.account.uri }))
    expect(await findFollow(app.db, near.alice.accountId, local.accountId)).toMatchObject({
      state: 'accepted',
    })
  })

  it.each<[string, () => Promise<number> | number]>([
    ['to an account that does not name the old one', () => near.send(old, move())],
    [
      'of somebody else, on the same server too',
      () => {
        successor.document.alsoKnownAs = [old.uri]
        return near.send(successor, { ...move(), id: `${successor.uri}/moves/1`, actor: successor.uri })
      },
    ],
    [
      'to another account than its own document says',
      () => {
        successor.document.alsoKnownAs = [old.uri]
        old.document.movedTo = near.bob.uri
        return near.send(old, move())
      },
    ],
    [
      'to an account that moved on itself',
      () => {
        successor.document.alsoKnownAs = [old.uri]
        successor.document.movedTo = near.bob.uri
        return near.send(old, move())
      },
    ],
    ['without a target', () => near.send(old, { ...move(), target: undefined })],
    ['to itself', () => near.send(old, move({ target: old.uri }))],
    ['to what is no account', () => near.send(old, move({ target: `${near.foreign.url}/nothing` }))],
    [
      'to an account whose alias only begins like it',
      () => {
        successor.document.alsoKnownAs = [`${old.uri}x`]
        return near.send(old, move())
      },
    ],
  ])('%s changes nothing', async (_name, send) => {
    expect(await send()).toBe(202)
    expect(await followOf(old)).toMatchObject({ state: 'accepted' })
    expect(await followOf(successor)).toBeUndefined()
  })

  it('is tried again when a server does not answer now', async () => {
    successor.document.alsoKnownAs = [old.uri]
    const path = new URL(successor.uri).pathname
    near.foreign.documents.set(path, 503)
    await near.send(old, move())
    expect(await followOf(old)).toBeDefined()
    near.foreign.documents.set(path, successor.document)
    near.server.clock.advance(dayMs)
    await near.server.settle()
    expect(await followOf(successor)).toBeDefined()
  })
})
