import type { Command } from 'commander'
import { pruneUploads, trimRemoteFiles } from '#src/media/prune.ts'
import { readRetention } from '#src/policies/retention.ts'
import { type Cli, perform, refuseUsage, type Said } from './command.ts'
import type { CommandApp } from './context.ts'

type PruneOptions = { remote?: boolean; unusedDays?: string }

export function addMediaCommands(program: Command, cli: Cli): void {
  const media = program.command('media').description('pictures and their files')
  media
    .command('prune')
    .description('delete uploads that nobody posted within a day')
    .option(
      '--remote',
      "delete copies of other servers' pictures instead, until the rest fits the room they have",
    )
    .option('--unused-days <days>', 'with --remote: those that nobody looked at for so long')
    .action((options: PruneOptions, command: Command) => {
      const unusedDays = daysFrom(options, command)
      return perform(cli, command, async (app) => {
        if (options.remote) return pruneCopies(app, unusedDays)
        const pruned = await pruneUploads(app, { deletesFiles: true })
        return { text: `${pruned} uploads are deleted`, json: { pruned } }
      })
    })
}

function daysFrom({ remote, unusedDays }: PruneOptions, command: Command): number | undefined {
  if (unusedDays === undefined) return undefined
  if (!remote) refuseUsage(command, '--unused-days goes with --remote')
  return /^\d{1,4}$/.test(unusedDays)
    ? Number(unusedDays)
    : refuseUsage(command, `${unusedDays} is not a number of days`)
}

async function pruneCopies(app: CommandApp, unusedDays: number | undefined): Promise<Said> {
  const maxBytes = (await readRetention(app.db)).remoteMediaMb * 1_000_000
  const now = app.clock.now().getTime()
  const unusedSince = unusedDays === undefined ? undefined : new Date(now - unusedDays * 24 * 3_600_000)
  const { count, bytes } = await trimRemoteFiles(app, { maxBytes, unusedSince, deletesFiles: true })
  return {
    text: `${count} copies are deleted, ${Math.round(bytes / 1_000_000)} MB`,
    json: { pruned: count, bytes },
  }
}
