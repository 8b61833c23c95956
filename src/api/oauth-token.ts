import type { IssuedToken } from '#src/auth/grants.ts'

/** https://docs.joinmastodon.org/entities/Token/ */
export function toToken({ token, scopes, createdAt }: IssuedToken) {
  return {
    access_token: token,
    token_type: 'Bearer',
    scope: scopes.join(' '),
    created_at: Math.floor(createdAt.getTime() / 1000),
  }
}
