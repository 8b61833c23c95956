import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'
import { findActivityBody } from '#src/db/activity-bodies.ts'
import type { Database } from '#src/db/tables.ts'
import { type Envelope, envelopeSchema } from '#src/jobs/deliveries.ts'

/** An activity on its way to many: the same for all of them, so made once. */
export type Letter = Envelope & {
  body: Buffer
  /** As the header of that name has it. */
  digest: string
}

/** Finds what a row's `body_hash` stands for; undefined for what is gone, or is no delivery. */
export type Letters = (bodyHash: string) => Promise<Letter | undefined>

const maxLetters = 200
const maxBytes = 16 * 1024 * 1024

/** The activities that are on their way at the moment, in bounded memory. What a hash stands for never changes. */
export function createLetters(db: Kysely<Database>): Letters {
  const known = new LRUCache<string, Letter>({
    max: maxLetters,
    maxSize: maxBytes,
    sizeCalculation: ({ body }) => body.length + 1,
  })
  const loading = new Map<string, Promise<Letter | undefined>>()

  function load(bodyHash: string): Promise<Letter | undefined> {
    const letter = findLetter(db, bodyHash).finally(() => loading.delete(bodyHash))
    loading.set(bodyHash, letter)
    return letter
  }

  return async (bodyHash) => {
    const letter = known.get(bodyHash) ?? (await (loading.get(bodyHash) ?? load(bodyHash)))
    if (letter) known.set(bodyHash, letter)
    return letter
  }
}

async function findLetter(db: Kysely<Database>, bodyHash: string): Promise<Letter | undefined> {
  const found = await findActivityBody(db, bodyHash)
  const envelope = envelopeSchema.safeParse(found?.envelope)
  if (!found || !envelope.success) return undefined
  const body = Buffer.from(found.body)
  const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`
  return { ...envelope.data, body, digest }
}
