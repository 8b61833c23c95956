import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { mostInstantDeaths, type Supervised, supervise } from '#src/supervise.ts'

// Of real processes; what they run is a line each.

const supervised: Supervised[] = []
afterEach(async () => {
  for (const one of supervised.splice(0)) await one.stop()
})

type Told = { started: ChildProcess[]; deaths: ChildProcess[]; givenUp: boolean[] }

function start(program: string, options: Partial<Parameters<typeof supervise>[0]> = {}) {
  const told: Told = { started: [], deaths: [], givenUp: [] }
  const one = supervise({
    start: () => {
      const child = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] })
      told.started.push(child)
      return child
    },
    onDeath: (child) => told.deaths.push(child),
    onGivenUp: () => told.givenUp.push(true),
    pauseMs: 1,
    ...options,
  })
  supervised.push(one)
  return { ...told, stop: one.stop }
}

const lasting = 'setInterval(() => {}, 60_000); console.log("up")'
const untilUp = async (child: ChildProcess | undefined) => child?.stdout && once(child.stdout, 'data')

describe('a child', () => {
  it('that is killed is started again', async () => {
    const one = start(lasting)
    await untilUp(one.started[0])
    one.started[0]?.kill('SIGKILL')
    await expect.poll(() => one.started.length).toBe(2)
    expect(one.deaths).toEqual([one.started[0]])
    await untilUp(one.started[1])
    expect(one.started[1]?.exitCode).toBe(null)
  })

  it('that ends again and again right after its start is given up', async () => {
    const one = start('process.exit(1)')
    await expect.poll(() => one.givenUp).toEqual([true])
    expect(one.started).toHaveLength(mostInstantDeaths)
    expect(await one.stop()).toBe(false)
  })

  it('that ends now and then is never given up', async () => {
    const one = start('process.exit(0)', { instantMs: 0 })
    await expect.poll(() => one.started.length).toBeGreaterThan(mostInstantDeaths + 1)
    expect(one.givenUp).toEqual([])
  })

  it('that cannot be started is given up as well', async () => {
    const one = start('', { start: () => spawn('/there/is/no/such/program') })
    await expect.poll(() => one.givenUp).toEqual([true])
  })

  it('drains when it is stopped, and no other is started', async () => {
    const one = start(`process.on('SIGTERM', () => process.exit(0)); ${lasting}`)
    await untilUp(one.started[0])
    expect(await one.stop()).toBe(true)
    expect(one.started).toHaveLength(1)
    expect(one.deaths).toEqual([])
  })

  it('that does not drain is killed, and has not ended well', async () => {
    const one = start(`process.on('SIGTERM', () => {}); ${lasting}`, { drainMs: 50 })
    await untilUp(one.started[0])
    expect(await one.stop()).toBe(false)
    expect(one.started[0]?.signalCode).toBe('SIGKILL')
  })

  it('is not started any more when it is stopped between two', async () => {
    const one = start('process.exit(1)', { pauseMs: 60_000 })
    await expect.poll(() => one.deaths.length).toBe(1)
    await one.stop()
    expect(one.started).toHaveLength(1)
  })
})
