import type { App } from '#src/app.ts'
import type { Id } from '#src/db/tables.ts'
import { updateUser } from '#src/db/users.ts'

/** The language of the pages for one person. @param locale null for whatever their browser asks for */
export async function changeLanguage(app: Pick<App, 'db'>, userId: Id, locale: string | null): Promise<void> {
  await app.db.transaction().execute((trx) => updateUser(trx, userId, { locale }))
}
