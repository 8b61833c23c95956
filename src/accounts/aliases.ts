import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { type Account, listAccountsByUris, lockAccount, updateAccount } from '#src/db/accounts.ts'
import type { Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'

/** As many as other servers read. */
const maxAliases = 10

type Aliased = Pick<App, 'db'>

/**
 * Says that an account elsewhere, or another one here, is the same person's: from there one may then move here. Other
 * servers are told.
 * @throws AppError invalid for oneself and for too many
 */
export async function addAlias(
  app: Aliased,
  accountId: Id,
  alias: Pick<Account, 'id' | 'uri'>,
): Promise<void> {
  if (alias.id === accountId) {
    throw new AppError('invalid', 'An account is no alias of itself', { code: 'move_self' })
  }
  await changeAliases(app, accountId, (aliases) => {
    if (aliases.includes(alias.uri)) return aliases
    if (aliases.length >= maxAliases) {
      throw new AppError('invalid', `There can be ${maxAliases} aliases at most`, { code: 'move_aliases' })
    }
    return [...aliases, alias.uri]
  })
}

/** @param uri of the other account */
export async function removeAlias(app: Aliased, accountId: Id, uri: string): Promise<void> {
  await changeAliases(app, accountId, (aliases) => aliases.filter((alias) => alias !== uri))
}

async function changeAliases(
  { db }: Aliased,
  accountId: Id,
  change: (aliases: string[]) => string[],
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const account = await lockAccount(trx, accountId)
    const aliases = account && change(account.also_known_as)
    if (!aliases || aliases.length === account.also_known_as.length) return
    await updateAccount(trx, accountId, { also_known_as: aliases })
    await enqueue(trx, 'deliverAccount', { accountId, activity: 'Update' }, { orderingKey: account.uri })
  })
}

export type Alias = { uri: string; account: Account | undefined }

/** An account's aliases, with what is known here of each. */
export async function listAliases({ db }: Aliased, { also_known_as }: Account): Promise<Alias[]> {
  const accounts = await listAccountsByUris(db, also_known_as)
  return also_known_as.map((uri) => ({ uri, account: accounts.find((account) => account.uri === uri) }))
}
