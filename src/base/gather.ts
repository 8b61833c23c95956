import { setImmediate as nextTurn } from 'node:timers/promises'

/** Gathers what is asked within one turn of the event loop, and has all of it answered by one call. */
export function gather<K, V>(
  answerAll: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): (key: K) => Promise<V | undefined> {
  let open: { keys: Set<K>; answers: Promise<ReadonlyMap<K, V>> } | undefined
  function begin() {
    const keys = new Set<K>()
    const answers = nextTurn().then(() => {
      open = undefined
      return answerAll([...keys])
    })
    return { keys, answers }
  }
  return async (key) => {
    open ??= begin()
    const { keys, answers } = open
    keys.add(key)
    return (await answers).get(key)
  }
}
