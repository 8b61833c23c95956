import type { Command } from 'commander'
import { createOwnerLink } from '#src/auth/owner-links.ts'
import { type Cli, perform } from './command.ts'

export function addOwnerLinkCommand(program: Command, cli: Cli): void {
  program
    .command('owner-link')
    .description('print a link that makes whoever opens it first an owner, within 24 hours')
    .action((_options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const link = await createOwnerLink(app)
        return { text: link, json: { link } }
      }),
    )
}
