import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { hashToken, isSameSecret, newToken } from '#src/base/secrets.ts'
import { type Application, findApplicationByClientId, insertApplication } from '#src/db/applications.ts'

/** Stands for an app without an address of its own: the code is shown to the person, who copies it. */
export const outOfBand = 'urn:ietf:wg:oauth:2.0:oob'

type NewApplication = { name: string; website: string | null; redirectUris: string[]; scopes: string[] }

/** The only moment the secret is known; the database holds its hash. */
export async function createApplication(
  app: Pick<App, 'db'>,
  { name, website, redirectUris, scopes }: NewApplication,
): Promise<{ application: Application; clientSecret: string }> {
  const refused = redirectUris.find((uri) => !isRedirectUri(uri))
  if (redirectUris.length === 0 || refused !== undefined) {
    throw new AppError('invalid', 'Validation failed: Redirect URI must be an absolute URI.', {
      code: 'redirect_uri',
    })
  }
  const clientSecret = newToken()
  const application = await insertApplication(app.db, {
    client_id: newToken(),
    client_secret_hash: hashToken(clientSecret),
    name,
    website,
    redirect_uris: redirectUris,
    scopes,
  })
  return { application, clientSecret }
}

/** @throws AppError unauthenticated with the code `invalid_client` */
export async function authenticateApplication(
  app: Pick<App, 'db'>,
  client: { id: string | undefined; secret: string | undefined },
): Promise<Application> {
  const application = client.id ? await findApplicationByClientId(app.db, client.id) : undefined
  const isRight = isSameSecret(application?.client_secret_hash ?? '', hashToken(client.secret ?? ''))
  if (!application || !isRight) throw invalidClient()
  return application
}

function invalidClient(): AppError {
  return new AppError(
    'unauthenticated',
    'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
    { code: 'invalid_client' },
  )
}

// Schemes that a browser runs or reads instead of handing over.
const forbiddenSchemes = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'file:',
  'blob:',
  'about:',
  'filesystem:',
])

function isRedirectUri(text: string): boolean {
  if (text === outOfBand) return true
  // It stands in a header one day: nothing but visible ASCII.
  if (text.length > 2_000 || !/^[!-~]+$/.test(text) || text.includes('#') || !URL.canParse(text)) return false
  return !forbiddenSchemes.has(new URL(text).protocol)
}
