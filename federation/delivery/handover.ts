import { AsyncLocalStorage } from 'node:async_hooks'
import type { Message } from '@fedify/fedify'
import type { Dispatcher } from 'undici'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import type { Letter } from './letters.ts'
import type { FederationQueue } from './queue.ts'
import { withDispatcher } from './scoped-dispatcher.ts'

export type Handover = {
  /**
   * Has Fedify deliver, which knocks twice and tells what failed for good. Answers the status the host refused with
   * for good; undefined when it took it. Throws when it is to be tried again.
   */
  handOver(delivery: JobPayload<'deliver'>, letter: Letter, job: RunningJob): Promise<number | undefined>
  /** To be told by Fedify that a host refused for good, such as by 404 or 410. */
  onPermanentFailure(refusal: { statusCode: number }): void
}

export type HandoverOptions = {
  queue: FederationQueue
  /** Fedify's `processQueuedTask`. */
  process: (message: Message) => Promise<void>
  dispatcher: Dispatcher
}

export function createHandover({ queue, process, dispatcher }: HandoverOptions): Handover {
  const handling = new AsyncLocalStorage<{ refusal?: number }>()
  return {
    handOver: async (delivery, letter, job) => {
      const message = await queue.assemble(delivery, letter, job)
      const current: { refusal?: number } = {}
      await withDispatcher(dispatcher, () => handling.run(current, () => queue.deliver(process, message)))
      return current.refusal
    },
    onPermanentFailure: ({ statusCode }) => {
      const current = handling.getStore()
      if (current) current.refusal = statusCode
    },
  }
}
