import type { Command } from 'commander'
import { z } from 'zod'
import { issueToken } from '#src/auth/grants.ts'
import { parseScopes } from '#src/auth/scopes.ts'
import { isAppError } from '#src/base/errors.ts'
import { getUserByLogin } from '#src/db/users.ts'
import { type Cli, perform, refuseUsage } from './command.ts'

const optionsSchema = z.object({ scopes: z.string() })

export function addTokenCommands(program: Command, cli: Cli): void {
  const token = program.command('token').description('keys to the API')
  token
    .command('create')
    .description('make an access token; prints it alone, and nothing shows it again')
    .argument('<name>', 'whose: a username or an e-mail address')
    .option('--scopes <scopes>', 'with spaces between', 'read write follow push')
    .action((name: string, options: unknown, command: Command) => {
      const scopes = scopesOf(command, optionsSchema.parse(options).scopes)
      return perform(cli, command, async (app) => {
        const user = await getUserByLogin(app.db, name)
        const issued = await issueToken(app, { application: null, accountId: user.account_id, scopes })
        return {
          text: issued.token,
          json: { token: issued.token, scopes, account_id: user.account_id, username: user.username },
        }
      })
    })
}

function scopesOf(command: Command, text: string): string[] {
  try {
    return parseScopes(text)
  } catch (error) {
    if (isAppError(error)) refuseUsage(command, error.message)
    throw error
  }
}
