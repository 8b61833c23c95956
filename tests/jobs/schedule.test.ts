import { expect, test } from 'vitest'
import { useJobs } from './setup.ts'

const floor = useJobs()

test('a periodic job runs once per period, with three workers and after a new start', async () => {
  let runs = 0
  const pruneKeyValues = async () => {
    runs += 1
  }
  const start = () => floor.work({ pruneKeyValues })
  const workers = [start(), start(), start()]
  const settle = () => Promise.all(workers.map((worker) => worker.settle()))
  await settle()
  expect(runs).toBe(1)
  floor.clock.advance(9 * 60_000)
  workers.push(start())
  await settle()
  expect(runs).toBe(1)
  for (let period = 0; period < 3; period += 1) {
    floor.clock.advance(10 * 60_000)
    await settle()
  }
  expect(runs).toBe(4)
  // Nobody worked for a day: one run, not as many as were missed.
  floor.clock.advance(24 * 60 * 60_000)
  await settle()
  expect(runs).toBe(5)
})
