import type { Command } from 'commander'
import {
  changeSetting,
  isSettingName,
  parseSwitch,
  readSetting,
  type SettingName,
  serverSettings,
  settingNames,
} from '#src/policies/settings.ts'
import { type Cli, perform, refuseUsage } from './command.ts'

export function addSettingsCommands(program: Command, cli: Cli): void {
  const settings = program.command('settings').description('what is decided while the server runs')
  settings.command('list').action((_options: unknown, command: Command) =>
    perform(cli, command, async (app) => {
      const values = await Promise.all(
        settingNames.map(async (name) => ({
          name,
          value: await readSetting(app.db, name),
          says: serverSettings[name].says,
        })),
      )
      return {
        text: values.map(({ name, value, says }) => `${name} ${value}  ${says}`).join('\n'),
        json: values,
      }
    }),
  )
  settings
    .command('get')
    .argument('<name>')
    .action((name: string, _options: unknown, command: Command) => {
      const known = settingOf(command, name)
      return perform(cli, command, async (app) => {
        const value = await readSetting(app.db, known)
        return { text: String(value), json: { name, value } }
      })
    })
  settings
    .command('set')
    .argument('<name>')
    .argument('<value>', 'on or off')
    .action((name: string, text: string, _options: unknown, command: Command) => {
      const known = settingOf(command, name)
      return perform(cli, command, async (app) => {
        const value = parseSwitch(text)
        await changeSetting(app, null, { name: known, value })
        return { text: `${name} is ${value ? 'on' : 'off'}`, json: { name, value } }
      })
    })
}

function settingOf(command: Command, name: string): SettingName {
  return isSettingName(name)
    ? name
    : refuseUsage(command, `there is no setting ${name}; there are ${settingNames.join(', ')}`)
}
