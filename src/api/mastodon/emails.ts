import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { askAgainToConfirm } from '#src/auth/emails.ts'
import { AppError } from '#src/base/errors.ts'
import { findUser } from '#src/db/users.ts'
import { type Env, requireNewcomer } from '../bearer.ts'
import { form, textField } from '../bodies.ts'

/** https://docs.joinmastodon.org/methods/emails/, mounted at `/api/v1/emails`. */
export function emailRoutes(app: App) {
  return new Hono<Env>()
    .post(
      '/confirmations',
      requireNewcomer('write:accounts'),
      form(z.object({ email: textField })),
      async (c) => {
        const { userId, token } = c.var.newcomer
        const user = await findUser(app.db, userId)
        if (!user || user.sign_up_application_id !== token.applicationId) {
          throw new AppError(
            'forbidden',
            'This method is only available to the application the user originally signed-up with',
          )
        }
        await askAgainToConfirm(app, user, c.req.valid('form').email?.trim())
        return c.json({})
      },
    )
    .get('/check_confirmation', async (c) => {
      const userId = c.var.viewer?.userId ?? c.var.newcomer?.userId
      const user = userId ? await findUser(app.db, userId) : undefined
      if (!user) throw new AppError('unauthenticated', 'This method requires an authenticated user')
      return c.json(user.confirmed_at !== null)
    })
}
