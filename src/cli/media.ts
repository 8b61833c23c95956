import type { Command } from 'commander'
import { deleteUnattachedMedia } from '#src/db/media.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { type Cli, perform } from './command.ts'
import type { CommandApp } from './context.ts'

const uploadLifetimeMs = 24 * 3_600_000
const batch = 500

export function addMediaCommands(program: Command, cli: Cli): void {
  const media = program.command('media').description('pictures and their files')
  media
    .command('prune')
    .description('delete uploads that nobody posted within a day')
    .action((_options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const pruned = await pruneUploads(app)
        return { text: `${pruned} uploads are deleted`, json: { pruned } }
      }),
    )
}

async function pruneUploads(app: CommandApp): Promise<number> {
  const before = new Date(app.clock.now().getTime() - uploadLifetimeMs)
  for (let total = 0; ; ) {
    const { count, keys } = await app.db.transaction().execute(async (trx) => {
      const found = await deleteUnattachedMedia(trx, before, batch)
      // Should we be interrupted, the server deletes the files.
      if (found.keys.length > 0) await enqueue(trx, 'deleteFiles', { keys: found.keys })
      return found
    })
    for (const key of keys) await app.storage.delete(key)
    total += count
    if (count < batch) return total
  }
}
