import { type KeyObject, verify } from 'node:crypto'
import { cavageParameters } from './coverage.ts'

// The two signatures that nearly everybody makes, in the one spelling that nearly everybody uses. What is spelled in
// any other way is no fault here: Fedify reads it. What is read here, Fedify would read in the same way.

/** A single signature of a POST, not verified. What it covers is enough where `signingKeys` says so. */
export type PlainSignature = {
  keyId: string
  /** What is signed. */
  text: string
  signature: Buffer
  kinds: readonly ('rsa' | 'ed25519')[]
  /** When it says that it was made, as it spells that. */
  moment: string
}

type Signed = {
  headers: Headers
  /** As it was meant for this server. */
  url: URL
  /** SHA-256 of the body, in base64. */
  digest: string
}

/** Undefined for several signatures, and for whatever has to be thought about. */
export function readPlainSignature(signed: Signed): PlainSignature | undefined {
  if (signed.url.search !== '') return undefined
  return signed.headers.has('signature-input') ? readMessageSignature(signed) : readCavageSignature(signed)
}

export function isSignedWith({ text, signature, kinds }: PlainSignature, key: KeyObject): boolean {
  const kind = kinds.find((one) => one === key.asymmetricKeyType)
  if (kind === undefined) return false
  try {
    return verify(kind === 'rsa' ? 'sha256' : null, Buffer.from(text), key, signature)
  } catch {
    // A key that OpenSSL cannot work with fits nothing.
    return false
  }
}

const headerName = /^[a-z0-9-]+$/
const cavageAlgorithms = [undefined, 'rsa-sha256', 'hs2019']

function readCavageSignature({ headers, url, digest }: Signed): PlainSignature | undefined {
  const {
    keyId,
    headers: names,
    algorithm,
    signature: encoded = '',
    ...others
  } = cavageParameters(headers.get('signature') ?? '') ?? {}
  const signature = decode(encoded)
  if (!keyId || !names || !signature || Object.keys(others).length > 0) return undefined
  if (!cavageAlgorithms.includes(algorithm)) return undefined
  if (/^sha-256=(.+)$/i.exec(headers.get('digest') ?? '')?.[1] !== digest) return undefined
  const covered = names.split(' ')
  // Fedify wants a date whatever else there is.
  if (!covered.includes('date')) return undefined
  const lines = covered.map((name) => {
    if (name === '(request-target)') return `${name}: post ${url.pathname}`
    const value = name === 'host' ? url.host : headerName.test(name) ? headers.get(name) : null
    return value === null ? undefined : `${name}: ${value}`
  })
  if (lines.includes(undefined)) return undefined
  const moment = headers.get('date') ?? ''
  return { keyId, text: lines.join('\n'), signature, kinds: ['rsa'], moment }
}

/** Of base64 in the one way to write it. */
function decode(encoded: string): Buffer | undefined {
  const bytes = Buffer.from(encoded, 'base64')
  return encoded !== '' && bytes.toString('base64') === encoded ? bytes : undefined
}

const member =
  /^([a-z][a-z0-9_-]*)=\(("[@a-z0-9-]+"(?: "[@a-z0-9-]+")*)\)((?:;[a-z]+=(?:"[ !#-:<-[\]-~]*"|[1-9]\d{0,14}))+)$/
const parameter = /;([a-z]+)=(?:"([^"]*)"|(\d+))/g
const knownParameters = ['keyid', 'created', 'alg', 'expires', 'nonce', 'tag']
const messageAlgorithms = new Map<string, PlainSignature['kinds']>([
  ['rsa-v1_5-sha256', ['rsa']],
  ['ed25519', ['ed25519']],
])

/** RFC 9421. */
function readMessageSignature({ headers, url, digest }: Signed): PlainSignature | undefined {
  const [, label, list = '', said = ''] = member.exec(headers.get('signature-input') ?? '') ?? []
  const given = [...said.matchAll(parameter)].map(([, name = '', text, number = '']) => [
    name,
    text ?? number,
  ])
  const parameters = new Map(given.map(([name = '', value = '']) => [name, value]))
  const isOdd =
    parameters.size < given.length || parameters.keys().some((name) => !knownParameters.includes(name))
  const [keyId, created, algorithm] = ['keyid', 'created', 'alg'].map((name) => parameters.get(name))
  const kinds = algorithm === undefined ? (['rsa', 'ed25519'] as const) : messageAlgorithms.get(algorithm)
  const signature = label === undefined ? undefined : decodeMember(headers.get('signature') ?? '', label)
  if (!signature || isOdd || !keyId || !created || !kinds) return undefined
  if (headers.get('content-digest') !== `sha-256=:${digest}:`) return undefined
  const components = list.split(' ')
  const lines = components.map((component) => lineOf(component, headers, url))
  if (lines.includes(undefined) || new Set(components).size < components.length) return undefined
  const text = [...lines, `"@signature-params": (${list})${said}`].join('\n')
  return { keyId, text, signature, kinds, moment: `;created=${created}` }
}

/** The only member of a dictionary of byte sequences. */
function decodeMember(header: string, label: string): Buffer | undefined {
  const isAlone = header.startsWith(`${label}=:`) && header.endsWith(':')
  return isAlone ? decode(header.slice(label.length + 2, -1)) : undefined
}

/** Of a component in quotes; undefined for what this request does not have. */
function lineOf(component: string, headers: Headers, url: URL): string | undefined {
  const name = component.slice(1, -1)
  const value = name.startsWith('@')
    ? derivedValue(name, url)
    : name === 'host'
      ? url.host
      : headers.get(name)
  return value === null ? undefined : `${component}: ${value}`
}

function derivedValue(name: string, url: URL): string | null {
  if (name === '@method') return 'POST'
  if (name === '@target-uri') return url.href
  if (name === '@path') return url.pathname
  return name === '@authority' ? url.host : null
}
