import type { ImagesOffer } from '#src/studio/capabilities.ts'
import type { Quota } from '#src/studio/quota.ts'

export function toCapabilities({ images, quota }: { images: ImagesOffer; quota: Quota | null }) {
  return {
    images: {
      available: images.available,
      provider: images.provider,
      ai: images.isAi,
      aspects: images.aspects,
      max_count: images.maxCount,
      edit: images.edit,
      stream: images.stream,
      ...(!images.available && { reason: images.reason }),
    },
    text: { available: false, tasks: [], reason: 'This server offers no help with texts.' },
    quota: quota && { remaining: quota.remaining, resets_at: quota.resetsAt.toISOString() },
  }
}
