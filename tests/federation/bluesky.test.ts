import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getAccount, updateAccount, upsertRemoteAccount } from '#src/db/accounts.ts'
import { findBridge } from '#src/db/bluesky.ts'
import { replaceSetting } from '#src/db/settings.ts'
import type { Id } from '#src/db/tables.ts'
import { readNotifications } from '#src/timelines/notifications.ts'
import { type BlueskyBridge, startBlueskyBridge } from '#tests/support/bluesky-bridge.ts'
import { post } from '#tests/support/notes.ts'
import { storePicture } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Visitor, visit } from '#tests/support/visitor.ts'

const day = 24 * 60 * 60_000

let server: TestServer
let bridge: BlueskyBridge
let people = 0
beforeAll(async () => {
  server = await startTestServer()
  bridge = await startBlueskyBridge(() => server.clock.now())
  await replaceSetting(server.app.db, 'bluesky_bridge', bridge.handle)
})
afterAll(async () => {
  await server.close()
  await bridge.close()
})

/** Old enough, and with a picture, unless a test says otherwise. */
async function someone(values: Changes = {}, name?: string): Promise<TestPerson> {
  people += 1
  const person = await server.person(name ?? `person_${people}`)
  await change(person, {
    avatar_key: 'ab/cd/avatar.webp',
    created_at: new Date(Date.now() - 8 * day),
    ...values,
  })
  return { ...person, account: await getAccount(server.app.db, person.accountId) }
}

type Changes = Parameters<typeof updateAccount>[2]

const change = ({ accountId }: { accountId: Id }, changes: Changes) =>
  server.app.db.transaction().execute((trx) => updateAccount(trx, accountId, changes))

async function settle(): Promise<void> {
  for (let isBusy = true; isBusy; ) {
    const done = await server.settle()
    isBusy = (await bridge.idle()) || done > 0
  }
}

async function press(session: Visitor, button: 'start' | 'end'): Promise<Response> {
  const { cookie, csrf } = session
  const body = new URLSearchParams({ csrf })
  return server.fetch(`/settings/bluesky/${button}`, { method: 'POST', body, headers: { cookie } })
}

async function pageOf({ cookie }: Visitor, path = '/settings/bluesky'): Promise<string> {
  return (await server.fetch(path, { headers: { cookie, 'accept-language': 'en' } })).text()
}

const stateOf = async (person: TestPerson) => findBridge(server.app.db, person.accountId)
const carried = (person: TestPerson) => bridge.people.get(person.account.uri)

/** As far as the bridge's Accept. */
async function bridged(person: TestPerson): Promise<Visitor> {
  const session = await visit(server, person)
  await press(session, 'start')
  await settle()
  return session
}

test('someone locked bridges their account, posts there, ends it and comes back', async () => {
  const ann = await someone({ is_locked: true }, 'ann_bee')
  const handle = `ann-bee.${server.app.handleHost}.ap.brid.gy`
  const session = await visit(server, ann)
  const before = await pageOf(session)
  expect(before).toContain('Bridge my account')
  expect(before).toContain(handle)
  expect(before).not.toContain('✗')

  expect((await press(session, 'start')).headers.get('location')).toBe('/settings/bluesky')
  expect(await stateOf(ann)).toMatchObject({ state: 'asked' })
  expect(await pageOf(session)).toContain('The bridge has been asked')
  await settle()
  expect(await stateOf(ann)).toMatchObject({ state: 'active', handle })
  const page = await pageOf(session)
  expect(page).toContain(`https://bsky.app/profile/${handle}`)
  expect(page).not.toContain('Bridge my account')

  await post(server, ann, { text: 'A picture of the sea' })
  // Two notes are delivered side by side: whichever comes first.
  await settle()
  await post(server, ann, { text: 'x'.repeat(400) })
  await post(server, ann, { text: 'for few', visibility: 'followers' })
  await settle()
  const posts = carried(ann)?.posts ?? []
  expect(posts).toHaveLength(2)
  expect(posts[0]?.text).toBe('A picture of the sea')
  expect(posts[1]?.isCut).toBe(true)

  await press(session, 'end')
  await settle()
  expect(await stateOf(ann)).toMatchObject({ state: 'ended' })
  expect(carried(ann)).toBeUndefined()
  expect(await pageOf(session)).toContain('not on Bluesky any more')

  await press(session, 'start')
  await settle()
  expect(await stateOf(ann)).toMatchObject({ state: 'active', handle })
  await post(server, ann, { text: 'Back again' })
  await settle()
  expect(carried(ann)?.posts.map(({ text }) => text)).toEqual(['Back again'])
}, 30_000)

test('pictures go over, with their alt text, to someone who says not who asks', async () => {
  const painter = await someone()
  await bridged(painter)
  const picture = await storePicture(server, painter)
  await server.app.storage.put(picture.file_key ?? '', Buffer.from('the bytes of a picture'))
  await post(server, painter, { mediaIds: [picture.id] })
  await settle()
  expect(carried(painter)?.posts[0]?.pictures).toEqual([{ alt: 'A lighthouse in a storm', bytes: 22 }])
})

