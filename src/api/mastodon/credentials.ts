import { Hono } from 'hono'
import { z } from 'zod'
import { isAiDisplay } from '#src/accounts/ai-display.ts'
import { updateProfile } from '#src/accounts/profile.ts'
import type { App } from '#src/app.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { getAccount } from '#src/db/accounts.ts'
import { countFollowRequests } from '#src/db/follows.ts'
import type { AiDisplay, Id, Visibility } from '#src/db/tables.ts'
import { findUserByAccount } from '#src/db/users.ts'
import { UPLOAD_MAX_BYTES } from '#src/media/picture.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, optionalFlag, textField } from '../bodies.ts'
import { toCredentialAccount } from './entities/account.ts'
import { fromMastodonVisibility } from './entities/visibility.ts'
import { movedPart } from './moved.ts'
import { bytesOf, fileField } from './params.ts'
import { quotePolicyOf } from './quotes.ts'
import { languageOf } from './status-form.ts'

const field = z.object({ name: textField, value: textField }).transform(({ name = '', value = '' }) => ({
  name,
  value,
}))

/** A list, or `fields_attributes[0][name]` as forms write it. */
const fieldsAttributes = z
  .union([z.array(field), z.record(z.string(), field).transform((byPlace) => Object.values(byPlace))])
  .optional()

export const credentialsForm = z.object({
  display_name: textField,
  note: textField,
  avatar: fileField,
  header: fileField,
  locked: optionalFlag,
  bot: optionalFlag,
  discoverable: optionalFlag,
  indexable: optionalFlag,
  fields_attributes: fieldsAttributes,
  source: z
    .object({ privacy: textField, sensitive: optionalFlag, language: textField, quote_policy: textField })
    .optional()
    .catch(undefined),
  pinxit: z.object({ ai_display: textField }).optional().catch(undefined),
})

// Two pictures, the other fields and the seams of the multipart body.
export const credentialsBodyBytes = 2 * UPLOAD_MAX_BYTES + 1_048_576

type CredentialsForm = z.output<typeof credentialsForm>

/** The part of https://docs.joinmastodon.org/methods/accounts/ that is about oneself. */
export function credentialRoutes(app: App) {
  return new Hono<Env>()
    .get('/verify_credentials', requireScope('read:accounts', 'profile'), async (c) =>
      c.json(await loadCredentialAccount(app, c.var.viewer.accountId)),
    )
    .patch(
      '/update_credentials',
      requireScope('write:accounts'),
      form(credentialsForm, { maxBytes: credentialsBodyBytes }),
      async (c) => {
        const { accountId } = c.var.viewer
        await updateProfile(app, accountId, await readChanges(c.req.valid('form')))
        return c.json(await loadCredentialAccount(app, accountId))
      },
    )
}

export async function loadCredentialAccount(app: App, accountId: Id) {
  const [account, user, followRequestsCount] = await Promise.all([
    getAccount(app.db, accountId),
    findUserByAccount(app.db, accountId),
    countFollowRequests(app.db, accountId),
  ])
  if (!user) throw notFound()
  const moved = await movedPart(app, account)
  return { ...toCredentialAccount(app, { account, user, followRequestsCount }), ...moved }
}

/** @throws AppError invalid */
export async function readChanges(fields: CredentialsForm) {
  return {
    name: fields.display_name,
    bio: fields.note,
    fields: fields.fields_attributes,
    isLocked: fields.locked,
    isBot: fields.bot,
    isDiscoverable: fields.discoverable,
    isIndexable: fields.indexable,
    avatar: await bytesOf(fields.avatar),
    header: await bytesOf(fields.header),
    defaultVisibility: privacyOf(fields.source?.privacy),
    defaultIsSensitive: fields.source?.sensitive,
    defaultLanguage: languageOf(fields.source?.language),
    defaultQuotePolicy: quotePolicyOf(fields.source?.quote_policy),
    aiDisplay: aiDisplayOf(fields.pinxit?.ai_display),
  }
}

function privacyOf(name: string | undefined): Visibility | undefined {
  if (!name) return undefined
  const visibility = fromMastodonVisibility(name)
  if (!visibility) throw new AppError('invalid', 'Validation failed: Privacy is not included in the list')
  return visibility
}

function aiDisplayOf(name: string | undefined): AiDisplay | undefined {
  if (!name) return undefined
  if (!isAiDisplay(name)) {
    throw new AppError('invalid', 'Validation failed: AI display is not included in the list')
  }
  return name
}
