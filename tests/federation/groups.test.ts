import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { followAccount } from '#src/relationships/follow.ts'
import type { JsonObject } from '#tests/support/foreign-server.ts'
import { lookUp } from '#tests/support/two-servers.ts'
import { activityOf, activityStreams, useNeighbours } from './inbox/setup.ts'

const captured = new URL(
  '../../../shared/fixtures/activities/lemmy/activities/community/announce_create_page.json',
  import.meta.url,
).pathname
const isThere = existsSync(captured)
if (!isThere) console.warn(`SKIPPED: there is no captured Announce at ${captured}`)

const near = useNeighbours()

describe('a group', () => {
  async function followedGroup(name: string, uri?: string) {
    const group = near.foreign.addActor(name, { type: 'Group', ...(uri && { uri }) })
    const id = await lookUp(near.server, group.uri)
    await followAccount(near.server.app, near.alice.accountId, id)
    await near.server.settle()
    const follow = near.foreign.activities('Follow').find(({ object }) => object === group.uri)
    await near.send(group, activityOf(group, 'Accept', follow))
    return group
  }

  it.each(['Update', 'Delete', 'Like', 'Dislike', 'Undo', 'Lock', 'Add', 'Block'])(
    'passing on a %s has no effect, and is counted',
    async (type) => {
      const group = await followedGroup(`group-${type.toLowerCase()}`)
      const page = near.note(near.bob, `page-${type}`, { type: 'Page', name: 'A page', tag: [], cc: [] })
      near.foreign.documents.set(new URL(page.id).pathname, {
        '@context': 'https://www.w3.org/ns/activitystreams',
        ...page,
      })
      const inner = { id: `${near.bob.uri}/${type}/1`, type, actor: near.bob.uri, object: page }
      expect(await near.send(group, activityOf(group, 'Announce', inner))).toBe(202)
      expect(await near.stored(page.id)).toBeUndefined()
      const metrics = await near.server.app.metrics.text()
      expect(metrics).toMatch(/pinxit_inbox_activities_total\{.*Announce.*unknown activity/)
      const { '@context': _context, ...create } = near.create(near.bob, page)
      await near.send(group, activityOf(group, 'Announce', create))
      expect(await near.stored(page.id)).toMatchObject({ object_type: 'Page', boosts_count: 1 })
    },
  )

  it.skipIf(!isThere)('of Lemmy passes on a page, which is read at its origin', async () => {
    const text = readFileSync(captured, 'utf8').replaceAll('http://enterprise.lemmy.ml', near.foreign.url)
    const announce: JsonObject = JSON.parse(text)
    const { object: page } = Object(announce.object)
    near.foreign.addActor('lemmy_beta', { uri: String(page.attributedTo) })
    near.foreign.documents.set(new URL(page.id).pathname, { '@context': activityStreams, ...page })
    const main = await followedGroup('main', String(announce.actor))
    expect(await near.send(main, { '@context': activityStreams, ...announce })).toBe(202)
    expect(await near.stored(page.id)).toMatchObject({
      object_type: 'Page',
      visibility: 'public',
      boosts_count: 1,
      content_html: expect.stringMatching(/^<p><strong>post 4<\/strong><\/p><p><a href="[^"]+\/post\/7"/),
    })
  })
})
