import type { App } from '#src/app.ts'
import type { GenerationView } from '#src/studio/view.ts'
import { toMediaAttachment } from '../../mastodon/entities/media-attachment.ts'

export function toGeneration(app: Pick<App, 'storage' | 'remoteFiles'>, generation: GenerationView) {
  const { error_code: code, error_message: message } = generation
  return {
    id: generation.id,
    status: generation.state,
    prompt: generation.prompt,
    aspect: generation.aspect,
    width: generation.width,
    height: generation.height,
    count: generation.count,
    quality: generation.quality,
    provider: generation.provider,
    model: generation.model,
    ai: generation.is_ai,
    remix_of: generation.remix_of_id,
    ...(generation.position !== undefined && { position: generation.position }),
    ...(code !== null && { error: { code, message } }),
    media_attachments: generation.media.map((media) => toMediaAttachment(app, media)),
    cost_micro_usd: Number(generation.cost_micro_usd),
    created_at: generation.created_at.toISOString(),
    started_at: generation.started_at?.toISOString() ?? null,
    finished_at: generation.finished_at?.toISOString() ?? null,
  }
}
