import { Command, CommanderError } from 'commander'
import { ConfigError, parseConfig } from '#src/base/config.ts'
import { isAppError } from '#src/base/errors.ts'
import { addAccountCommands } from './account.ts'
import { addBackupCommands } from './backup.ts'
import type { Cli } from './command.ts'
import { addDoctorCommand } from './doctor.ts'
import { addDomainCommands } from './domain.ts'
import { addEmojiCommands } from './emoji.ts'
import { addJobsCommands } from './jobs.ts'
import { addMediaCommands } from './media.ts'
import { addOwnerLinkCommand } from './owner-link.ts'
import { addRetentionCommands } from './retention.ts'
import { addSettingsCommands } from './settings.ts'
import { addTokenCommands } from './token.ts'

const program = createProgram({
  config: () => parseConfig(process.env),
  print: (text) => process.stdout.write(`${text}\n`),
})

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

function createProgram(cli: Cli): Command {
  const made = new Command('pinxit')
    .description('Looks after a Pinxit server, whether it runs or not')
    .option('--json', 'answer in JSON')
  // Before the commands are added, for they inherit it.
  made.exitOverride()
  addAccountCommands(made, cli)
  addTokenCommands(made, cli)
  addOwnerLinkCommand(made, cli)
  addDoctorCommand(made, cli)
  addJobsCommands(made, cli)
  addDomainCommands(made, cli)
  addMediaCommands(made, cli)
  addEmojiCommands(made, cli)
  addSettingsCommands(made, cli)
  addRetentionCommands(made, cli)
  addBackupCommands(made, cli)
  return made
}

/** 0 done, 1 failed, 2 called wrongly. Commander has told its own errors by then. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const message = describe(error)
  process.stderr.write(
    process.argv.includes('--json') ? `${JSON.stringify({ error: message })}\n` : `${message}\n`,
  )
  return 1
}

function describe(error: unknown): string {
  if (isAppError(error) || error instanceof ConfigError) return error.message
  const isOfSystem = error instanceof Error && 'code' in error
  if (isOfSystem) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
