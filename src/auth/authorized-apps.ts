import type { App } from '#src/app.ts'
import type { Application } from '#src/db/applications.ts'
import { hasTokenFor, revokeGrants } from '#src/db/authorized-apps.ts'
import type { Id } from '#src/db/tables.ts'

type Asking = { application: Application; viewer: { accountId: Id }; scopes: string[] }

/** Whether someone let an application do just this before and did not take it back: they need not be asked again. */
export function isAuthorized(
  app: Pick<App, 'db'>,
  { application, viewer, scopes }: Asking,
): Promise<boolean> {
  return hasTokenFor(app.db, { accountId: viewer.accountId, applicationId: application.id, scopes })
}

/** Nothing the application holds of theirs opens anything any more. */
export async function endAuthorization(
  app: Pick<App, 'db' | 'clock'>,
  accountId: Id,
  applicationId: Id,
): Promise<void> {
  await app.db
    .transaction()
    .execute((trx) => revokeGrants(trx, { accountId, applicationId }, app.clock.now()))
}
