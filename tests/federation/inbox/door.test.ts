import { existsSync, globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AppFederation, createAppFederation } from '#federation/index.ts'
import { loadPreloadedContexts } from '#federation/remote/contexts.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'
import {
  type ForeignActor,
  type ForeignServer,
  type JsonObject,
  startForeignServer,
} from '#tests/support/foreign-server.ts'
import { signatureHeaders } from '#tests/support/http-signatures.ts'
import { oddPosts, type Post } from './odd-posts.ts'
import { activityStreams } from './setup.ts'

const origin = 'https://pinxit.example'
const folder = new URL('../../../../shared/fixtures/activities/', import.meta.url).pathname
const isThere = existsSync(folder)
const captured = isThere ? globSync('**/*.json', { cwd: folder }).sort() : []
if (!isThere) console.warn(`SKIPPED: the captured activities are not at ${folder}`)

type Inbox = { bare: BareApp; federation: AppFederation }

/** A server without a port, to which the very same request can be given as to the other one. */
async function startInbox(environment: Record<string, string>): Promise<Inbox> {
  const bare = await createBareApp({ PUBLIC_URL: origin, ...environment })
  bare.clock.advance(Date.now() - bare.clock.now().getTime())
  return { bare, federation: createAppFederation(bare.app) }
}

let foreign: ForeignServer
let bob: ForeignActor
let withDoor: Inbox
let withoutDoor: Inbox
beforeAll(async () => {
  foreign = await startForeignServer()
  bob = foreign.addActor('bob')
  withDoor = await startInbox({})
  withoutDoor = await startInbox({ FAST_INBOX: '0', FAST_EXPANSION: '0' })
})
afterAll(async () => {
  await withDoor.bare.close()
  await withoutDoor.bare.close()
  await foreign.close()
})

async function give({ bare, federation }: Inbox, { path, headers, body }: Post): Promise<number> {
  const request = new Request(new URL(path, origin), { method: 'POST', headers: new Headers(headers), body })
  // No server may send more at once.
  bare.clock.advance(60)
  return (await federation.fetch(request))?.status ?? 404
}

async function kept({ bare }: Inbox): Promise<unknown[]> {
  const { rows } = await bare.app.pool.query(
    `select payload->'message'->'activity' as activity from jobs where name = 'fedifyInbox' order by id`,
  )
  return rows
}

async function counted({ bare }: Inbox, by: string): Promise<number> {
  const text = await bare.app.metrics.text()
  return Number(new RegExp(`pinxit_inbox_posts_total\\{by="${by}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
}

describe('the door', () => {
  it('takes what Fedify takes, of 20,000 odd posts, and nothing else', async () => {
    let count = 0
    const posts = oddPosts(origin, {
      activity: () => {
        count += 1
        const id = `${bob.uri}/likes/${count}`
        return {
          '@context': activityStreams,
          id,
          type: 'Like',
          actor: bob.uri,
          object: `${origin}/ap/notes/1`,
        }
      },
      signer: { keyId: bob.keyId, privateKeyPem: foreign.privateKeyPem },
      other: `${foreign.url}/users/alice`,
    })
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(posts, async (post) => {
        const [ours, fedifys] = [await give(withDoor, post), await give(withoutDoor, post)]
        if (ours === 202) accepted += 1
        expect(ours === 202, `${ours} here, ${fedifys} there`).toBe(fedifys === 202)
      }),
      { seed: 20261128, numRuns: 20_000, endOnFailure: true },
    )
    expect(await kept(withDoor)).toEqual(await kept(withoutDoor))
    const byDoor = await counted(withDoor, 'door')
    console.info(`Of 20,000 odd posts ${accepted} were accepted, ${byDoor} of them by the door.`)
    // Most of what is accepted is not so odd that the door would leave it.
    expect(accepted).toBeGreaterThan(2_000)
    expect(byDoor).toBeGreaterThan(accepted / 2)
    expect(accepted).toBeLessThan(16_000)
    expect(await counted(withoutDoor, 'door')).toBe(0)
  }, 400_000)

  it.skipIf(!isThere)(
    'answers what was captured of other servers as Fedify does, and keeps the same',
    async () => {
      const preloaded = await loadPreloadedContexts()
      const isHeld = (context: unknown) =>
        typeof context !== 'string' || preloaded.find(context) !== undefined
      const before = await counted(withDoor, 'door')
      for (const [index, file] of captured.entries()) {
        const document: JsonObject = JSON.parse(readFileSync(folder + file, 'utf8'))
        const context = [document['@context'] ?? activityStreams].flat().filter(isHeld)
        const said = { ...document, '@context': context, id: `${bob.uri}/said/${index}`, actor: bob.uri }
        const body = JSON.stringify(said)
        const unsigned = { method: 'POST', url: `${origin}/ap/inbox`, body }
        const signer = { keyId: bob.keyId, privateKeyPem: foreign.privateKeyPem }
        const signed = signatureHeaders(index % 2 ? 'rfc9421' : 'draft-cavage', unsigned, signer)
        const headers = Object.entries({ ...signed, 'content-type': 'application/activity+json' })
        const post = { path: '/ap/inbox', headers, body }
        expect(await give(withDoor, post), file).toBe(await give(withoutDoor, post))
      }
      expect(await kept(withDoor)).toEqual(await kept(withoutDoor))
      const taken = (await counted(withDoor, 'door')) - before
      console.info(`Of ${captured.length} captured documents the door took ${taken}.`)
      expect(taken).toBeGreaterThan(captured.length / 2)
    },
  )
})
