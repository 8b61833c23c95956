import type { App } from '#src/app.ts'
import { resolveToken } from '#src/auth/tokens.ts'
import { AppError } from '#src/base/errors.ts'
import type { Listener } from './streams.ts'

/** Where a token may stand: browsers can give a WebSocket no header but the protocol's. */
type Places = {
  authorization: string | undefined
  /** Of the address. */
  accessToken: string | null | undefined
  protocol?: string | undefined
}

/**
 * Who asks for a stream.
 * @throws AppError unauthenticated, in Mastodon's words; an application alone is nobody
 */
export async function recogniseListener(app: App, places: Places): Promise<Listener> {
  const { authorization, accessToken, protocol } = places
  const token = authorization?.replace(/^bearer +/i, '').trim() || accessToken || firstOf(protocol)
  if (!token) throw new AppError('unauthenticated', 'Missing access token')
  const bearer = await resolveToken(app, token)
  if (!bearer?.accountId || !bearer.userId || bearer.refusal !== null)
    throw new AppError('unauthenticated', 'Invalid access token')
  return { accountId: bearer.accountId, tokenId: bearer.tokenId, scopes: bearer.scopes }
}

const firstOf = (protocols: string | undefined) => protocols?.split(',')[0]?.trim()
