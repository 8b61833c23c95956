import { readFile, stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import { AppError } from '#src/base/errors.ts'
import { listDomainBlocks } from '#src/db/domain-blocks.ts'
import {
  blockDomain,
  importDomainBlocks,
  readDomainList,
  toDomainList,
  unblockDomain,
} from '#src/policies/domain-block-list.ts'
import { type Cli, perform, type Said, wantsJson } from './command.ts'
import type { CommandApp } from './context.ts'

const blockOptions = z.object({ reason: z.string().default('') })
const importOptions = z.object({ dryRun: z.boolean().default(false) })
const largestListBytes = 64 * 1024 * 1024

export function addDomainCommands(program: Command, cli: Cli): void {
  const domain = program.command('domain').description('servers we have nothing to do with')
  domain
    .command('block')
    .argument('<domain>')
    .option('--reason <text>')
    .action((name: string, options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const { reason } = blockOptions.parse(options)
        const blocked = await blockDomain(app, null, { domain: name, reason })
        return { text: `${blocked} is blocked`, json: { domain: blocked, reason } }
      }),
    )
  domain
    .command('unblock')
    .argument('<domain>')
    .action((name: string, _options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const unblocked = await unblockDomain(app, null, name)
        return { text: `${unblocked} is not blocked any more`, json: { domain: unblocked } }
      }),
    )
  domain.command('list').action((_options: unknown, command: Command) =>
    perform(cli, command, async (app) => {
      const blocks = await listDomainBlocks(app.db)
      const lines = blocks.map(({ domain: name, reason }) => (reason ? `${name}  ${reason}` : name))
      return { text: lines.join('\n') || 'No domain is blocked', json: blocks }
    }),
  )
  addListFiles(domain, cli)
}

function addListFiles(domain: Command, cli: Cli): void {
  domain
    .command('import')
    .description("block what a file lists: Mastodon's CSV, or one domain per line")
    .argument('<file>')
    .option('--dry-run', 'say what would happen, and change nothing')
    .action((file: string, options: unknown, command: Command) =>
      perform(cli, command, (app) => importFile(app, file, importOptions.parse(options).dryRun)),
    )
  domain
    .command('export')
    .description("print all blocks as Mastodon's CSV")
    .action((_options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const blocks = await listDomainBlocks(app.db)
        return { text: wantsJson(command) ? '' : toDomainList(blocks).trimEnd(), json: blocks }
      }),
    )
}

async function importFile(app: CommandApp, file: string, isDryRun: boolean): Promise<Said> {
  if ((await stat(file)).size > largestListBytes)
    throw new AppError('tooLarge', `${file} is too large for a list`)
  const { blocks, refused } = readDomainList(app, await readFile(file, 'utf8'))
  const added = isDryRun ? undefined : await importDomainBlocks(app, null, blocks)
  const shown = refused.slice(0, 20).map(({ line, reason }) => `line ${line} is left out: ${reason}`)
  if (refused.length > shown.length) shown.push(`and ${refused.length - shown.length} more`)
  const summary =
    added === undefined
      ? `${blocks.length} domains would be blocked`
      : `${added} domains are blocked now, ${blocks.length - added} were before`
  return {
    text: [...shown, summary].join('\n'),
    json: { listed: blocks.length, added: added ?? 0, dry_run: isDryRun, refused },
  }
}
