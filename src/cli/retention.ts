import type { Command } from 'commander'
import { changeRetention, isRetentionName, readRetention, retentionNames } from '#src/policies/retention.ts'
import { type Cli, perform, refuseUsage } from './command.ts'

export function addRetentionCommands(program: Command, cli: Cli): void {
  const retention = program
    .command('retention')
    .description('how long things of other servers are kept, in days (0: for ever)')
  retention.command('list').action((_options: unknown, command: Command) =>
    perform(cli, command, async (app) => {
      const kept = await readRetention(app.db)
      return { text: retentionNames.map((name) => `${name} ${kept[name]}`).join('\n'), json: kept }
    }),
  )
  retention
    .command('set')
    .argument('<name>', retentionNames.join(', '))
    .argument('<number>')
    .action((name: string, text: string, _options: unknown, command: Command) => {
      if (!isRetentionName(name)) {
        return refuseUsage(command, `there is no ${name}; there are ${retentionNames.join(', ')}`)
      }
      if (!/^\d{1,9}$/.test(text)) return refuseUsage(command, `${text} is not a whole number`)
      return perform(cli, command, async (app) => {
        const kept = await changeRetention(app, null, { [name]: Number(text) })
        return { text: `${name} is ${kept[name]}`, json: { name, value: kept[name] } }
      })
    })
}
