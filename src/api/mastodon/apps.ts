import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { createApplication } from '#src/auth/applications.ts'
import { parseScopes } from '#src/auth/scopes.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { type Application, findApplication } from '#src/db/applications.ts'
import { type Env, requireToken } from '../bearer.ts'
import { form, textField } from '../bodies.ts'

const appForm = z.object({
  client_name: z.string().trim().min(1, "can't be blank").max(500, 'is too long'),
  // One, several separated by white space, or a list.
  redirect_uris: z.union([z.string(), z.array(z.string())]),
  scopes: textField,
  website: textField,
})

/** https://docs.joinmastodon.org/methods/apps/, mounted at `/api/v1/apps`. */
export function appRoutes(app: App) {
  return new Hono<Env>({ strict: false })
    .post('/', form(appForm), async (c) => {
      const fields = c.req.valid('form')
      const { application, clientSecret } = await createApplication(app, {
        name: fields.client_name,
        website: websiteOf(fields.website),
        redirectUris: [fields.redirect_uris].flat().flatMap((uris) => uris.split(/\s+/).filter(Boolean)),
        scopes: parseScopes(fields.scopes),
      })
      return c.json({
        ...toApplication(application),
        id: application.id,
        client_id: application.client_id,
        client_secret: clientSecret,
        client_secret_expires_at: 0,
      })
    })
    .get('/verify_credentials', requireToken(), async (c) => {
      const id = c.var.token?.applicationId
      const application = id ? await findApplication(app.db, id) : undefined
      if (!application) throw notFound()
      return c.json({ id: application.id, ...toApplication(application) })
    })
}

/** https://docs.joinmastodon.org/entities/Application/ */
function toApplication(application: Application) {
  return {
    name: application.name,
    website: application.website,
    scopes: application.scopes,
    redirect_uri: application.redirect_uris.join('\n'),
    redirect_uris: application.redirect_uris,
    vapid_key: '',
  }
}

function websiteOf(website: string | undefined): string | null {
  if (!website) return null
  if (website.length > 2_000 || !/^https?:\/\//i.test(website) || !URL.canParse(website)) {
    throw new AppError('invalid', 'Validation failed: Website must be a valid URL')
  }
  return website
}
