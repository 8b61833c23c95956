import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'

// Most of what a small statement costs is its planning. Under a name, Postgres keeps the plan with the connection.

/** Ours are some hundreds. What comes beyond has a text that varies, and each name costs memory in every connection. */
const mostNames = 1_000

type Names = {
  /** Undefined for a text that is met for the first time, for which there is no room, or that has no plan. */
  of(text: string): string | undefined
  /** Gives other names from now on: the plans under the old ones do not fit the tables any more. */
  renew(): void
}

/** What else there is, such as `commit` or the making of tables, is sent as it stands. */
const isPlanned = /^\s*(?:select|insert|update|delete|with)\b[^;]*$/i

function createNames(): Names {
  const met = new Set<string>()
  const names = new Map<string, string>()
  let last = 0
  return {
    of: (text) => {
      const known = names.get(text)
      if (known !== undefined || names.size >= mostNames || !isPlanned.test(text)) return known
      if (!met.delete(text)) {
        if (met.size < mostNames) met.add(text)
        return undefined
      }
      last += 1
      const name = `pinxit_${last}`
      names.set(text, name)
      return name
    },
    renew: () => names.clear(),
  }
}

/** A pool for Kysely over which a statement that comes again is planned once in each connection. */
export function preparing(pool: pg.Pool): PostgresPool {
  const names = createNames()
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  const { options } = pool
  return {
    Client: pg.Client,
    options,
    connect: async () => {
      const client = await pool.connect()
      const known = clients.get(client) ?? prepare(client, names)
      clients.set(client, known)
      return known
    },
    end: () => pool.end(),
  }
}

function prepare(client: pg.PoolClient, names: Names): PostgresPoolClient {
  const send = (text: string, values: readonly unknown[]) => {
    const name = names.of(text)
    return client.query({ text, values: [...values], ...(name !== undefined && { name }) })
  }
  async function query(text: string, values: readonly unknown[]) {
    try {
      return await send(text, values)
    } catch (error) {
      if (!isOutdatedPlan(error)) throw error
      names.renew()
      // A transaction is lost: whoever began it begins again.
      if (client.getTransactionStatus() !== 'I') throw error
      return send(text, values)
    }
  }
  const release = (isBroken?: boolean) => client.release(isBroken)
  // Kysely's type has cursors too, which it asks for only where they are configured.
  return { query, release } as unknown as PostgresPoolClient
}

/** Another version of this server changed a table while this one runs. */
function isOutdatedPlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000' && /cached plan/.test(error.message)
}
