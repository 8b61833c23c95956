import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

// HTTP signatures by hand over node:crypto: what Fedify signs and verifies is judged by code that is not Fedify's.

export type SignatureScheme = 'draft-cavage' | 'rfc9421'

export type SignedMessage = {
  method: string
  /** Absolute, as the sender wrote it. */
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export type Verdict = {
  scheme: SignatureScheme | 'none'
  keyId: string | undefined
  /** What the signature covers. */
  covered: string[]
  isSignatureValid: boolean
  /** Whether a digest is there and fits the body. */
  isDigestValid: boolean
}

type Signer = { keyId: string; privateKeyPem: string }

/** The headers that sign a request, the digest's and date's included. */
export function signatureHeaders(
  scheme: SignatureScheme,
  message: { method: string; url: string; body?: string; date?: Date },
  signer: Signer,
): Record<string, string> {
  return scheme === 'rfc9421' ? signRfc9421(message, signer) : signCavage(message, signer)
}

type Unsigned = Parameters<typeof signatureHeaders>[1]

function signCavage(
  { method, url, body, date = new Date() }: Unsigned,
  signer: Signer,
): Record<string, string> {
  const { host, pathname, search } = new URL(url)
  const headers: Record<string, string> = { host, date: date.toUTCString() }
  if (body !== undefined) headers.digest = `SHA-256=${sha256(Buffer.from(body))}`
  const names = ['(request-target)', ...Object.keys(headers)]
  const text = names
    .map((name) =>
      name === '(request-target)'
        ? `${name}: ${method.toLowerCase()} ${pathname}${search}`
        : `${name}: ${headers[name]}`,
    )
    .join('\n')
  const signature = sign('sha256', Buffer.from(text), createPrivateKey(signer.privateKeyPem))
  headers.signature = [
    `keyId="${signer.keyId}"`,
    'algorithm="rsa-sha256"',
    `headers="${names.join(' ')}"`,
    `signature="${signature.toString('base64')}"`,
  ].join(',')
  return headers
}

function signRfc9421(
  { method, url, body, date = new Date() }: Unsigned,
  signer: Signer,
): Record<string, string> {
  const digest = body === undefined ? undefined : `sha-256=:${sha256(Buffer.from(body))}:`
  const components = [
    ['@method', method.toUpperCase()],
    ['@target-uri', url],
    ...(digest ? [['content-digest', digest]] : []),
  ]
  const created = Math.floor(date.getTime() / 1000)
  const parameters = `(${components.map(([name]) => `"${name}"`).join(' ')});created=${created};keyid="${signer.keyId}";alg="rsa-v1_5-sha256"`
  const base = [...components.map(([name, value]) => `"${name}": ${value}`)]
  const text = [...base, `"@signature-params": ${parameters}`].join('\n')
  const signature = sign('sha256', Buffer.from(text), createPrivateKey(signer.privateKeyPem))
  return {
    ...(digest && { 'content-digest': digest }),
    'signature-input': `sig1=${parameters}`,
    signature: `sig1=:${signature.toString('base64')}:`,
  }
}

/** @param publicKeyPem answers the key of a keyId */
export async function judgeSignature(
  message: SignedMessage,
  publicKeyPem: (keyId: string) => Promise<string>,
): Promise<Verdict> {
  const parsed = message.headers['signature-input'] ? parseRfc9421(message) : parseCavage(message)
  if (!parsed)
    return { scheme: 'none', keyId: undefined, covered: [], isSignatureValid: false, isDigestValid: false }
  const { scheme, keyId, covered, text, signature } = parsed
  return {
    scheme,
    keyId,
    covered,
    isSignatureValid: verify(
      'sha256',
      Buffer.from(text),
      publicKey(await publicKeyPem(keyId)),
      Buffer.from(signature, 'base64'),
    ),
    isDigestValid: digestOf(message) === sha256(message.body),
  }
}

type Parsed = {
  scheme: SignatureScheme
  keyId: string
  covered: string[]
  text: string
  signature: string
}

function parseCavage({ method, url, headers }: SignedMessage): Parsed | undefined {
  if (typeof headers.signature !== 'string') return undefined
  const parameters = Object.fromEntries(
    [...headers.signature.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  )
  const covered = (parameters.headers ?? 'date').split(' ')
  const { pathname, search } = new URL(url)
  const lines = covered.map((name: string) =>
    name === '(request-target)'
      ? `${name}: ${method.toLowerCase()} ${pathname}${search}`
      : `${name}: ${headers[name] ?? ''}`,
  )
  return {
    scheme: 'draft-cavage',
    keyId: parameters.keyId ?? '',
    covered,
    text: lines.join('\n'),
    signature: parameters.signature ?? '',
  }
}

function parseRfc9421({ method, url, headers }: SignedMessage): Parsed | undefined {
  const input = /^(\w+)=(\((.*?)\).*)$/.exec(String(headers['signature-input']))
  if (!input) return undefined
  const [, label, parameters = '', list = ''] = input
  const covered = [...list.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name)
  const { host, pathname, search } = new URL(url)
  const derived: Record<string, string> = {
    '@method': method.toUpperCase(),
    '@target-uri': url,
    '@authority': host,
    '@path': pathname,
    '@query': search || '?',
  }
  const lines = covered.map((name) => `"${name}": ${derived[name] ?? headers[name] ?? ''}`)
  const keyId = /;keyid="([^"]*)"/.exec(parameters)?.[1] ?? ''
  const signature = new RegExp(`(?:^|,\\s*)${label}=:([^:]*):`).exec(String(headers.signature))?.[1] ?? ''
  const text = [...lines, `"@signature-params": ${parameters}`].join('\n')
  return { scheme: 'rfc9421', keyId, covered, text, signature }
}

function digestOf({ headers }: SignedMessage): string | undefined {
  const newer = /sha-256=:([^:]*):/.exec(String(headers['content-digest'] ?? ''))?.[1]
  return newer ?? /^SHA-256=(.*)$/i.exec(String(headers.digest ?? ''))?.[1]
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64')
}

function publicKey(pem: string): KeyObject {
  return createPublicKey(pem)
}
