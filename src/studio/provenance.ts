import type { ImageProvider } from '#src/ai/provider.ts'
import type { App } from '#src/app.ts'
import { type DigitalSourceType, digitalSourceTypes } from '#src/media/provenance.ts'
import type { Reference } from './references.ts'

/** How a picture comes about: an edited photograph stays one in part, an edited painting is a painting. */
export function digitalSourceTypeOf(
  provider: Pick<ImageProvider, 'isAi'>,
  references: readonly Pick<Reference, 'digitalSourceType'>[],
): DigitalSourceType {
  if (!provider.isAi) return digitalSourceTypes.sketch
  const holdsOther = references.some((each) => each.digitalSourceType !== digitalSourceTypes.painting)
  return holdsOther ? digitalSourceTypes.editedPhotograph : digitalSourceTypes.painting
}

/** The maker's name and page, as they are told to others. */
export function generatorOf(
  app: Pick<App, 'publicUrl' | 'config'>,
  provider: Pick<ImageProvider, 'name' | 'model'>,
): { name: string; url: string | null } {
  if (provider.name === 'sketch') return { name: 'Pinxit sketch', url: `${app.publicUrl}/about` }
  // A base URL of the operator's own may be private: it is nobody's business.
  const isOpenAi = provider.name === 'openai' && !app.config.ai.baseUrl
  return isOpenAi
    ? { name: `${provider.model} (OpenAI)`, url: 'https://openai.com/' }
    : { name: provider.model, url: null }
}
