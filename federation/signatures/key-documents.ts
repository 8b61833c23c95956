type Document = Record<string, unknown>
type Key = { id?: unknown; owner?: unknown; publicKeyPem: unknown }

const activityStreams = 'https://www.w3.org/ns/activitystreams'
const security = 'https://w3id.org/security/v1'

/**
 * A document with its keys as Fedify can find them: it knows a key by its type and `publicKey` by the context that
 * defines it, where Mastodon, and servers that were only tried with it, go by the names alone.
 */
export function withReadableKeys(document: Document): Document {
  if (isKey(document)) return { '@context': security, ...plainKey(document), type: 'CryptographicKey' }
  if (document.publicKey === undefined) return document
  const publicKey = Array.isArray(document.publicKey)
    ? document.publicKey.map(readableKey)
    : readableKey(document.publicKey)
  const contexts = [document['@context'] ?? activityStreams].flat()
  const isBare = contexts.length === 1 && contexts[0] === activityStreams
  return { ...document, publicKey, ...(isBare && { '@context': [activityStreams, security] }) }
}

const readableKey = (value: unknown): unknown => (isKey(value) ? plainKey(value) : value)

function isKey(value: unknown): value is Key {
  return typeof value === 'object' && value !== null && 'publicKeyPem' in value
}

function plainKey({ id, owner, publicKeyPem }: Key): Key {
  return { id, owner, publicKeyPem }
}
