import { parseArgs } from 'node:util'
import { measurements } from './measurements.ts'

export type Options =
  | { command: 'help' }
  | { command: 'seed'; notes: number; dataDir: string }
  | {
      command: 'measure'
      names: string[]
      isJson: boolean
      profileDir: string | undefined
      minutes: number
      notes: number
    }

export class UsageError extends Error {}

const usual = { notes: 1_000_000, minutes: 60 }
const longestName = Math.max(...Object.keys(measurements).map((name) => name.length))

export const help = `npm run bench -- [NAME]… [--json] [--profile FOLDER]
npm run bench -- soak [--minutes N]
npm run bench -- seed --notes N --data-dir FOLDER

Measures what this server costs in CPU milliseconds, server and database together, against what the same machine can
do at most, in one run and on loopback alone. Without names everything is measured but what is marked *, which takes
about five minutes. tests/bench/README.md says what is measured, and how.

${Object.entries(measurements)
  .map(([name, { says, isExtra }]) => `  ${(isExtra ? `${name} *` : name).padEnd(longestName + 2)}${says}`)
  .join('\n')}

  --only NAME       the same as NAME; may be given several times
  --json            figures as JSON instead of the table; progress goes to the error output as always
  --profile FOLDER  has V8 write CPU profiles of the servers there (.cpuprofile); figures are then too high
  --minutes N       how long to soak; ${usual.minutes} unless told
  --notes N         how many notes growth compares with 10,000, or seed adds; ${usual.notes.toLocaleString('en')} unless told
  --data-dir FOLDER the DATA_DIR of a server of ours that was started before; seed fills its embedded database
  --help            this`

const known = {
  only: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  profile: { type: 'string' },
  minutes: { type: 'string' },
  notes: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** @throws UsageError */
export function parseOptions(args: string[]): Options {
  const { values, positionals } = parseWords(args)
  const names = [...positionals, ...(values.only ?? [])]
  const notes = readNumber('--notes', values.notes) ?? usual.notes
  if (values.help) return { command: 'help' }
  if (names.includes('seed')) {
    if (names.length > 1) throw new UsageError('seed stands alone')
    if (!values['data-dir']) throw new UsageError('seed needs --data-dir FOLDER')
    return { command: 'seed', notes, dataDir: values['data-dir'] }
  }
  return {
    command: 'measure',
    names: chosen(names),
    isJson: values.json ?? false,
    profileDir: values.profile,
    minutes: readNumber('--minutes', values.minutes) ?? usual.minutes,
    notes,
  }
}

function parseWords(args: string[]) {
  try {
    return parseArgs({ args, options: known, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function readNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text.replaceAll(/[_,]/g, ''))
  if (!Number.isInteger(number) || number < 1)
    throw new UsageError(`${name} takes a whole number, not ${text}`)
  return number
}

/** In the order in which they are measured, whatever order they were named in. */
function chosen(names: string[]): string[] {
  const unknown = names.find((name) => !Object.hasOwn(measurements, name))
  if (unknown !== undefined) throw new UsageError(`There is no measurement called ${unknown}`)
  return Object.entries(measurements)
    .filter(([name, { isExtra }]) => (names.length > 0 ? names.includes(name) : !isExtra))
    .map(([name]) => name)
}
