import type { Client as Sql } from 'pg'
import type { Progress } from './progress.ts'
import * as statements from './seed-sql.ts'

export type SeedOptions = {
  /** How many to add. */
  notes: number
  /** Of the server whose database it is. */
  publicUrl: string
  progress: Progress
  /** Gives the new people of this server what they sign with. */
  giveKeys(accountIds: string[]): Promise<void>
  /** Has the database check what refers to what, which takes several times as long. */
  isChecked?: boolean
}

/** How many rows go into `notes` at a time. */
const perTurn = 50_000

/**
 * Fills the database of a server with what it would hold after some months: people of here and elsewhere who follow
 * each other, notes with tags, mentions, pictures, answers and boosts, likes, home feeds and notifications, and counters
 * that are right. Who is here already follows, is told and writes as the others do. It may be called again: then there
 * is more.
 */
export async function seed(sql: Sql, options: SeedOptions): Promise<void> {
  const sizes = sizesFor(options.notes)
  const { progress } = options
  progress.step(`Seeding ${options.notes.toLocaleString('en')} notes`)
  const turns = Math.ceil(options.notes / perTurn)
  const steps = 4 + turns + statements.rest.length
  let done = 0
  const run = async (what: string, text: string, values: unknown[] = []) => {
    progress.count(done++, steps, what)
    return sql.query(text, values)
  }
  // Leaves foreign keys and triggers aside.
  if (!options.isChecked) await sql.query('set session_replication_role = replica')
  await sql.query("set synchronous_commit = off; set work_mem = '128MB'; set maintenance_work_mem = '256MB'")
  try {
    await run('functions', statements.functions(sizes, options.publicUrl))
    await run('people', statements.people(batchName()))
    const { rows } = await sql.query<{ id: string }>(statements.newPeopleHere)
    await options.giveKeys(rows.map(({ id }) => id))
    await run('plan', statements.plan)
    await run('likes', statements.likes)
    for (let turn = 0; turn < turns; turn += 1)
      await run('notes', statements.notes, [1 + turn * perTurn, (turn + 1) * perTurn])
    for (const { what, text } of statements.rest) await run(what, text)
    await sql.query(statements.cleanUp)
  } finally {
    await sql.query('reset session_replication_role; reset synchronous_commit; reset work_mem')
  }
  progress.count(steps, steps, 'tidying up')
  // As it would be by itself after a while, and not while something is measured.
  await sql.query(`vacuum (analyze) ${statements.filledTables.join(', ')}`)
  await sql.query('checkpoint')
}

export type Sizes = { notes: number; here: number; elsewhere: number; servers: number; tags: number }

/** Some people write for each thousand notes, and most are elsewhere. */
function sizesFor(notes: number): Sizes {
  const between = (least: number, most: number, value: number) =>
    Math.round(Math.min(most, Math.max(least, value)))
  const elsewhere = between(200, 20_000, notes / 50)
  return {
    notes,
    here: between(20, 1_000, notes / 2_000),
    elsewhere,
    servers: between(10, 1_000, elsewhere / 20),
    tags: between(50, 5_000, notes / 200),
  }
}

/** Tells what is seeded now from what was before: names and addresses are unique. */
function batchName(): string {
  return Date.now().toString(36)
}
