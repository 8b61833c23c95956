import type { Command } from 'commander'
import { opensKeys } from '#src/accounts/keys.ts'
import { countDeadJobs } from '#src/db/dead-jobs.ts'
import { isMigrated } from '#src/db/migrate.ts'
import { hasOwner } from '#src/db/users.ts'
import { newMediaKey } from '#src/media/storage.ts'
import { type Cli, perform } from './command.ts'
import type { CommandApp } from './context.ts'

type Finding = { check: string; state: 'good' | 'notice' | 'bad'; detail: string }

const marks = { good: 'ok  ', notice: 'note', bad: 'BAD ' } as const

export function addDoctorCommand(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description('look for what keeps this server from working')
    .action((_options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const findings = await examine(app)
        return {
          text: findings.map(({ check, state, detail }) => `${marks[state]}  ${check}: ${detail}`).join('\n'),
          json: findings,
          hasFailed: findings.some(({ state }) => state === 'bad'),
        }
      }),
    )
}

async function examine(app: CommandApp): Promise<Finding[]> {
  return [
    address(app),
    await guarded('database', async () =>
      (await isMigrated(app.db)) ? good('connected and migrated') : bad('not migrated'),
    ),
    await guarded('secret key', () => secretKey(app)),
    await guarded('media', () => media(app)),
    await guarded('owner', async () =>
      (await hasOwner(app.db)) ? good('there is one') : notice('there is none; `owner-link` prints a link'),
    ),
    await guarded('jobs', async () => {
      const dead = await countDeadJobs(app.db)
      return dead === 0 ? good('none failed for good') : notice(`${dead} failed for good; see \`jobs list\``)
    }),
    { check: 'pictures', ...pictures(app) },
  ]
}

type Found = Omit<Finding, 'check'>
const good = (detail: string): Found => ({ state: 'good', detail })
const notice = (detail: string): Found => ({ state: 'notice', detail })
const bad = (detail: string): Found => ({ state: 'bad', detail })

async function guarded(check: string, look: () => Promise<Found>): Promise<Finding> {
  try {
    return { check, ...(await look()) }
  } catch (error) {
    return { check, ...bad(error instanceof Error ? error.message : String(error)) }
  }
}

function address({ publicUrl, config }: CommandApp): Finding {
  const check = 'address'
  if (config.publicUrl !== undefined && config.publicUrl !== publicUrl) {
    return {
      check,
      ...bad(`the accounts here belong to ${publicUrl}, but PUBLIC_URL is ${config.publicUrl}`),
    }
  }
  if (!publicUrl.startsWith('https:')) return { check, ...notice(`${publicUrl}; other servers need https`) }
  return { check, ...good(publicUrl) }
}

async function secretKey(app: CommandApp): Promise<Found> {
  const isRight = await opensKeys(app.db, app.secretKey)
  if (isRight === undefined) return notice('nothing is encrypted yet; the first start does that')
  return isRight
    ? good('opens the keys of the accounts')
    : bad('SECRET_KEY is not the one the keys of the accounts were encrypted with')
}

async function media({ storage }: CommandApp): Promise<Found> {
  const key = newMediaKey('png')
  await storage.put(key, new Uint8Array([1]))
  const stored = await storage.stat(key)
  await storage.delete(key)
  return stored?.size === 1
    ? good('files can be written, read and deleted')
    : bad('a written file was not found')
}

function pictures({ config }: CommandApp): Found {
  const { provider, imageModel, apiKey } = config.ai
  if (provider === 'none') return notice('painting is off; see AI_PROVIDER')
  if (provider === 'sketch')
    return notice('sketches only; OPENAI_API_KEY and AI_IMAGE_MODEL bring a real painter')
  if (!imageModel) return bad(`AI_PROVIDER is ${provider}, but AI_IMAGE_MODEL is not set`)
  if (provider === 'openai' && !apiKey) return bad('OPENAI_API_KEY is not set')
  return good(`${imageModel} by ${provider}`)
}
