import { AppError } from '#src/base/errors.ts'

// https://docs.joinmastodon.org/api/oauth-scopes/
const granular = {
  read: 'accounts blocks bookmarks collections favourites filters follows lists mutes notifications search statuses',
  write:
    'accounts blocks bookmarks collections conversations favourites filters follows lists media mutes notifications reports statuses',
  'admin:read':
    'accounts reports domain_allows domain_blocks ip_blocks email_domain_blocks canonical_email_blocks',
  'admin:write':
    'accounts reports domain_allows domain_blocks ip_blocks email_domain_blocks canonical_email_blocks',
} as const

const followScopes = new Set([
  'read:blocks',
  'write:blocks',
  'read:follows',
  'write:follows',
  'read:mutes',
  'write:mutes',
])

/** Every scope an app may ask for. */
export const knownScopes: readonly string[] = [
  'profile',
  ...Object.entries(granular).flatMap(([parent, children]) => [
    parent,
    ...children.split(' ').map((child) => `${parent}:${child}`),
  ]),
  'follow',
  'push',
]

export const defaultScopes: readonly string[] = ['read']

/**
 * @param text scopes with spaces between, or pluses as some apps send
 * @throws AppError malformed with the code `invalid_scope` for an unknown one
 */
export function parseScopes(text: string | undefined): string[] {
  const scopes = [...new Set((text ?? '').split(/[\s+]+/).filter(Boolean))]
  const unknown = scopes.find((scope) => !knownScopes.includes(scope))
  if (unknown !== undefined) throw invalidScope()
  return scopes.length > 0 ? scopes : [...defaultScopes]
}

export function invalidScope(): AppError {
  return new AppError('malformed', 'The requested scope is invalid, unknown, or malformed.', {
    code: 'invalid_scope',
  })
}

/** Whether what was granted covers what is required: `write` covers `write:statuses`. */
export function scopeAllows(granted: readonly string[], required: string): boolean {
  if (granted.includes(required)) return true
  if (followScopes.has(required) && granted.includes('follow')) return true
  const end = required.lastIndexOf(':')
  return end > 0 && scopeAllows(granted, required.slice(0, end))
}

export function areScopesWithin(requested: readonly string[], granted: readonly string[]): boolean {
  return requested.every((scope) => scopeAllows(granted, scope))
}

export function isAdminScope(scope: string): boolean {
  return scope.startsWith('admin:')
}
