import type { Config } from '#src/base/config.ts'
import { AppError } from '#src/base/errors.ts'

// Mastodon's rule, so that every name here is one its servers can mention.
const pattern = /^[a-z0-9_]+([a-z0-9_.-]+[a-z0-9_]+)?$/i
const longest = 30

// Names that would pass for the server itself, and names that mail servers and protocols give to someone.
const reservedNames = new Set(
  `abuse account accounts actor admin administrator api autoconfig autodiscover daemon everyone help here
  hostmaster info instance internal_actor localhost mail mailer-daemon me mod moderator moderators news nobody
  noreply no-reply owner pinxit postmaster relay root security server staff support system team undefined null
  webmaster www`.split(/\s+/),
)

/** The server's own account goes by its domain, as on other servers; no person may take that name. */
export function instanceActorUsername(handleHost: string): string {
  return handleHost.replace(/:\d+$/, '')
}

type Naming = { handleHost: string; config: Pick<Config, 'assistantUsername'> }

/** @throws AppError invalid, with a code that begins with the field's name and a reason in Mastodon's words */
export function checkUsername(app: Naming, username: string): void {
  if (!pattern.test(username)) {
    throw new AppError(
      'invalid',
      'Validation failed: Username must contain only letters, numbers and underscores',
      {
        code: 'username',
      },
    )
  }
  if (username.length > longest) {
    throw new AppError(
      'invalid',
      `Validation failed: Username is too long (maximum is ${longest} characters)`,
      {
        code: 'username',
      },
    )
  }
  if (isReservedUsername(app, username)) {
    throw new AppError('invalid', 'Validation failed: Username is reserved', { code: 'username_reserved' })
  }
}

export function isReservedUsername(app: Naming, username: string): boolean {
  const name = username.toLowerCase()
  return (
    reservedNames.has(name) ||
    name === app.config.assistantUsername.toLowerCase() ||
    name === instanceActorUsername(app.handleHost).toLowerCase()
  )
}
