import { type Command, Option } from 'commander'
import { z } from 'zod'
import { checkSecretKey, rotateKeys } from '#src/accounts/keys.ts'
import { register } from '#src/accounts/register.ts'
import { changePassword } from '#src/auth/change-password.ts'
import { hashPassword } from '#src/auth/passwords.ts'
import { getAccount } from '#src/db/accounts.ts'
import { getUserByLogin } from '#src/db/users.ts'
import { deleteAccount } from '#src/notes/erase-account.ts'
import { addAliasCommand } from './alias.ts'
import { type Cli, perform } from './command.ts'

const optionsSchema = z.object({
  email: z.string(),
  password: z.string(),
  role: z.enum(['owner', 'admin', 'moderator', 'user']),
})

const passwordSchema = optionsSchema.pick({ password: true })

export function addAccountCommands(program: Command, cli: Cli): void {
  const account = program.command('account').description('people of this server')
  addCreate(account, cli)
  addPassword(account, cli)
  addRotateKeys(account, cli)
  addDelete(account, cli)
  addAliasCommand(account, cli)
}

function addCreate(account: Command, cli: Cli): void {
  account
    .command('create')
    .description('make an account that is confirmed and approved')
    .argument('<name>', 'username, without @ and domain')
    .requiredOption('--email <address>')
    .requiredOption('--password <password>')
    .addOption(new Option('--role <role>').choices(['owner', 'admin', 'moderator', 'user']).default('user'))
    .action((name: string, options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const { email, password, role } = optionsSchema.parse(options)
        await checkSecretKey(app)
        const passwordHash = await hashPassword(password)
        const person = { username: name, email, passwordHash, role, confirmed: true, approved: true }
        const { account: made } = await register(app, person)
        const handle = `@${made.username}@${app.handleHost}`
        return {
          text: `${handle} is ready (${role})`,
          json: { id: made.id, username: made.username, handle, uri: made.uri, url: made.url, email, role },
        }
      }),
    )
}

function addPassword(account: Command, cli: Cli): void {
  account
    .command('password')
    .description('give someone a new password; ends their sessions and the tokens of their apps')
    .argument('<name>', 'whose: a username or an e-mail address')
    .requiredOption('--password <password>')
    .action((name: string, options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const user = await getUserByLogin(app.db, name)
        await changePassword(app, user, { ...passwordSchema.parse(options), endsApps: true })
        return { text: `@${user.username} signs in anew`, json: { username: user.username } }
      }),
    )
}

function addRotateKeys(account: Command, cli: Cli): void {
  account
    .command('rotate-keys')
    .description('give someone new keys to sign with, since others may have the old; other servers are told')
    .argument('<name>', 'whose: a username or an e-mail address')
    .action((name: string, _options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        await checkSecretKey(app)
        const user = await getUserByLogin(app.db, name)
        await rotateKeys(app, await getAccount(app.db, user.account_id))
        return { text: `@${user.username} has new keys`, json: { username: user.username } }
      }),
    )
}

function addDelete(account: Command, cli: Cli): void {
  account
    .command('delete')
    .description('delete someone for good, with all they wrote and painted; other servers are told')
    .argument('<name>', 'whose: a username or an e-mail address')
    .requiredOption('--yes', 'it cannot be undone, and the name stays taken')
    .action((name: string, _options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const user = await getUserByLogin(app.db, name)
        await deleteAccount(app, await getAccount(app.db, user.account_id), null)
        return { text: `@${user.username} is gone`, json: { username: user.username } }
      }),
    )
}
