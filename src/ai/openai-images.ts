import { aspects } from './aspects.ts'
import { compatDialect, type Learned, openAiDialect } from './dialects.ts'
import type { FetchBytes } from './fetch-bytes.ts'
import type { ImageProvider } from './provider.ts'
import type { RetryPolicy } from './retries.ts'

export type OpenAiImagesOptions = {
  dialect: 'openai' | 'compat'
  apiKey?: string
  baseUrl?: string
  model: string
  /** Needed for servers that answer with a `url`. */
  fetchBytes?: FetchBytes
  /** One try of one picture, from request to last byte; 180,000 unless told. */
  attemptDeadlineMs?: number
  retries?: RetryPolicy
  /** How many pictures of one painting are asked for at the same time; 2 unless told. */
  concurrency?: number
  /** 64 MiB unless told. */
  maxAnswerBytes?: number
}

/**
 * Images by the `openai` package, in OpenAI's own dialect or in the one its many imitators understand. The package is
 * loaded for the first painting: it takes as much memory as our own code, and many servers never paint with it.
 */
export function createOpenAiImages(options: OpenAiImagesOptions): ImageProvider {
  const dialect = options.dialect === 'openai' ? openAiDialect : compatDialect
  const learned: Learned = { streams: dialect.streams, edits: true, dropped: new Set() }
  let painting: Promise<ImageProvider['paint']> | undefined
  return {
    name: dialect.name,
    isAi: true,
    model: options.model,
    get capabilities() {
      return { aspects, maxCount: 4, edit: learned.edits, stream: learned.streams }
    },
    paint: async (request, hooks) => {
      painting ??= import('./openai-painting.ts').then((it) => it.createPainting(options, dialect, learned))
      return (await painting)(request, hooks)
    },
  }
}
