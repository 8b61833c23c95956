import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { digitalSourceTypes } from '#src/media/provenance.ts'
import { readDigitalSourceType } from '#src/media/render.ts'
import { storeUpload } from '#src/media/store.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { standInUsage } from '#tests/support/openai-stand-in.ts'
import { ledgerOf, type StudioServer, startStudioServer } from './studio-server.ts'

let server: StudioServer
let sketching: StudioServer

beforeAll(async () => {
  server = await startStudioServer()
  sketching = await startStudioServer('sketch')
})
afterAll(() => Promise.all([server.close(), sketching.close()]))

const price = standInUsage.input_tokens * 5 + standInUsage.output_tokens * 40

test('a painting arrives with its original untouched, marked derivatives and its price', async () => {
  const alice = await server.person()
  const generation = await server.paint(alice, { prompt: 'a lighthouse', aspect: 'landscape', count: 2 })
  expect(generation).toMatchObject({
    status: 'completed',
    prompt: 'a lighthouse',
    provider: 'openai',
    model: 'paint-1',
    ai: true,
    width: 1536,
    height: 1024,
    cost_micro_usd: 2 * price,
  })
  expect(generation.media_attachments).toHaveLength(2)
  const media = await server.app.db
    .selectFrom('media')
    .selectAll()
    .where('generation_id', '=', generation.id)
    .orderBy('id')
    .execute()
  expect(generation.media_attachments.map(({ id }) => id)).toEqual(media.map(({ id }) => id))
  for (const row of media) {
    expect(row).toMatchObject({
      account_id: alice.accountId,
      note_id: null,
      prompt: 'a lighthouse',
      generator_name: 'paint-1',
      digital_source_type: digitalSourceTypes.painting,
      width: 1536,
      height: 1024,
      blurhash: expect.any(String),
    })
    const original = await bytesOf(server, row.original_key)
    expect(createHash('sha256').update(original).digest('hex')).toBe(row.sha256)
    expect((await sharp(original).metadata()).format).toBe('png')
    for (const key of [row.file_key, row.small_key]) {
      expect(await readDigitalSourceType(await bytesOf(server, key))).toBe(digitalSourceTypes.painting)
    }
  }
  expect(await ledgerOf(server.app, alice.accountId)).toEqual({
    kinds: ['reserve', 'settle'],
    charged: 2 * price,
    operator: 2 * price,
  })
  const call = await server.app.db
    .selectFrom('provider_calls')
    .selectAll()
    .where('generation_id', '=', generation.id)
    .executeTakeFirstOrThrow()
  expect(call).toMatchObject({
    outcome: 'painted',
    attempt: 1,
    images: 2,
    output_sha256: media.map(({ sha256 }) => sha256),
    request_ids: [expect.stringContaining('req_'), expect.stringContaining('req_')],
  })
  expect(call.prompt_hash).not.toContain('lighthouse')
})

test('a sketch goes the same way, says that it is no AI, and is free', async () => {
  const alice = await sketching.person()
  const generation = await sketching.paint(alice, { prompt: 'hills in fog', aspect: '512x512', count: 2 })
  expect(generation).toMatchObject({ status: 'completed', provider: 'sketch', ai: false, cost_micro_usd: 0 })
  expect(generation.media_attachments).toHaveLength(2)
  for (const { pinxit, url } of generation.media_attachments) {
    expect(pinxit.digital_source_type).toBe(digitalSourceTypes.sketch)
    const file = await sketching.fetch(new URL(url).pathname)
    expect(file.status).toBe(200)
    expect(await readDigitalSourceType(new Uint8Array(await file.arrayBuffer()))).toBe(
      digitalSourceTypes.sketch,
    )
  }
})

