import { type Command, Option } from 'commander'
import { z } from 'zod'
import { checkSecretKey } from '#src/accounts/keys.ts'
import { register } from '#src/accounts/register.ts'
import { hashPassword } from '#src/auth/passwords.ts'
import { type Cli, perform } from './command.ts'

const optionsSchema = z.object({
  email: z.string(),
  password: z.string(),
  role: z.enum(['owner', 'admin', 'moderator', 'user']),
})

export function addAccountCommands(program: Command, cli: Cli): void {
  const account = program.command('account').description('people of this server')
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
