import type { AiConfig } from '#src/base/config.ts'
import { createOpenAiImages, type OpenAiImagesOptions } from './openai-images.ts'
import type { ImageProvider } from './provider.ts'
import { createSketchImages } from './sketch.ts'

export type Unavailable = { unavailable: string }

type Dependencies = Pick<
  OpenAiImagesOptions,
  'fetchBytes' | 'attemptDeadlineMs' | 'retries' | 'concurrency' | 'maxAnswerBytes'
>

/** The provider the operator chose, or why there is none, in words for the operator's card. */
export function createImageProvider(
  ai: AiConfig,
  dependencies: Dependencies = {},
): ImageProvider | Unavailable {
  if (ai.provider === 'none') return { unavailable: 'No AI provider is set up (AI_PROVIDER).' }
  if (ai.provider === 'sketch') return createSketchImages()
  if (!ai.imageModel) return { unavailable: 'No image model is named (AI_IMAGE_MODEL).' }
  if (ai.provider === 'openai' && !ai.apiKey && !ai.baseUrl) {
    return { unavailable: 'The provider needs a key (OPENAI_API_KEY).' }
  }
  if (ai.provider === 'compat' && !ai.baseUrl) {
    return { unavailable: 'The provider needs an address (OPENAI_BASE_URL).' }
  }
  return createOpenAiImages({
    ...dependencies,
    dialect: ai.provider,
    ...(ai.apiKey ? { apiKey: ai.apiKey } : {}),
    ...(ai.baseUrl ? { baseUrl: ai.baseUrl } : {}),
    model: ai.imageModel,
  })
}

export function isAvailable(images: ImageProvider | Unavailable): images is ImageProvider {
  return !('unavailable' in images)
}
