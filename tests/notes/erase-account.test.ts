import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addAlias } from '#src/accounts/aliases.ts'
import { featureTag } from '#src/accounts/featured-tags.ts'
import { findAccount, upsertRemoteAccount } from '#src/db/accounts.ts'
import { insertFollow } from '#src/db/follows.ts'
import { storeUpload } from '#src/media/store.ts'
import { deleteAccount } from '#src/notes/erase-account.ts'
import { createFilter } from '#src/notes/filters.ts'
import { likeNote } from '#src/notes/like.ts'
import { pinNote } from '#src/notes/pin.ts'
import { blockAccount } from '#src/relationships/block.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { muteAccount } from '#src/relationships/mute.ts'
import { type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let foreign: ForeignServer
beforeAll(async () => {
  server = await startTestServer()
  foreign = await startForeignServer()
})
afterAll(async () => {
  await server.close()
  await foreign.close()
})

it('takes everything along, tells other servers, and leaves the rest alone', async () => {
  const { app } = server
  const alice = await server.person('alice')
  const bob = await server.person('bob')
  await follow(alice.accountId)
  await followAccount(app, alice.accountId, bob.accountId)
  const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  const upload = await storeUpload(app, { accountId: alice.accountId, bytes })
  const mine = await post(server, alice, { text: 'Hello @bob', mediaIds: [upload.id] })
  const other = await post(server, bob)
  await likeNote(app, alice.accountId, other.note.id)
  await pinNote(app, alice.accountId, mine.note.id)
  await featureTag(app, alice.accountId, 'sea')
  const carol = await server.person('carla')
  const dave = await server.person('dave')
  await blockAccount(app, alice.accountId, carol.accountId)
  await blockAccount(app, dave.accountId, alice.accountId)
  await muteAccount(app, carol.accountId, alice.accountId, { hidesNotifications: true, durationSeconds: 0 })
  await createFilter(app, alice.accountId, {
    title: 'Sea',
    contexts: ['home'],
    keywords: [{ keyword: 'sea' }],
  })
  await addAlias(app, alice.accountId, { id: dave.accountId, uri: dave.account.uri })
  await server.settle()

  await deleteAccount(app, (await findAccount(app.db, alice.accountId)) ?? alice.account, null)
  await server.settle()

  expect(foreign.activities('Delete')).toMatchObject([
    { actor: alice.account.uri, object: alice.account.uri },
  ])
  const asked = await fetch(alice.account.uri, { headers: { accept: 'application/activity+json' } })
  expect(asked.status).toBe(410)
  expect((await server.fetch('/api/v1/timelines/home', { as: alice })).status).toBe(401)
  expect((await server.fetch(`/api/v1/statuses/${mine.note.id}`, { as: bob })).status).toBe(404)
  expect(await app.storage.stat(upload.file_key ?? '')).toBeUndefined()
  await expect(server.person('alice')).rejects.toMatchObject({ code: 'username_taken' })

  for (const table of ['pins', 'featured_tags', 'blocks', 'mutes', 'filters', 'filter_keywords'] as const)
    expect([table, await app.db.selectFrom(table).select('id').execute()]).toEqual([table, []])
  expect(await findAccount(app.db, alice.accountId)).toMatchObject({ also_known_as: [] })

  const seen = await server.fetch(`/api/v1/statuses/${other.note.id}`, { as: bob })
  expect(await seen.json()).toMatchObject({ favourites_count: 0 })
  const credentials = await server.fetch('/api/v1/accounts/verify_credentials', { as: bob })
  expect(await credentials.json()).toMatchObject({ followers_count: 0, statuses_count: 1 })
  expect(await (await server.fetch('/api/v1/notifications', { as: bob })).json()).toEqual([])
})

async function follow(followeeId: string): Promise<void> {
  const carol = foreign.addActor('carol')
  const account = await upsertRemoteAccount(server.app.db, {
    username: 'carol',
    domain: foreign.host,
    uri: carol.uri,
    url: carol.uri,
    inbox_uri: carol.inbox,
  })
  const values = { follower_id: account.id, followee_id: followeeId, uri: `${carol.uri}/follows/1` }
  await server.app.db.transaction().execute((trx) => insertFollow(trx, { ...values, state: 'accepted' }))
}