describe('a gate that is shut', () => {
  test.each([
    ['picture', { avatar_key: null }, undefined],
    ['age', { created_at: new Date() }, undefined],
    ['refusal', { bio_html: '<p>Please <a href="/tags/nobridge">#<span>nobridge</span></a></p>' }, undefined],
    ['name', {}, '_underscored_'],
  ])('by its %s is shown, and nothing is asked', async (_, values, name) => {
    const person = await someone(values, name)
    const session = await visit(server, person)
    const page = await pageOf(session)
    expect(page.match(/✗/g)).toHaveLength(1)
    expect(page).toMatch(/<button[^>]*disabled/)
    expect((await press(session, 'start')).status).toBe(422)
    expect(await stateOf(person)).toBeUndefined()
  })
})

test('what the bridge refuses is told in its own words, and may be asked again', async () => {
  const person = await someone()
  const session = await visit(server, person)
  await press(session, 'start')
  // The picture is gone before the bridge looks.
  await change(person, { avatar_key: null })
  await settle()
  expect(await stateOf(person)).toMatchObject({ state: 'refused' })
  const page = await pageOf(session)
  expect(page).toContain('have a profile picture')
  expect(page).toContain('Ask again')
  await change(person, { avatar_key: 'ab/cd/avatar.webp' })
  await press(session, 'start')
  await settle()
  expect(await stateOf(person)).toMatchObject({ state: 'active', reason: null })
})

test('a follow by the bridge that nobody asked for waits like any other', async () => {
  const locked = await someone({ is_locked: true })
  const follow = {
    '@context': 'https://www.w3.org/ns/activitystreams',
    id: `${bridge.bot.uri}#follow-unasked`,
    type: 'Follow',
    actor: bridge.bot.uri,
    object: locked.account.uri,
  }
  await bridge.bot.post(`${locked.account.inbox_uri ?? server.app.uris.inbox(locked.accountId)}`, follow)
  await server.settle()
  expect(await stateOf(locked)).toBeUndefined()
  const { items } = await readNotifications(server.app, locked.accountId, { limit: 10 })
  expect(items.map(({ notification }) => notification.kind)).toEqual(['follow_request'])
  // Asked for then, it is accepted where it waits.
  await bridged(locked)
  expect(await stateOf(locked)).toMatchObject({ state: 'active' })
})

test('what people write who are not bridged becomes a mention each', async () => {
  const person = await someone()
  await bridged(person)
  await bridge.tellOfStrangers(person.account.uri, [
    { name: 'ada.bsky.social', text: 'How lovely', url: 'https://bsky.app/profile/ada.bsky.social/post/1' },
    { name: 'bo.bsky.social', text: 'Where is it?', url: 'https://bsky.app/profile/bo.bsky.social/post/2' },
  ])
  await server.settle()
  const { items } = await readNotifications(server.app, person.accountId, { limit: 10 })
  const told = items.filter(({ note }) => note?.note.content_html.includes('respond'))
  expect(told.map(({ notification }) => notification.kind)).toEqual(['mention', 'mention'])
  expect(told.map(({ from }) => from.uri)).toEqual([bridge.bot.uri, bridge.bot.uri])
  expect(told[1]?.note?.note.content_html).toContain('ada.bsky.social')
  expect(told[1]?.note?.note.content_html).not.toContain('bo.bsky.social')
  expect(told[0]?.note?.note).toMatchObject({ visibility: 'direct' })
  expect(told[0]?.note?.media).toEqual([])
})

describe('the composer', () => {
  test('says where a note goes to those who are bridged, and nothing to others', async () => {
    const person = await someone()
    const session = await visit(server, person)
    expect(await pageOf(session, '/compose')).not.toContain('bluesky-hint')
    await bridged(person)
    expect(await pageOf(session, '/compose')).toContain('Goes to Bluesky too.')
    const stranger = await post(server, await server.person(`stranger_${people}`), { text: 'Answer me' })
    expect(await pageOf(session, `/compose?reply=${stranger.note.id}`)).toContain(
      'what it answers is not there',
    )
  })
})

test('who came from Bluesky is shown with their name there', async () => {
  await upsertRemoteAccount(server.app.db, {
    username: 'ada.bsky.social',
    domain: 'bsky.brid.gy',
    uri: 'https://bsky.brid.gy/ap/did:plc:ada',
    url: 'https://bsky.app/profile/ada.bsky.social',
    inbox_uri: 'https://bsky.brid.gy/ap/did:plc:ada/inbox',
  })
  const page = await pageOf(await visit(server, await someone()), '/@ada.bsky.social@bsky.brid.gy')
  expect(page).toContain('href="https://bsky.app/profile/ada.bsky.social"')
  expect(page).toContain('On Bluesky as @ada.bsky.social')
})

// Last, since it moves the clock beyond what signatures bear.
test('a bridge that cannot be found is asked for days, and then said to be out of reach', async () => {
  await replaceSetting(server.app.db, 'bluesky_bridge', `nobody@${bridge.foreign.host}`)
  const person = await someone()
  const session = await visit(server, person)
  await press(session, 'start')
  for (let step = 0; step < 8; step += 1) {
    await settle()
    server.clock.advance(7 * 60 * 60_000)
  }
  expect(await stateOf(person)).toMatchObject({ state: 'refused', reason: null })
  expect(await pageOf(session)).toContain('could not be reached')
  await replaceSetting(server.app.db, 'bluesky_bridge', bridge.handle)
})
