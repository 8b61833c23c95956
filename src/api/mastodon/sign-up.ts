import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { issueToken } from '#src/auth/grants.ts'
import { isAdminScope } from '#src/auth/scopes.ts'
import { signUp } from '#src/auth/sign-up.ts'
import { notAllowed } from '#src/base/errors.ts'
import { findApplication } from '#src/db/applications.ts'
import { type Env, requireToken } from '../bearer.ts'
import { flag, form, textField } from '../bodies.ts'
import { toToken } from '../oauth-token.ts'

const signUpForm = z.object({
  username: textField.default(''),
  email: textField.default(''),
  password: textField.default(''),
  agreement: flag,
  locale: textField,
  reason: textField.default(''),
  invite_code: textField,
})

/** https://docs.joinmastodon.org/methods/accounts/#create, mounted at `/api/v1/accounts`. */
export function signUpRoutes(app: App) {
  return new Hono<Env>().post('/', requireToken('write:accounts'), form(signUpForm), async (c) => {
    const { locale, invite_code, ...fields } = c.req.valid('form')
    const applicationId = c.var.token?.applicationId
    const application = applicationId ? await findApplication(app.db, applicationId) : undefined
    if (!application) throw notAllowed()
    const { account } = await signUp(app, {
      ...fields,
      email: fields.email.trim(),
      language: languageOf(locale),
      inviteToken: invite_code,
      applicationId: application.id,
      address: c.var.address,
    })
    const scopes = application.scopes.filter((scope) => !isAdminScope(scope))
    return c.json(toToken(await issueToken(app, { application, accountId: account.id, scopes })))
  })
}

/** Of `de`, `de-AT` or `de_AT`; null for what is no language. */
function languageOf(locale: string | undefined): string | null {
  return /^([a-z]{2,3})(?:[-_]|$)/i.exec(locale ?? '')?.[1]?.toLowerCase() ?? null
}
