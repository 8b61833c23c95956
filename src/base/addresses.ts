import ipaddr from 'ipaddr.js'

// Reserved or private by RFC 6761, 6762, 7686 and 8375, by ICANN (internal), or by the habit of routers.
const privateSuffixes = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'onion',
  'i2p',
  'alt',
  'test',
  'example',
  'invalid',
]

// Above 1023, the ports the Fetch standard blocks (https://fetch.spec.whatwg.org/#port-blocking).
const blockedHighPorts = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697,
  10080,
])

const globalIPv6 = ipaddr.parseCIDR('2000::/3')

/**
 * Whether an IP address, as a resolver or a URL writes it, belongs to the public internet.
 * Anything that only carries an IPv4 address (mapped, translated, 6to4, Teredo, NAT64) does not count as public:
 * what it leads to depends on the network we stand in.
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%') || !ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  // Outside 2000::/3 nothing is assigned, but ipaddr.js calls it unicast.
  return parsed.kind() === 'ipv4' || parsed.match(globalIPv6)
}

/** A host name from a URL without the brackets of IPv6 and without a final dot, in lower case. */
function bareHost(hostname: string): string {
  const unbracketed = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return unbracketed.toLowerCase().replace(/\.+$/, '')
}

/** Whether a host may be asked at all, before it is resolved: a public literal address or a public-looking name. */
export function isPublicHost(hostname: string): boolean {
  const host = bareHost(hostname)
  if (host.includes(':') || ipaddr.isValid(host)) return isPublicAddress(host)
  // One label is a neighbour on the local network; so is every name under a private suffix.
  if (!host.includes('.')) return false
  return !privateSuffixes.some((suffix) => host.endsWith(`.${suffix}`))
}

/** Ports that web servers use. Below 1024 only 80 and 443: the rest belong to mail, databases and the like. */
export function isWebPort(port: number): boolean {
  if (port < 1024) return port === 80 || port === 443
  return port <= 65_535 && !blockedHighPorts.has(port)
}

export type AddressRules = { allowPrivateAddresses: boolean }

/** Why a URL may not be fetched, or undefined if nothing in its spelling speaks against it. */
export function refusalOfUrl(
  url: URL,
  rules: AddressRules,
): 'scheme' | 'credentials' | 'port' | 'address' | undefined {
  if (url.protocol !== 'https:' && !(rules.allowPrivateAddresses && url.protocol === 'http:')) return 'scheme'
  if (url.username || url.password) return 'credentials'
  const port = url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80
  if (!isWebPort(port)) return 'port'
  if (!rules.allowPrivateAddresses && !isPublicHost(url.hostname)) return 'address'
  return undefined
}
