import { afterAll, beforeAll, expect, test } from 'vitest'
import { register } from '#src/accounts/register.ts'
import { isAppError } from '#src/base/errors.ts'
import type { Id } from '#src/db/tables.ts'
import { storeUpload } from '#src/media/store.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'
import { softPicture } from './pictures.ts'

let bare: BareApp
let accountId: Id

beforeAll(async () => {
  bare = await createBareApp()
  const { account } = await register(bare.app, {
    username: 'alice',
    email: 'alice@mail.example',
    passwordHash: 'none',
    role: 'user',
    confirmed: true,
    approved: true,
  })
  accountId = account.id
})
afterAll(() => bare.close())

function countMedia() {
  return bare.app.db.selectFrom('media').select('id').execute()
}

test('an upload is kept as what federates and a small one, with what is known about it', async () => {
  const bytes = await softPicture(1200, 800).png().toBuffer()
  const media = await storeUpload(bare.app, {
    accountId,
    bytes,
    description: 'a soft picture',
    focus: { x: 0.5, y: -0.25 },
  })
  expect(media).toMatchObject({
    account_id: accountId,
    kind: 'image',
    media_type: 'image/jpeg',
    original_key: null,
    width: 1200,
    height: 800,
    small_width: 640,
    description: 'a soft picture',
    focus_x: 0.5,
    focus_y: -0.25,
    digital_source_type: null,
    generation_id: null,
  })
  for (const key of [media.file_key, media.small_key]) {
    expect((await bare.app.storage.stat(key ?? ''))?.size).toBeGreaterThan(1_000)
  }
  expect(String((await bare.app.storage.stat(media.file_key ?? ''))?.size)).toBe(media.byte_size)
})

test('what is no picture is refused in words and leaves nothing', async () => {
  const before = await countMedia()
  const refused = storeUpload(bare.app, { accountId, bytes: Buffer.from('<svg/>') })
  await expect(refused).rejects.toMatchObject({ kind: 'invalid', code: 'notAPicture' })
  expect(await countMedia()).toEqual(before)
})

test('a storage that takes nothing is unavailable and leaves nothing', async () => {
  const before = await countMedia()
  const full = { ...bare.app.storage, put: () => Promise.reject(new Error('No space left on device')) }
  const bytes = await softPicture(100, 80).jpeg().toBuffer()
  const error = await storeUpload({ ...bare.app, storage: full }, { accountId, bytes }).catch(
    (thrown) => thrown,
  )
  expect(isAppError(error) && error.kind).toBe('unavailable')
  expect(await countMedia()).toEqual(before)
})
