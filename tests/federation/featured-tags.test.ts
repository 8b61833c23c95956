import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { featureTag, unfeatureTag } from '#src/accounts/featured-tags.ts'
import { listFeaturedTags } from '#src/db/featured-tags.ts'
import type { Id } from '#src/db/tables.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { settle, startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { lookUp } from '#tests/support/two-servers.ts'
import { activityOf, useNeighbours } from './inbox/setup.ts'

describe('between two of our servers', () => {
  let here: TestServer
  let there: TestServer
  let alice: TestPerson
  let aliceThere: Id

  beforeAll(async () => {
    ;[here, there] = await Promise.all([startTestServer(), startTestServer()])
    alice = await here.person('alice')
    const bob = await there.person('bob')
    await featureTag(here.app, alice.accountId, 'Lighthouses')
    aliceThere = await lookUp(there, alice.account.uri)
    await followAccount(there.app, bob.accountId, aliceThere)
    await settle(here, there)
  })
  afterAll(() => Promise.all([here.close(), there.close()]))

  const namesThere = async () => (await listFeaturedTags(there.app.db, aliceThere)).map(({ name }) => name)

  it('hashtags are read at first sight, and follow what is added and removed', async () => {
    expect(await namesThere()).toEqual(['lighthouses'])
    const sea = await featureTag(here.app, alice.accountId, '#sea')
    await settle(here, there)
    expect(await namesThere()).toEqual(['lighthouses', 'sea'])
    await unfeatureTag(here.app, alice.accountId, { id: sea.id })
    await settle(here, there)
    expect(await namesThere()).toEqual(['lighthouses'])
  })

  it('the collection lists them as Hashtags', async () => {
    const response = await fetch(here.app.uris.featuredTags(alice.accountId), {
      headers: { accept: 'application/activity+json' },
    })
    expect(await response.json()).toMatchObject({
      type: 'Collection',
      totalItems: 1,
      items: [{ type: 'Hashtag', name: '#lighthouses', href: `${here.url}/@alice/tagged/lighthouses` }],
    })
    expect((await here.fetch('/@alice/tagged/lighthouses')).status).toBe(200)
  })
})

describe('Add and Remove of another server', () => {
  const near = useNeighbours()
  const featured = () => `${near.bob.uri}/featured`

  beforeAll(async () => {
    const terms = {
      featured: { '@id': 'http://joinmastodon.org/ns#featured', '@type': '@id' },
      featuredTags: { '@id': 'http://joinmastodon.org/ns#featuredTags', '@type': '@id' },
    }
    Object.assign(near.bob.document, {
      '@context': [near.bob.document['@context'], terms].flat(),
      featured: featured(),
      featuredTags: `${near.bob.uri}/tags`,
    })
    await near.server.app.lookup.account(near.bob.uri)
    await near.server.settle()
  })

  const change = (type: string, name: unknown, target = featured()) => ({
    ...activityOf(near.bob, type, { type: 'Hashtag', name, href: `${near.bob.uri}/tagged/x` }),
    '@context': ['https://www.w3.org/ns/activitystreams', { Hashtag: 'as:Hashtag' }],
    target,
  })

  async function names(): Promise<string[]> {
    const account = await near.account(near.bob)
    return (await listFeaturedTags(near.server.app.db, account?.id ?? '0')).map(({ name }) => name)
  }

  it('come as Mastodon sends them, to its featured collection, or to that of the hashtags', async () => {
    const adding = change('Add', '#Cats')
    for (let again = 0; again < 2; again += 1) await near.send(near.bob, adding)
    await near.send(near.bob, change('Add', '#dogs', `${near.bob.uri}/tags`))
    expect(await names()).toEqual(['cats', 'dogs'])
    await near.send(near.bob, change('Remove', '#dogs'))
    expect(await names()).toEqual(['cats'])
  })

  it.each<[string, () => Promise<number>]>([
    ['to another collection', () => near.send(near.bob, change('Add', '#x', `${near.bob.uri}/other`))],
    ['of an empty name', () => near.send(near.bob, change('Add', '#'))],
    ['of a name with a space', () => near.send(near.bob, change('Add', '#a b'))],
    ['of an endless name', () => near.send(near.bob, change('Add', `#${'x'.repeat(5_000)}`))],
    ['of what is no name', () => near.send(near.bob, change('Add', { deep: [1] }))],
    [
      'by somebody else',
      () => {
        const mallory = near.foreign.addActor('mallory')
        const activity = { ...change('Remove', '#cats'), id: `${mallory.uri}/1`, actor: mallory.uri }
        return near.send(mallory, activity)
      },
    ],
  ])('%s change nothing', async (_name, send) => {
    expect(await send()).toBe(202)
    expect(await names()).toEqual(['cats'])
  })

  it('stop at twenty', async () => {
    for (let n = 0; n < 25; n += 1) await near.send(near.bob, change('Add', `#tag${n}`))
    expect(await names()).toHaveLength(20)
  })
})
