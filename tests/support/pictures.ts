import { insertMedia, type Media } from '#src/db/media.ts'
import { digitalSourceTypes } from '#src/media/provenance.ts'
import type { TestPerson, TestServer } from './test-server.ts'

const key = (digit: string) => `ab/cd/${digit.repeat(32)}.webp`

/** The row of a picture that is stored; its files are not. */
export function storePicture(
  { app }: TestServer,
  owner: TestPerson,
  values: Partial<Media> = {},
): Promise<Media> {
  return insertMedia(app.db, {
    account_id: owner.accountId,
    media_type: 'image/webp',
    file_key: key('1'),
    small_key: key('2'),
    width: 1024,
    height: 768,
    blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
    focus_x: 0.25,
    focus_y: -0.5,
    description: 'A lighthouse in a storm',
    ...definedOf(values),
  })
}

/** As `storePicture`, painted by a model. */
export function storePainting(
  server: TestServer,
  owner: TestPerson,
  values: Partial<Media> = {},
): Promise<Media> {
  return storePicture(server, owner, {
    digital_source_type: digitalSourceTypes.painting,
    generator_name: 'painter-1 (OpenAI)',
    generator_url: 'https://openai.com',
    prompt: 'a lighthouse, oil on canvas',
    ...values,
  })
}

function definedOf({ created_at: _createdAt, id: _id, ...values }: Partial<Media>) {
  return values
}
