import { between, type Limits } from './limits.ts'
import { repeat } from './load.ts'
import { type Person, post, textOf } from './people.ts'
import { type Row, timesLimit } from './report.ts'
import { type Cost, costRow, middleOf, type Site } from './site.ts'
import type { Stage } from './stage.ts'

const concurrency = 4
/** V8 compiles what is called often, and until then a post costs up to half as much again. */
const warmUp = 400
const rounds = 3
const perRound = 140

/** Posting a note to two followers here, their home feeds and all jobs included, against the insert of one row. */
export async function measurePost(stage: Stage, limits: Limits): Promise<Row[]> {
  await writeNotes(stage, stage.author, warmUp)
  const before = await limits.insert(stage)
  const costs: Cost[] = []
  for (let round = 0; round < rounds; round += 1)
    costs.push(await stage.cost(() => writeNotes(stage, stage.author, perRound)))
  const limit = between(before, await limits.insert(stage))
  return [costRow({ name: 'post', cost: middleOf(costs), limit, target: timesLimit(4, limit) })]
}

export function writeNotes({ client, progress }: Site, author: Person, count: number): Promise<number> {
  return repeat({ count, atMostMs: 30_000, concurrency, progress }, async (index) => {
    await post(client, author, { status: textOf(index) })
  })
}
