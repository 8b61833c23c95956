import { Argument, type Command } from 'commander'
import { addAlias, listAliases, removeAlias } from '#src/accounts/aliases.ts'
import { AppError } from '#src/base/errors.ts'
import { type Account, findAccountByHandle, findAccountByUrl, getAccount } from '#src/db/accounts.ts'
import { getUserByLogin } from '#src/db/users.ts'
import { type Cli, perform, refuseUsage } from './command.ts'
import type { CommandApp } from './context.ts'

/** The other accounts of someone, from which they may move here. */
export function addAliasCommand(account: Command, cli: Cli): void {
  account
    .command('alias')
    .description('the other accounts of someone, from which they may move here; other servers are told')
    .argument('<name>', 'whose: a username or an e-mail address')
    .addArgument(new Argument('<action>').choices(['add', 'remove', 'list']))
    .argument('[handle]', 'the other account, as name@server or by its address; known to this server')
    .action(
      (name: string, action: string, handle: string | undefined, _options: unknown, command: Command) => {
        if (action !== 'list' && handle === undefined) refuseUsage(command, 'which other account?')
        return perform(cli, command, async (app) => {
          const person = await getAccount(app.db, (await getUserByLogin(app.db, name)).account_id)
          if (action === 'add') await addAlias(app, person.id, await getOther(app, handle ?? ''))
          if (action === 'remove') await removeAlias(app, person.id, await uriOf(app, person, handle ?? ''))
          const aliases = await listAliases(app, await getAccount(app.db, person.id))
          return {
            text: aliases.map(({ uri, account: other }) => nameOf(uri, other)).join('\n') || 'No aliases',
            json: aliases.map(({ uri, account: other }) => ({ uri, handle: other && nameOf(uri, other) })),
          }
        })
      },
    )
}

function nameOf(uri: string, account: Account | undefined): string {
  return account ? `@${account.username}${account.domain === null ? '' : `@${account.domain}`}` : uri
}

/** A command asks no other server: whoever was never looked up here is not known. */
async function getOther(app: CommandApp, handle: string): Promise<Account> {
  const known = await findOther(app, handle)
  if (known) return known
  throw new AppError('notFound', `${handle} is not known here yet: search for it on this server first`)
}

function findOther({ db, handleHost }: CommandApp, handle: string): Promise<Account | undefined> {
  if (/^https?:\/\//i.test(handle)) return findAccountByUrl(db, handle)
  const [username = '', domain] = handle.replace(/^@/, '').toLowerCase().split('@')
  return findAccountByHandle(db, username, domain === undefined || domain === handleHost ? null : domain)
}

/** Of an alias that is there, whether its account is known or not. */
async function uriOf(app: CommandApp, person: Account, handle: string): Promise<string> {
  return person.also_known_as.includes(handle) ? handle : (await getOther(app, handle)).uri
}
