import type { Context } from '@fedify/fedify'
import type { Actor } from '@fedify/vocab'
import type { DocumentLoader } from '@fedify/vocab-runtime'
import type { App } from '#src/app.ts'
import { loadSignatures, loadVocabulary } from '../fedify-packages.ts'
import { webAddress } from '../remote/linked-data.ts'
import { readCavage } from './coverage.ts'

/**
 * The actor who signed a GET by draft-cavage with the query as part of its target, as Mastodon does and GoToSocial
 * may. Fedify reads the target without it, so that no page of a collection could be asked for. Null when it does not
 * fit.
 */
export async function ownerOfQuerySignature(
  ctx: Context<App>,
  request: Request,
  documentLoader: DocumentLoader,
): Promise<Actor | null> {
  const signed = readCavage(request.headers, ctx.data.clock.now())
  const keyId = signed && webAddress(signed.keyId)
  if (!signed || !keyId) return null
  const { fetchKey, getKeyOwner } = await loadSignatures()
  const { CryptographicKey } = await loadVocabulary()
  const loaders = { documentLoader, contextLoader: ctx.contextLoader }
  const { key } = await fetchKey(new URL(keyId), CryptographicKey, loaders)
  if (!key?.publicKey) return null
  const { pathname, search } = new URL(request.url)
  const lines = signed.covered.map((name) =>
    name === '(request-target)'
      ? `${name}: ${request.method.toLowerCase()} ${pathname}${search}`
      : `${name}: ${signed.values[name] ?? request.headers.get(name) ?? ''}`,
  )
  const isValid = await crypto.subtle.verify(
    'RSASSA-PKCS1-v1_5',
    key.publicKey,
    Buffer.from(signed.signature, 'base64'),
    new TextEncoder().encode(lines.join('\n')),
  )
  return isValid ? getKeyOwner(key, loaders) : null
}
