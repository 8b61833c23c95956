import ipaddr from 'ipaddr.js'

type Arrival = {
  /** Address of whoever holds the other end of the connection. */
  remote: string | undefined
  /** The X-Forwarded-For header. */
  forwardedFor: string | null | undefined
  /** How many proxies of ours stand in front, each of which appends whom it heard. */
  trustedProxies: number
}

/**
 * Whom limits are counted for: an IPv4 address, or the /64 of an IPv6 one, since a household gets that much.
 * What is further left in X-Forwarded-For than our proxies reach is anyone's word and is ignored.
 */
export function clientAddress({ remote, forwardedFor, trustedProxies }: Arrival): string {
  const heard = (forwardedFor ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean)
  const believed = trustedProxies > 0 ? heard.slice(-trustedProxies)[0] : undefined
  return normalise(believed ?? remote ?? '')
}

/** The address at the other end, where `@hono/node-server` leaves it; undefined without a connection. */
export function remoteAddress(bindings: unknown): string | undefined {
  const socket = property(property(bindings, 'incoming'), 'socket')
  const address = property(socket, 'remoteAddress')
  return typeof address === 'string' ? address : undefined
}

function property(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
}

function normalise(text: string): string {
  const bare = text.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  if (!ipaddr.isValid(bare)) return 'unknown'
  const address = ipaddr.process(bare)
  if (address.kind() === 'ipv4') return address.toString()
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/64`)
  return `${network.toString()}/64`
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}
