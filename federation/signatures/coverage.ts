import { createHash, timingSafeEqual } from 'node:crypto'

// Fedify verifies signatures, but takes some that cover too little: RFC 9421 without a digest, cavage without host.
// What is read here is what Fedify will read; where the two could differ, the request is refused.

const oldestMs = 12 * 60 * 60_000
const aheadMs = 60 * 60_000
const maxSignatures = 4

/** A digest of a body, made once for all who ask. */
export type DigestOf = (algorithm: 'sha256' | 'sha512') => Buffer

export function digesting(body: Uint8Array): DigestOf {
  const made = new Map<string, Buffer>()
  return (algorithm) => {
    const digest = made.get(algorithm) ?? createHash(algorithm).update(body).digest()
    made.set(algorithm, digest)
    return digest
  }
}

type Signed = { headers: Headers; digestOf: DigestOf; now: Date }

/** The ids of the keys that sign a request well enough to be verified; undefined when they do not. */
export function signingKeys(signed: Signed): string[] | undefined {
  const { headers } = signed
  if (!headers.has('signature')) return undefined
  return headers.has('signature-input') ? messageSignatureKeys(signed) : cavageKeys(signed)
}

const cavageParameter = /\s*([A-Za-z]+)=(?:"([^"]*)"|(\d+))\s*(?:,|$)/y

/** draft-cavage-http-signatures-12, as Mastodon sends it. */
function cavageKeys({ headers, digestOf, now }: Signed): string[] | undefined {
  const parameters = cavageParameters(headers.get('signature') ?? '')
  const { keyId, headers: names = '', created, expires } = parameters ?? {}
  const covered = names.split(/\s+/)
  const isCovered = ['(request-target)', 'host', 'digest'].every((name) => covered.includes(name))
  if (!keyId || !isCovered || !(covered.includes('date') || covered.includes('(created)'))) return undefined
  if (covered.includes('date') && !isRecent(Date.parse(headers.get('date') ?? ''), now)) return undefined
  if (created !== undefined && !isRecent(Number(created) * 1000, now)) return undefined
  if (expires !== undefined && !(Number(expires) * 1000 > now.getTime())) return undefined
  return isDigestOf(headers.get('digest'), /^(SHA-256|SHA-512)=(.+)$/i, digestOf) ? [keyId] : undefined
}

export type CavageSignature = {
  keyId: string
  covered: string[]
  /** Of those covered names that are no headers. */
  values: Record<string, string>
  signature: string
}

/** What a draft-cavage signature of a GET says, when it is bound to its target and of now. Not verified. */
export function readCavage(headers: Headers, now: Date): CavageSignature | undefined {
  const {
    keyId,
    headers: names = '',
    signature,
    created,
  } = cavageParameters(headers.get('signature') ?? '') ?? {}
  const covered = names.split(/\s+/)
  if (headers.has('signature-input') || !keyId || !signature || !isBoundToTarget(headers)) return undefined
  const isDated = covered.includes('date') && isRecent(Date.parse(headers.get('date') ?? ''), now)
  const isCreated = covered.includes('(created)') && isRecent(Number(created) * 1000, now)
  if (!isDated && !isCreated) return undefined
  return { keyId, covered, values: { ...(created && { '(created)': created }) }, signature }
}

/** What a draft-cavage header says; undefined where it says something twice, or in an odd way. */
export function cavageParameters(header: string): Record<string, string> | undefined {
  const parameters: Record<string, string> = {}
  cavageParameter.lastIndex = 0
  for (let end = 0; end < header.length; end = cavageParameter.lastIndex) {
    cavageParameter.lastIndex = end
    const [, name = '', quoted, number = ''] = cavageParameter.exec(header) ?? []
    // Two readings of one parameter must not be possible.
    if (name === '' || Object.hasOwn(parameters, name)) return undefined
    parameters[name] = quoted ?? number
  }
  return parameters
}

