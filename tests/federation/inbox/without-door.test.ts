import { describe, expect, it } from 'vitest'
import { activityOf, startWith, useNeighbours } from './setup.ts'

// The same attacks where the door and the table are switched off, and everything goes by Fedify and jsonld.
startWith({ FAST_INBOX: '0', FAST_EXPANSION: '0' })

describe('without the door', () => {
  describe('attacks', async () => void (await import('./attacks.test.ts')))
  describe('the guard', async () => void (await import('./guard.test.ts')))
  describe('keys', async () => void (await import('./keys.test.ts')))
  describe('odd signatures', async () => void (await import('./odd-signatures.test.ts')))
  describe('rights', async () => void (await import('./rights.test.ts')))

  describe('a server', () => {
    const near = useNeighbours()

    it('has nothing decided by it', async () => {
      for (const _ of [1, 2])
        expect(await near.send(near.bob, activityOf(near.bob, 'Follow', near.alice.account.uri))).toBe(202)
      const metrics = await near.server.app.metrics.text()
      expect(metrics).toContain('pinxit_inbox_posts_total{by="fedify"} 2')
      expect(metrics).not.toContain('by="door"')
    })
  })
})
