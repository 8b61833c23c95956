import { AsyncLocalStorage } from 'node:async_hooks'
import { Dispatcher, getGlobalDispatcher, setGlobalDispatcher } from 'undici'

/**
 * Has `work` connect through `dispatcher` wherever it calls the global `fetch`. Fedify posts by that, with a Request
 * of its own making, follows redirects, and asks no one whether an address is public or how long to wait. Several
 * servers may do this in one process, each with its own dispatcher.
 */
export function withDispatcher<T>(dispatcher: Dispatcher, work: () => Promise<T>): Promise<T> {
  const current = getGlobalDispatcher()
  if (current instanceof ScopedDispatcher) return current.scope.run(dispatcher, work)
  const scoped = new ScopedDispatcher(current)
  setGlobalDispatcher(scoped)
  return scoped.scope.run(dispatcher, work)
}

class ScopedDispatcher extends Dispatcher {
  readonly scope = new AsyncLocalStorage<Dispatcher>()
  readonly #elsewhere: Dispatcher

  constructor(elsewhere: Dispatcher) {
    super()
    this.#elsewhere = elsewhere
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return (this.scope.getStore() ?? this.#elsewhere).dispatch(options, handler)
  }
}
