import type { Kysely } from 'kysely'
import { ConfigError } from '#src/base/config.ts'
import { deleteInstanceActor } from '#src/db/instance-actor.ts'
import { keepSetting, replaceSetting } from '#src/db/settings.ts'
import type { Database } from '#src/db/tables.ts'
import { countUsers } from '#src/db/users.ts'

type Address = { publicUrl: string; handleHost: string }

/**
 * Holds a server to the address its accounts were made with: other servers would not know its people under
 * another. Before there is anyone, it may still change.
 * @throws ConfigError
 */
export async function keepAddress(db: Kysely<Database>, address: Address): Promise<void> {
  const first = await firstAddress(db, address)
  const faults = [
    ...faultOf('PUBLIC_URL', first.publicUrl, address.publicUrl),
    ...faultOf('HANDLE_HOST', first.handleHost, address.handleHost),
  ]
  if (faults.length === 0) return
  if ((await countUsers(db)) > 0) throw new ConfigError(faults)
  await db.transaction().execute(async (trx) => {
    await replaceSetting(trx, 'public_url', address.publicUrl)
    await replaceSetting(trx, 'handle_host', address.handleHost)
    // It carries the old address in its identity; the next one is made at once.
    await deleteInstanceActor(trx)
  })
}

/** The address this server was first given, which is the configured one the first time. */
export async function firstAddress(db: Kysely<Database>, configured: Address): Promise<Address> {
  return {
    publicUrl: await keepSetting(db, 'public_url', configured.publicUrl),
    handleHost: await keepSetting(db, 'handle_host', configured.handleHost),
  }
}

function faultOf(name: string, first: string, now: string): string[] {
  if (first === now) return []
  return [`${name}: the accounts here belong to ${first}, for good; set ${name}=${first} (it is now ${now})`]
}
