import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { removeUnstorable } from '#src/base/html.ts'
import { handleOf, normalizeTag, parseText, renderText } from '#src/base/text.ts'
import { type Account, getAccount, listAccountsByHandles, updateAccount } from '#src/db/accounts.ts'
import type { AiDisplay, Id, ProfileField, QuotePolicy, Visibility } from '#src/db/tables.ts'
import { findUserByAccount, updateUser } from '#src/db/users.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { emojisIn } from '#src/media/emojis.ts'
import { type PictureFile, type ProcessedPicture, refusalMessages } from '#src/media/picture.ts'
import { newMediaKey } from '#src/media/storage.ts'
import { withKeptMarks } from './verified-fields.ts'
import { requestVerification } from './verify-links.ts'

/** What is not given stays as it is. */
export type ProfileChanges = {
  name?: string | undefined
  /** As typed. */
  bio?: string | undefined
  /** As typed; the ones without name and value go. */
  fields?: { name: string; value: string }[] | undefined
  isLocked?: boolean | undefined
  isDiscoverable?: boolean | undefined
  isIndexable?: boolean | undefined
  isBot?: boolean | undefined
  /** The bytes of a picture of any kind that may be uploaded; null takes it away. */
  avatar?: Uint8Array | null | undefined
  header?: Uint8Array | null | undefined
  defaultVisibility?: Visibility | undefined
  defaultIsSensitive?: boolean | undefined
  defaultLanguage?: string | null | undefined
  defaultQuotePolicy?: QuotePolicy | undefined
  aiDisplay?: AiDisplay | undefined
}

/** Mastodon's, so that nothing is cut on other servers. */
export const profileLimits = { name: 30, bio: 500, fields: 4, fieldName: 255, fieldValue: 255 } as const

/**
 * Changes a local person's profile and tells other servers.
 * @throws AppError invalid when something is too long or a picture cannot be used; notFound
 */
export async function updateProfile(app: App, accountId: Id, changes: ProfileChanges): Promise<Account> {
  checkLimits(changes)
  const before = await getAccount(app.db, accountId)
  const user = await findUserByAccount(app.db, accountId)
  const bioHtml = changes.bio === undefined ? undefined : await renderBio(app, changes.bio)
  // Both are read before either is kept: a refusal must not leave a file behind.
  const avatar = changes.avatar && (await readPicture(app, changes.avatar)).small
  const header = changes.header && (await readPicture(app, changes.header)).derivative
  const avatarKey = avatar && (await storePicture(app, avatar))
  const headerKey = header && (await storePicture(app, header))
  const pictures = {
    ...((avatarKey || changes.avatar === null) && { avatar_key: avatarKey ?? null }),
    ...((headerKey || changes.header === null) && { header_key: headerKey ?? null }),
  }
  const replacedKeys = [
    'avatar_key' in pictures && before.avatar_key,
    'header_key' in pictures && before.header_key,
  ].filter((key) => typeof key === 'string')
  return app.db.transaction().execute(async (trx) => {
    const account = await updateAccount(trx, accountId, {
      ...accountValues(changes, before),
      ...(bioHtml !== undefined && { bio_html: bioHtml }),
      emojis: JSON.stringify(
        await emojisIn(
          { ...app, db: trx },
          changes.name ?? before.name,
          changes.bio ?? before.bio_text ?? '',
        ),
      ),
      ...pictures,
    })
    const preferences = userValues(changes)
    if (user && Object.keys(preferences).length > 0) await updateUser(trx, user.id, preferences)
    if (changes.fields) await requestVerification(trx, account)
    if (replacedKeys.length > 0) await enqueue(trx, 'deleteFiles', { keys: replacedKeys })
    await enqueue(trx, 'deliverAccount', { accountId, activity: 'Update' }, { orderingKey: account.uri })
    return account
  })
}

