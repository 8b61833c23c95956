import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInboxLimits } from '#federation/inbox/limits.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { createMovedClock } from '#tests/support/moved-clock.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'
import { activityOf } from './inbox/setup.ts'

let server: TestServer
let loud: ForeignServer
let calm: ForeignServer
let shouting: ForeignActor
let calling: ForeignActor
beforeAll(async () => {
  ;[server, loud, calm] = await Promise.all([startTestServer(), startForeignServer(), startForeignServer()])
  shouting = loud.addActor('shouting')
  calling = calm.addActor('calling')
})
afterAll(() => Promise.all([server.close(), loud.close(), calm.close()]))

const nothing = (actor: ForeignActor) => activityOf(actor, 'View', 'https://nothing.example/1')

describe('a server that sends without end', () => {
  it('is told to come back later, while others are heard', async () => {
    const inbox = `${server.url}/ap/inbox`
    expect((await shouting.post(inbox, nothing(shouting))).status).toBe(202)
    // Refused as no JSON: the cheapest of what a server can send, so that it is sent fast enough.
    const headers = { signature: `keyId="${shouting.keyId}"`, 'content-type': 'application/activity+json' }
    const shout = () => fetch(inbox, { method: 'POST', body: '!', headers })
    let refused: Response | undefined
    for (let sent = 0; !refused && sent < 3_000; sent += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, shout))
      refused = answers.find(({ status }) => status === 429)
    }
    const waitSeconds = Number(refused?.headers.get('retry-after'))
    expect(waitSeconds).toBeGreaterThan(0)
    expect((await calling.post(inbox, nothing(calling))).status).toBe(202)
    expect(await server.app.metrics.text()).toContain('outcome="too many"')
    server.clock.advance(waitSeconds * 1000)
    expect((await shouting.post(inbox, nothing(shouting))).status).toBe(202)
  })
})

describe('the limits', () => {
  const named = (keyId: string) =>
    new Request('https://here.example/ap/inbox', {
      headers: { signature: `keyId="${keyId}",headers="date"` },
    })
  const untilRefused = (take: () => number | undefined): number => {
    for (let taken = 0; taken < 5_000; taken += 1) if (take() !== undefined) return taken
    return Number.POSITIVE_INFINITY
  }

  it('cannot be used up for another server from elsewhere', () => {
    const limits = createInboxLimits(createMovedClock())
    const victim = named('https://victim.example/users/1#main-key')
    expect(untilRefused(() => limits.take(victim, '203.0.113.6'))).toBe(300)
    expect(limits.take(victim, '198.51.100.7')).toBeUndefined()
  })

  it('hold for an address, whatever servers it makes up', () => {
    const limits = createInboxLimits(createMovedClock())
    let made = 0
    const inventing = () => {
      made += 1
      return limits.take(named(`https://s${made}.example/key`), '93.184.215.14')
    }
    expect(untilRefused(inventing)).toBe(900)
    expect(untilRefused(() => limits.take(new Request('https://here.example/'), '2a00:1450:4001::/64'))).toBe(
      900,
    )
  })

  it('do not hold for a proxy that we were not told of', () => {
    const limits = createInboxLimits(createMovedClock())
    let made = 0
    const throughProxy = () => {
      made += 1
      return limits.take(named(`https://s${made}.example/key`), '10.0.0.7')
    }
    expect(untilRefused(throughProxy)).toBe(Number.POSITIVE_INFINITY)
  })

  it('are read from both kinds of signatures', () => {
    const limits = createInboxLimits(createMovedClock())
    const input = 'sig1=("@method" "@target-uri");created=1;keyid="https://a.example/key"'
    const request = new Request('https://here.example/', { headers: { 'signature-input': input } })
    expect(untilRefused(() => limits.take(request, '127.0.0.1'))).toBe(300)
  })
})
