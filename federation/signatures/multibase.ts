import baseX from '@multiformats/base-x'

const base58 = baseX('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz')

// https://w3c-ccg.github.io/multibase/: z is for base 58 as Bitcoin writes it.
export function toMultibase(bytes: Uint8Array): string {
  return `z${base58.encode(bytes)}`
}

// The number of Ed25519 public keys, as a varint: https://github.com/multiformats/multicodec
const ed25519 = [0xed, 0x01]

/** An Ed25519 public key as a Multikey has it (https://www.w3.org/TR/cid-1.0/#Multikey). */
export async function toMultikey(key: CryptoKey): Promise<string> {
  const bytes = await crypto.subtle.exportKey('raw', key)
  return toMultibase(Uint8Array.from([...ed25519, ...new Uint8Array(bytes)]))
}