function accountValues(changes: ProfileChanges, before: Account) {
  const { name, bio, fields, isLocked, isDiscoverable, isIndexable, isBot } = changes
  return {
    ...(name !== undefined && { name: removeUnstorable(name).trim() }),
    ...(bio !== undefined && { bio_text: parseText(bio).text.trim() }),
    ...(fields !== undefined && {
      fields: JSON.stringify(withKeptMarks(toProfileFields(fields), before.fields)),
    }),
    ...(isLocked !== undefined && { is_locked: isLocked }),
    ...(isDiscoverable !== undefined && { is_discoverable: isDiscoverable }),
    ...(isIndexable !== undefined && { is_indexable: isIndexable }),
    ...(isBot !== undefined && { kind: isBot ? ('Service' as const) : ('Person' as const) }),
  }
}

function userValues(changes: ProfileChanges) {
  const { defaultVisibility, defaultIsSensitive, defaultLanguage, defaultQuotePolicy, aiDisplay } = changes
  return {
    ...(defaultVisibility !== undefined && { default_visibility: defaultVisibility }),
    ...(defaultIsSensitive !== undefined && { default_is_sensitive: defaultIsSensitive }),
    ...(defaultLanguage !== undefined && { default_language: defaultLanguage }),
    ...(defaultQuotePolicy !== undefined && { default_quote_policy: defaultQuotePolicy }),
    ...(aiDisplay !== undefined && { ai_display: aiDisplay }),
  }
}

function toProfileFields(fields: { name: string; value: string }[]): ProfileField[] {
  return fields
    .map(({ name, value }) => ({
      name: removeUnstorable(name).trim(),
      value: removeUnstorable(value).trim(),
      verifiedAt: null,
    }))
    .filter(({ name, value }) => name !== '' || value !== '')
}

function checkLimits({ name = '', bio = '', fields = [] }: ProfileChanges): void {
  const { length } = fields.filter((field) => field.name.trim() !== '' || field.value.trim() !== '')
  requireAtMost('Display name', 'name_too_long', Array.from(name).length, profileLimits.name)
  requireAtMost('Note', 'bio_too_long', Array.from(bio).length, profileLimits.bio)
  if (length > profileLimits.fields) {
    throw new AppError('invalid', `Validation failed: Profile fields are at most ${profileLimits.fields}`, {
      code: 'fields',
    })
  }
  for (const field of fields) {
    requireAtMost('Field name', 'fields', Array.from(field.name).length, profileLimits.fieldName)
    requireAtMost('Field value', 'fields', Array.from(field.value).length, profileLimits.fieldValue)
  }
}

function requireAtMost(what: string, code: string, length: number, most: number): void {
  if (length <= most) return
  throw new AppError('invalid', `Validation failed: ${what} is too long (maximum is ${most} characters)`, {
    code,
  })
}

/** Known people are linked; nobody is looked up elsewhere for a bio. */
async function renderBio(app: App, typed: string): Promise<string> {
  const parsed = parseText(typed)
  const known = await listAccountsByHandles(
    app.db,
    parsed.mentions.map(({ username, host }) => ({
      username,
      domain: host === undefined || host === app.handleHost ? null : host,
    })),
  )
  const accountOf = new Map(
    known.map((account) => [
      `${account.username}@${account.domain ?? app.handleHost}`.toLowerCase(),
      account,
    ]),
  )
  const { html } = renderText(parsed, {
    resolveMention: (handle) => {
      const [username = '', host = app.handleHost] = handle.split('@')
      const account = accountOf.get(handleOf({ username, host }).toLowerCase())
      return account && { url: account.url, handle: account.username }
    },
    tagUrl: (name) => app.uris.tagPage(normalizeTag(name)),
  })
  return html
}

async function readPicture(app: App, bytes: Uint8Array): Promise<ProcessedPicture> {
  const picture = await app.pictures.processPicture(bytes, { source: 'upload' })
  if (picture.outcome === 'processed') return picture
  throw new AppError('invalid', `Validation failed: ${refusalMessages[picture.reason]}`, {
    code: picture.reason,
  })
}

async function storePicture(app: App, file: PictureFile): Promise<string> {
  const key = newMediaKey(file.extension)
  await app.storage.put(key, file.bytes)
  return key
}
