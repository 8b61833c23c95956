import type { ImageProvider } from '#src/ai/provider.ts'
import { isAvailable } from '#src/ai/select.ts'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { type Quota, quotaOf } from './quota.ts'
import type { Painter } from './view.ts'

/** What can be asked for, as known now; `reason` says why nothing can. */
export type ImagesOffer = { provider: string; isAi: boolean } & ImageProvider['capabilities'] &
  ({ available: true } | { available: false; reason: string })

/** What can be painted here. One answer for API and pages. */
export function imagesOffer(app: Pick<App, 'images'>): ImagesOffer {
  const { images } = app
  if (isAvailable(images)) {
    const { aspects, maxCount, edit, stream } = images.capabilities
    const { name: provider, isAi } = images
    return { available: true, provider, isAi, aspects, maxCount, edit, stream }
  }
  const nothing = { aspects: [], maxCount: 0, edit: false, stream: false }
  return { available: false, reason: images.unavailable, provider: 'none', isAi: false, ...nothing }
}

/** The same with what is left of the painter's quota; null where there is none. */
export async function capabilitiesOf(
  app: App,
  painter: Painter,
): Promise<{ images: ImagesOffer; quota: Quota | null }> {
  return { images: imagesOffer(app), quota: await quotaOf(app, app.db, painter) }
}

/** @throws AppError unavailable, with the reason */
export function requireImages(app: Pick<App, 'images'>): ImageProvider {
  if (isAvailable(app.images)) return app.images
  throw new AppError('unavailable', app.images.unavailable, { code: 'unavailable' })
}
