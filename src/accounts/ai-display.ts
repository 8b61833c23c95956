import type { App } from '#src/app.ts'
import type { AiDisplay, Id } from '#src/db/tables.ts'
import { updateUser } from '#src/db/users.ts'

/** What may become of AI pictures where someone would meet them; the first is how it begins. */
export const aiDisplays = ['show', 'blur', 'hide'] as const satisfies readonly AiDisplay[]

export function isAiDisplay(text: string): text is AiDisplay {
  return aiDisplays.some((display) => display === text)
}

/** For one person, on our pages and in every app. */
export async function changeAiDisplay(app: Pick<App, 'db'>, userId: Id, aiDisplay: AiDisplay): Promise<void> {
  await app.db.transaction().execute((trx) => updateUser(trx, userId, { ai_display: aiDisplay }))
}
