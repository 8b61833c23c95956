import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import { findSetting, replaceSetting } from '#src/db/settings.ts'
import type { Database, Id } from '#src/db/tables.ts'

const settingName = 'retention'
const mostDays = 3_650
const leastMb = 50
const mostMb = 10_000_000
const days = (usual: number) => z.int().min(0).max(mostDays).default(usual)

/** How long things are kept, in days (0: for ever), and how much room copies may take. */
export const retentionSchema = z.object({
  /** Notes of other servers that nobody here touched. */
  remoteNotesDays: days(90),
  /** Such notes of people whom somebody here follows. */
  followedNotesDays: days(180),
  notificationsDays: days(180),
  /** People of other servers with whom nobody here has anything to do. */
  accountsDays: days(180),
  /** Previews of links in no note. */
  cardsDays: days(30),
  deadJobsDays: days(30),
  /** Copies of other servers' pictures; the least recently used make room. */
  remoteMediaMb: z.int().min(leastMb).max(mostMb).default(5_120),
})

export type Retention = z.output<typeof retentionSchema>
export type RetentionName = keyof Retention

export function isRetentionName(name: string): name is RetentionName {
  return Object.hasOwn(retentionSchema.shape, name)
}

export const retentionNames: readonly RetentionName[] = Object.keys(retentionSchema.shape).filter(
  isRetentionName,
)

/** What may be chosen, both ends included. */
export function retentionRange(name: RetentionName): { least: number; most: number } {
  return name === 'remoteMediaMb' ? { least: leastMb, most: mostMb } : { least: 0, most: mostDays }
}

/** What is decided, or usual where nobody decided. */
export async function readRetention(db: Kysely<Database>): Promise<Retention> {
  const stored = retentionSchema.safeParse((await findSetting(db, settingName)) ?? {})
  return stored.success ? stored.data : retentionSchema.parse({})
}

/**
 * @param actorId null for whoever stands at the command line
 * @throws AppError invalid, with the name of the value as its code
 */
export async function changeRetention(
  { db }: Pick<App, 'db'>,
  actorId: Id | null,
  changes: Partial<Record<RetentionName, number>>,
): Promise<Retention> {
  const parsed = retentionSchema.safeParse({ ...(await readRetention(db)), ...changes })
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0] ?? '')
    throw new AppError('invalid', `${name}: ${parsed.error.issues[0]?.message}`, { code: name })
  }
  await db.transaction().execute(async (trx) => {
    await replaceSetting(trx, settingName, parsed.data)
    await insertAuditEntry(trx, { actorId, action: 'retention.change', subject: '', detail: parsed.data })
  })
  return parsed.data
}
