import type { FetchError } from '@fedify/vocab-runtime'
import { loadVocabularyRuntime } from '../fedify-packages.ts'

/** What Fedify throws, and has to be thrown, where a document cannot be had. Known by name: its class is loaded late. */
export function isFetchError(error: unknown): error is FetchError {
  return error instanceof Error && error.name === 'FetchError' && 'url' in error
}

/** Fedify reads the status from it: a key that is gone (410) is told from one that is unreachable. */
export async function fetchErrorOf(url: string, response: Response): Promise<FetchError> {
  const { FetchError } = await loadVocabularyRuntime()
  return new FetchError(url, `HTTP ${response.status}`, response)
}
