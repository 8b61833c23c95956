import { expect, test } from 'vitest'
import type { Failure } from '#src/ai/refusals.ts'
import { defaultRetryPolicy, type RetryClock, withRetries } from '#src/ai/retries.ts'
import { createRecordedTime } from '#tests/support/painting.ts'

const busy: Failure = { refusal: { code: 'unavailable', message: 'Busy.' }, isRetryable: true }

/** An attempt that fails each time, after so many milliseconds. */
function failing(tookMs: number, failure = busy) {
  const time = createRecordedTime()
  const clock: RetryClock = {}
  const policy = { ...defaultRetryPolicy, time }
  const failedAt: number[] = []
  const attempt = async () => {
    time.pass(tookMs)
    failedAt.push(time.nowMs())
    return { done: false as const, failure }
  }
  const run = (signal = new AbortController().signal) => withRetries(attempt, policy, clock, signal)
  return { run, time, failedAt }
}

test.each([
  [0, 3],
  [2_000, 3],
  [3_000, 3],
  [4_000, 2],
  [8_000, 2],
  [9_000, 1],
  [60_000, 1],
])(
  'a provider that takes %i ms to fail is asked %i times, within ten seconds of its first failure',
  async (tookMs, tries) => {
    const { run, failedAt } = failing(tookMs)
    expect(await run()).toEqual({ done: false, failure: busy })
    expect(failedAt).toHaveLength(tries)
    expect((failedAt.at(-1) ?? 0) - tookMs).toBeLessThanOrEqual(10_000)
  },
)

test('what the first picture of a painting used up, the next does not have', async () => {
  const { run, failedAt } = failing(3_000)
  await run()
  await run()
  expect(failedAt).toHaveLength(4)
})

test('a wait that is cancelled is followed by no other try', async () => {
  const { run, time, failedAt } = failing(0)
  const cancel = new AbortController()
  time.wait = async () => cancel.abort()
  await run(cancel.signal)
  expect(failedAt).toHaveLength(1)
})