const member =
  /\s*([a-z*][a-z0-9_.*-]*)=\(([^()]*)\)((?:;[a-z*][a-z0-9_.*-]*(?:=(?:"[^"\\]*"|\d+))?)*)\s*(?:,|$)/y

/** RFC 9421. Each signature must cover enough, since Fedify takes the first that verifies. */
function messageSignatureKeys({ headers, digestOf, now }: Signed): string[] | undefined {
  const keyIds: string[] = []
  for (const { components, parameters } of membersOf(headers.get('signature-input') ?? '')) {
    const keyId = /;keyid="([^"]*)"/.exec(parameters)?.[1]
    if (!keyId || !coversMessage(components) || !isTimely(parameters, now)) return undefined
    keyIds.push(keyId)
  }
  const isWhole = isDigestOf(headers.get('content-digest'), /^(sha-256|sha-512)=:([^:]+):$/i, digestOf)
  return isWhole && keyIds.length > 0 ? keyIds : undefined
}

type Member = { components: string[]; parameters: string }

/** The signatures that a header announces; none where it could be read in another way, or announces many. */
function membersOf(header: string): Member[] {
  const members: Member[] = []
  for (let end = 0; end < header.length; end = member.lastIndex) {
    member.lastIndex = end
    const [whole, , components = '', parameters = ''] = member.exec(header) ?? []
    if (whole === undefined || members.length === maxSignatures) return []
    members.push({ components: components.trim().split(/\s+/), parameters })
  }
  return members
}

function coversMessage(components: string[]): boolean {
  // Parameters of components (`;req`, `;key="…"`) would narrow what is covered.
  if (!components.every((component) => /^"[^"]+"$/.test(component))) return false
  return (
    ['"content-digest"', '"@method"'].every((name) => components.includes(name)) && coversTarget(components)
  )
}

function coversTarget(components: string[]): boolean {
  const has = (name: string) => components.includes(`"${name}"`)
  return has('@target-uri') || (has('@path') && has('@authority'))
}

/**
 * Whether each signature of a GET covers what is asked of whom: one that does not could have been made for another
 * server, and Fedify takes the first that verifies.
 */
export function isBoundToTarget(headers: Headers): boolean {
  const input = headers.get('signature-input')
  if (input !== null) {
    const members = membersOf(input)
    return members.length > 0 && members.every(({ components }) => coversTarget(components))
  }
  const covered = cavageParameters(headers.get('signature') ?? '')?.headers?.split(/\s+/) ?? []
  return covered.includes('host') && covered.includes('(request-target)')
}

function isTimely(parameters: string, now: Date): boolean {
  const created = /;created=(\d+)/.exec(parameters)?.[1]
  const expires = /;expires=(\d+)/.exec(parameters)?.[1]
  if (created === undefined || !isRecent(Number(created) * 1000, now)) return false
  return expires === undefined || Number(expires) * 1000 > now.getTime()
}

/** Within twelve hours, as Mastodon has it; clocks that are ahead by less than one are forgiven. */
function isRecent(ms: number, now: Date): boolean {
  return ms > now.getTime() - oldestMs && ms < now.getTime() + aheadMs
}

/** Whether each digest that a header names, and at least one, is the body's. */
function isDigestOf(header: string | null, pattern: RegExp, digestOf: DigestOf): boolean {
  const digests = (header ?? '').split(',').map((one) => pattern.exec(one.trim()))
  return digests.every((digest) => {
    const [, algorithm = '', encoded = ''] = digest ?? []
    if (encoded === '') return false
    const given = Buffer.from(encoded, 'base64')
    const own = digestOf(/256$/.test(algorithm) ? 'sha256' : 'sha512')
    return given.length === own.length && timingSafeEqual(given, own)
  })
}

/** Every key that a request claims to be signed with, however it spells that; nothing is verified. */
export function claimedKeys(headers: Headers): string[] {
  const text = `${headers.get('signature') ?? ''},${headers.get('signature-input') ?? ''}`
  return [...text.matchAll(/keyid\s*=\s*"([^"]{1,2048})"/gi)].slice(0, maxSignatures).map(([, id = '']) => id)
}
