import dns from 'node:dns'
import type { LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { type AddressRules, isPublicAddress, isPublicHost, isWebPort } from './addresses.ts'
import { FetchRefused } from './fetch-errors.ts'

type Resolved = { address: string; family: number }

/** Turns a name into all its addresses. */
export type Resolve = (hostname: string) => Promise<Resolved[]>

const systemResolve: Resolve = (hostname) => dns.promises.lookup(hostname, { all: true })

/**
 * Opens sockets to public addresses only. The addresses judged are the very ones connected to, so a name that
 * changes its answer between look-up and connection gains nothing.
 */
export function guardedConnector(
  rules: AddressRules & { resolve?: Resolve },
  connectTimeoutMs: number,
): buildConnector.connector {
  const lookup = guardedLookup(rules, rules.resolve ?? systemResolve)
  const connect = buildConnector({ timeout: connectTimeoutMs, lookup })
  return (options, callback) => {
    // A literal address never reaches the look-up.
    const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80))
    if (!isWebPort(port)) return callback(new FetchRefused('port'), null)
    if (!rules.allowPrivateAddresses && !isPublicHost(options.hostname)) {
      return callback(new FetchRefused('address'), null)
    }
    connect(options, callback)
  }
}

/** A resolver for sockets that answers with public addresses only, or with FetchRefused. */
export function guardedLookup(rules: AddressRules, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (resolved) => {
        const usable = resolved.filter(
          ({ address, family }) =>
            (rules.allowPrivateAddresses || isPublicAddress(address)) &&
            (options.family === undefined || [0, family, `IPv${family}`].includes(options.family)),
        )
        const [first] = usable
        if (!first) callback(new FetchRefused('address'), '')
        else if (options.all) callback(null, usable)
        else callback(null, first.address, first.family)
      },
      (error) => callback(error, ''),
    )
  }
}
