import type { Command } from 'commander'
import { z } from 'zod'
import {
  countDeadJobs,
  type DeadSelection,
  dropDeadJobs,
  listDeadJobs,
  replayDeadJobs,
} from '#src/db/dead-jobs.ts'
import { countWaitingJobs } from '#src/db/jobs.ts'
import { type Cli, perform, refuseUsage } from './command.ts'

const listOptions = z.object({ name: z.string().optional(), limit: z.string().regex(/^\d{1,6}$/) })
const selectOptions = z.object({ name: z.string().optional(), all: z.boolean().optional() })

export function addJobsCommands(program: Command, cli: Cli): void {
  const jobs = program.command('jobs').description('work that failed for good')
  addList(jobs, cli)
  addSelecting(jobs, cli, {
    verb: 'replay',
    description: 'give dead jobs all their tries again',
    done: 'replayed',
    act: replayDeadJobs,
  })
  addSelecting(jobs, cli, {
    verb: 'drop',
    description: 'forget dead jobs',
    done: 'dropped',
    act: dropDeadJobs,
  })
}

function addList(jobs: Command, cli: Cli): void {
  jobs
    .command('list')
    .description('list dead jobs, the latest first')
    .option('--name <name>', 'only of this name')
    .option('--limit <count>', 'how many', '40')
    .action((options: unknown, command: Command) => {
      const parsed = listOptions.safeParse(options)
      if (!parsed.success) refuseUsage(command, '--limit is a number')
      const { name, limit } = parsed.data
      return perform(cli, command, async (app) => {
        const dead = await listDeadJobs(app.db, { name, limit: Number(limit) })
        const waiting = await countWaitingJobs(app.db, app.clock.now())
        const total = await countDeadJobs(app.db)
        const lines = dead.map(
          (job) =>
            `${job.id}  ${job.diedAt.toISOString()}  ${job.name}  ${job.attempts} tries  ${firstLine(job.error)}`,
        )
        return {
          text: [...lines, `${total} dead, ${waiting.ready} ready, ${waiting.delayed} delayed`].join('\n'),
          json: { dead, total, waiting },
        }
      })
    })
}

type Selecting = {
  verb: string
  description: string
  done: string
  act: (db: Parameters<typeof replayDeadJobs>[0], selection: DeadSelection) => Promise<number>
}

function addSelecting(jobs: Command, cli: Cli, { verb, description, done, act }: Selecting): void {
  jobs
    .command(verb)
    .description(description)
    .argument('[ids...]')
    .option('--name <name>', 'all of this name')
    .option('--all', 'all there are')
    .action((ids: string[], options: unknown, command: Command) => {
      const { name, all } = selectOptions.parse(options)
      if (ids.some((id) => !/^\d{1,18}$/.test(id))) refuseUsage(command, 'ids are numbers')
      if (ids.length === 0 && name === undefined && !all) refuseUsage(command, 'name ids, --name or --all')
      return perform(cli, command, async (app) => {
        const count = await act(app.db, ids.length > 0 ? { ids } : { name })
        return { text: `${count} ${done}`, json: { [done]: count } }
      })
    })
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 160)
}