test('own uploads are edited, and a photograph stays one in part', async () => {
  const alice = await server.person()
  const photograph = await storeUpload(server.app, {
    accountId: alice.accountId,
    bytes: await softPicture(900, 600).jpeg().toBuffer(),
  })
  server.provider.requests.length = 0
  const edited = await server.paint(alice, { prompt: 'in winter', media_ids: [photograph.id] })
  expect(edited.media_attachments[0]?.pinxit.digital_source_type).toBe(digitalSourceTypes.editedPhotograph)
  expect(server.provider.requests).toMatchObject([
    { path: '/v1/images/edits', files: [{ type: 'image/jpeg' }] },
  ])

  const painting = (await server.paint(alice, { prompt: 'a plain' })).media_attachments[0]
  const repainted = await server.paint(alice, { prompt: 'at night', media_ids: [painting?.id] })
  expect(repainted.media_attachments[0]?.pinxit.digital_source_type).toBe(digitalSourceTypes.painting)
})

test('an upload to edit that is gone by then fails in words', async () => {
  const alice = await server.person()
  const upload = await storeUpload(server.app, {
    accountId: alice.accountId,
    bytes: await softPicture(300, 200).jpeg().toBuffer(),
  })
  await server.worker.stop()
  const { id } = await server.ask(alice, { prompt: 'in winter', media_ids: [upload.id] })
  await server.app.db.deleteFrom('media').where('id', '=', upload.id).execute()
  await server.restartWorker()
  await server.worker.settle()
  expect(await server.get(alice, id)).toMatchObject({
    status: 'failed',
    error: { code: 'bad_request', message: 'A picture to edit is gone.' },
  })
})

test('when some pictures of several are refused, the others are kept and only they count', async () => {
  const alice = await server.person()
  server.provider.behave([{}, { fault: 'moderation_blocked', delayMs: 50 }])
  const generation = await server.paint(alice, { prompt: 'two of them', aspect: '256x256', count: 2 })
  server.provider.behave({})
  expect(generation).toMatchObject({ status: 'completed', media_attachments: [{}], cost_micro_usd: price })
  const { quota } = await (await server.fetch('/capabilities', alice)).json()
  expect(quota.remaining).toBe(49)
})

test('pictures nobody posts stay until their generation is discarded, then their files go too', async () => {
  const alice = await server.person()
  const { id, media_attachments } = await server.paint(alice, { prompt: 'a draft', aspect: '256x256' })
  const path = new URL(media_attachments[0]?.url ?? '').pathname
  expect((await server.fetch(path)).status).toBe(200)
  const discarded = await server.fetch(`/generations/${id}`, alice, { method: 'DELETE' })
  expect(discarded.status).toBe(200)
  await server.worker.settle()
  expect((await server.fetch(path)).status).toBe(404)
  expect((await server.fetch(`/generations/${id}`, alice)).status).toBe(404)
  expect((await server.fetch(`/generations/${id}`, alice, { method: 'DELETE' })).status).toBe(404)
  expect(await (await server.fetch('/generations', alice)).json()).toEqual([])
})

test('previews are gone after a while', async () => {
  const alice = await server.person()
  const { id } = await server.paint(alice, { prompt: 'a preview', aspect: '256x256' })
  const events = await server.app.db
    .selectFrom('generation_events')
    .select('data')
    .where('generation_id', '=', id)
    .where('kind', '=', 'partial')
    .execute()
  const keys = events.flatMap(({ data }) => data.key ?? [])
  expect(keys.length).toBeGreaterThan(0)
  for (const key of keys)
    expect(await server.app.storage.stat(key)).toMatchObject({ mediaType: 'image/webp' })
  server.clock.advance(3 * 3_600_000)
  await server.worker.settle()
  for (const key of keys) expect(await server.app.storage.stat(key)).toBeUndefined()
})

async function bytesOf({ app }: StudioServer, key: string | null): Promise<Uint8Array> {
  const file = await app.storage.get(key ?? '')
  return new Uint8Array(await new Response(file?.stream ?? null).arrayBuffer())
}
