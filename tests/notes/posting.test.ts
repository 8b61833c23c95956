import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRawHost } from '#tests/support/faulty-hosts.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

// A note is posted whatever other servers do about it.

let server: TestServer
let alice: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
})
afterAll(() => server.close())

describe('whom it mentions lives on a server that', () => {
  test('does not answer: the author does not wait for it, and the name stays text', async () => {
    let ended = 0
    const hanging = await startRawHost((socket) => {
      socket.on('close', () => {
        ended += 1
      })
    })
    const names = Array.from({ length: 12 }, (_, index) => `@eve${index}@${new URL(hanging.url).host}`)
    const { note, mentions } = await post(server, alice, { text: `Hello ${names.join(' ')}` })
    // All that was asked is asked still: the author has not waited for its end.
    expect(hanging.connections()).toBeGreaterThan(0)
    expect(ended).toBe(0)
    expect(mentions).toEqual([])
    expect(note.content_html).toContain(names[0])
    await hanging.close()
  })

  test.each([
    ['refuses connections', '@eve@127.0.0.1:9'],
    ['does not exist', '@eve@nowhere.invalid'],
  ])('%s: nothing is held up', async (_, name) => {
    const { mentions } = await post(server, alice, { text: `Hello ${name}` })
    expect(mentions).toEqual([])
  })

  test('breaks off: nothing is held up', async () => {
    const resetting = await startRawHost((socket) => socket.resetAndDestroy())
    const { mentions } = await post(server, alice, { text: `Hello @eve@${new URL(resetting.url).host}` })
    expect(mentions).toEqual([])
    await resetting.close()
  })
})
