import type { Command } from 'commander'
import type { Config } from '#src/base/config.ts'
import { type CommandApp, withApp } from './context.ts'

export type Cli = {
  /** Read when a command runs, so that help needs no faultless environment. */
  config(): Config
  print(text: string): void
}

/** What a command has to say: to people, and to programs with `--json`. */
export type Said = { text: string; json: unknown; hasFailed?: boolean }

/** Runs a command over the database and prints what it says. */
export async function perform(
  cli: Cli,
  command: Command,
  work: (app: CommandApp) => Promise<Said>,
): Promise<void> {
  say(cli, command, await withApp(cli.config(), work))
}

export function say(cli: Cli, command: Command, { text, json, hasFailed }: Said): void {
  cli.print(wantsJson(command) ? JSON.stringify(json) : text)
  if (hasFailed) process.exitCode = 1
}

export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals().json === true
}

/** A fault in how the command was called: exit code 2. */
export function refuseUsage(command: Command, message: string): never {
  return command.error(`error: ${message}`, { exitCode: 2, code: 'pinxit.usage' })
}
