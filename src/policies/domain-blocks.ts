import { domainToASCII } from 'node:url'
import type { Kysely } from 'kysely'
import { findBlockedDomains, hasDomainBlock } from '#src/db/domain-blocks.ts'
import type { Database } from '#src/db/tables.ts'

/** Whether a domain, with or without a port, or one above it is blocked, in whatever spelling. */
export async function isDomainBlocked(db: Kysely<Database>, domain: string): Promise<boolean> {
  const url = URL.parse(`https://${domain}`)
  return url === null || hasDomainBlock(db, domainsOf(url))
}

/** Whether we have nothing to do with the server of an address; true too of what is no address. */
export async function isAddressBlocked(db: Kysely<Database>, address: string): Promise<boolean> {
  const domains = domainsOfAddress(address)
  return domains.length === 0 || hasDomainBlock(db, domains)
}

/** Those of which none may be blocked; none for what is no address. */
export function domainsOfAddress(address: string): string[] {
  const url = URL.parse(address)
  return url?.hostname ? domainsOf(url) : []
}

/** As `isAddressBlocked`, of many hosts in one query: a host as an address has it, with its port. */
export async function areHostsBlocked(
  db: Kysely<Database>,
  hosts: readonly string[],
): Promise<Map<string, boolean>> {
  const domains = new Map(hosts.map((host) => [host, domainsOf(new URL(`https://${host}`))]))
  const blocked = await findBlockedDomains(db, [...new Set([...domains.values()].flat())])
  return new Map(hosts.map((host) => [host, (domains.get(host) ?? []).some((name) => blocked.has(name))]))
}

// A block of example.org is one of every name below it.
function domainsOf(url: URL): string[] {
  const hostname = domainToASCII(url.hostname).replace(/\.$/, '') || url.hostname
  const labels = hostname.split('.')
  return [url.host, ...labels.map((_label, index) => labels.slice(index).join('.'))]
}
