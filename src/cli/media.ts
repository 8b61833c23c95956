import type { Command } from 'commander'
import { pruneUploads } from '#src/media/prune.ts'
import { type Cli, perform } from './command.ts'

export function addMediaCommands(program: Command, cli: Cli): void {
  const media = program.command('media').description('pictures and their files')
  media
    .command('prune')
    .description('delete uploads that nobody posted within a day')
    .action((_options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const pruned = await pruneUploads(app, { deletesFiles: true })
        return { text: `${pruned} uploads are deleted`, json: { pruned } }
      }),
    )
}
