import { LRUCache } from 'lru-cache'
import { createHmacOf, isSameSecret } from '#src/base/secrets.ts'
import { longestAddress } from '#src/base/web-address.ts'

/**
 * How a file of another server is shown here: pictures re-encoded at full size or small, people's pictures and
 * emoji smaller still; films and sounds are passed through.
 */
export const remoteVariants = ['original', 'small', 'avatar', 'emoji', 'stream'] as const
export type RemoteVariant = (typeof remoteVariants)[number]

export type RemoteUrls = {
  /** Where a file of another server is shown here; an address of ours is answered as it is. */
  urlOf(address: string, variant: RemoteVariant): string
  /** What a path below /proxy/ stands for; undefined for one that was not made by `urlOf`. */
  read(path: { variant: string; mac: string; encoded: string }): Shown | undefined
}

export type Shown = { address: string; variant: RemoteVariant }

type Place = { secretKey: string; publicUrl: string; mediaUrl: string | undefined }

// 128 bits, which nobody guesses.
const macLength = 22
const remembered = 10_000
const longestRemembered = 500

/**
 * Addresses of our proxy carry the other server's address and our mark on it, so that this is a proxy for what was
 * sent here and for nothing else.
 */
export function createRemoteUrls({ secretKey, publicUrl, mediaUrl }: Place): RemoteUrls {
  const hmacOf = createHmacOf(secretKey, 'proxy')
  const macOf = ({ address, variant }: Shown) => hmacOf(`${variant} ${address}`).slice(0, macLength)
  // A feed shows the same faces again and again.
  const known = new LRUCache<string, string>({ max: remembered })
  const ours = [publicUrl, mediaUrl].filter((url) => url !== undefined)
  const isOurs = (address: string) => ours.some((url) => address.startsWith(`${url}/`))
  const make = (shown: Shown) => {
    const encoded = Buffer.from(shown.address).toString('base64url')
    return `${publicUrl}/proxy/${shown.variant}/${macOf(shown)}/${encoded}`
  }
  return {
    urlOf: (address, variant) => {
      if (isOurs(address)) return address
      if (address.length > longestRemembered) return make({ address, variant })
      const key = `${variant} ${address}`
      const url = known.get(key) ?? make({ address, variant })
      known.set(key, url)
      return url
    },
    read: ({ variant: name, mac, encoded }) => {
      const variant = remoteVariants.find((one) => one === name)
      if (!variant) return undefined
      const shown = { address: Buffer.from(encoded, 'base64url').toString(), variant }
      if (shown.address.length > longestAddress) return undefined
      return isSameSecret(mac, macOf(shown)) ? shown : undefined
    },
  }
}
