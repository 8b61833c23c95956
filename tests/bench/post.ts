import { insertsPerSecond } from './limits.ts'
import { repeat } from './load.ts'
import type { Row } from './report.ts'
import { post, type Stage, textOf } from './stage.ts'

/** Posting a note to two followers here, their home feeds and all jobs included, against the insert of one row. */
export async function measurePost(stage: Stage): Promise<Row[]> {
  const write = (index: number) => post(stage.client, stage.author, textOf(index))
  await repeat({ count: 60, atMostMs: 8_000, concurrency: 4 }, write)
  const { perSecond, note } = await stage.cost(() =>
    repeat({ count: 400, atMostMs: 12_000, concurrency: 4 }, write),
  )
  return [
    {
      name: 'post',
      unit: 'posts/CPU-s',
      ours: perSecond,
      limit: await insertsPerSecond(stage.sql, stage.pid),
      limitIs: 'a committed insert of one row by pg',
      better: 'higher',
      note,
    },
  ]
}
