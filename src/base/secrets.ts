import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

const version = 'v1'
const ivBytes = 12
const tagBytes = 16

/**
 * A 32-byte key of its own for each purpose (HKDF-SHA-256, RFC 5869), so that what leaks or is misused in one
 * place opens nothing in another.
 */
function deriveKey(secretKey: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secretKey, '', `pinxit ${version} ${purpose}`, 32))
}

/**
 * Encrypts a text for a database column with AES-256-GCM: `v1.` and base64url of nonce, tag and ciphertext.
 * @param purpose what the value is and whose, such as `account-key:123`; a row copied elsewhere does not decrypt
 */
export function encryptSecret(secretKey: string, purpose: string, plaintext: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', deriveKey(secretKey, purpose), iv)
  cipher.setAAD(Buffer.from(`${version} ${purpose}`))
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
  return `${version}.${Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('base64url')}`
}

/**
 * The text that encryptSecret took.
 * @throws Error if it was altered, belongs to another purpose or was made with another SECRET_KEY
 */
export function decryptSecret(secretKey: string, purpose: string, encrypted: string): string {
  const [prefix, payload = ''] = encrypted.split('.')
  const bytes = Buffer.from(payload, 'base64url')
  if (prefix !== version || bytes.length < ivBytes + tagBytes) throw new Error('Not an encrypted secret')
  const iv = bytes.subarray(0, ivBytes)
  const decipher = createDecipheriv('aes-256-gcm', deriveKey(secretKey, purpose), iv, {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(`${version} ${purpose}`))
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString(
    'utf8',
  )
}

/** What is stored in place of a token: SHA-256 in hex. Enough for random tokens; never for passwords. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** A random token in base64url; 32 bytes unless told. */
export function newToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url')
}

/** HMAC-SHA-256 in base64url, with a key derived for the purpose. */
export function hmac(secretKey: string, purpose: string, text: string): string {
  return createHmac('sha256', deriveKey(secretKey, purpose)).update(text).digest('base64url')
}

/** As `hmac`, for many texts: the key is derived once. */
export function createHmacOf(secretKey: string, purpose: string): (text: string) => string {
  const key = deriveKey(secretKey, purpose)
  return (text) => createHmac('sha256', key).update(text).digest('base64url')
}

/** Compares without telling by its time where the two differ. */
export function isSameSecret(one: string, other: string): boolean {
  // Digests are of one length, so not even the length shows.
  return timingSafeEqual(
    createHash('sha256').update(one).digest(),
    createHash('sha256').update(other).digest(),
  )
}
