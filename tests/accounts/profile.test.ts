import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { updateProfile } from '#src/accounts/profile.ts'
import { register } from '#src/accounts/register.ts'
import { getAccount } from '#src/db/accounts.ts'
import type { Id } from '#src/db/tables.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'

let bare: BareApp
let aliceId: Id

beforeAll(async () => {
  bare = await createBareApp()
  const registration = { passwordHash: 'unused', role: 'user', confirmed: true, approved: true } as const
  const { account } = await register(bare.app, {
    ...registration,
    username: 'alice',
    email: 'a@mail.example',
  })
  aliceId = account.id
})
afterAll(() => bare.close())
beforeEach(() => bare.app.db.deleteFrom('jobs').execute())

const jobs = () =>
  bare.app.db.selectFrom('jobs').select(['name', 'payload', 'ordering_key']).orderBy('id').execute()
const picture = async () => new Uint8Array(await softPicture(900, 900).png().toBuffer())

it('tells other servers of a change in the same transaction', async () => {
  await updateProfile(bare.app, aliceId, { name: 'Alice' })
  expect(await jobs()).toEqual([
    {
      name: 'deliverAccount',
      payload: { accountId: aliceId, activity: 'Update' },
      ordering_key: bare.app.uris.actor(aliceId),
    },
  ])
})

it('leaves alone what is not given', async () => {
  await updateProfile(bare.app, aliceId, { name: 'Alice', bio: 'I paint', isLocked: true })
  await updateProfile(bare.app, aliceId, { isDiscoverable: false })
  const account = await getAccount(bare.app.db, aliceId)
  expect(account).toMatchObject({
    name: 'Alice',
    bio_text: 'I paint',
    is_locked: true,
    is_discoverable: false,
  })
})

it('renders a bio as a note is rendered, and links only people known here', async () => {
  const { bio_html: html } = await updateProfile(bare.app, aliceId, {
    bio: 'Me: @alice, not @nobody@far.example\n\n#art at https://alice.example/ <3',
  })
  expect(html).toContain('href="https://pinxit.example/@alice"')
  expect(html).toContain('@nobody@far.example')
  expect(html).toContain('class="mention hashtag"')
  expect(html).toContain('href="https://alice.example/"')
  expect(html).toContain('&lt;3')
  expect(html.match(/<p>/g)).toHaveLength(2)
})

it('replaces a picture and orders the old file to be deleted', async () => {
  const first = await updateProfile(bare.app, aliceId, { avatar: await picture(), header: await picture() })
  expect(await bare.app.storage.stat(first.avatar_key ?? '')).toMatchObject({ mediaType: 'image/webp' })
  expect(await bare.app.storage.stat(first.header_key ?? '')).toMatchObject({ mediaType: 'image/jpeg' })
  await bare.app.db.deleteFrom('jobs').execute()
  const second = await updateProfile(bare.app, aliceId, { avatar: await picture() })
  expect(second.avatar_key).not.toBe(first.avatar_key)
  expect(second.header_key).toBe(first.header_key)
  expect(await jobs()).toContainEqual({
    name: 'deleteFiles',
    payload: { keys: [first.avatar_key] },
    ordering_key: null,
  })
})

it('changes nothing when a picture cannot be used', async () => {
  const before = await getAccount(bare.app.db, aliceId)
  const change = { name: 'Mallory', avatar: new TextEncoder().encode('<svg/>') }
  await expect(updateProfile(bare.app, aliceId, change)).rejects.toMatchObject({ kind: 'invalid' })
  expect(await getAccount(bare.app.db, aliceId)).toEqual(before)
  expect(await jobs()).toEqual([])
})
