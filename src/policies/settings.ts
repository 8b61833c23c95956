import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import { findSetting, replaceSetting } from '#src/db/settings.ts'
import type { Database, Id } from '#src/db/tables.ts'

type Setting<T> = { schema: z.ZodType<T>; usual: T; says: string }

/** What whoever runs this server may decide while it runs. */
export const serverSettings = {
  authorized_fetch: {
    schema: z.boolean(),
    usual: false,
    says: 'Only servers that sign what they ask for may read people, notes and collections',
  },
  label_pictures: {
    schema: z.boolean(),
    usual: true,
    says: 'A line under painted pictures says so on servers that show no provenance',
  },
} satisfies Record<string, Setting<boolean>>

export type SettingName = keyof typeof serverSettings

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(serverSettings, name)
}

export const settingNames: readonly SettingName[] = Object.keys(serverSettings).filter(isSettingName)

export async function readSetting(db: Kysely<Database>, name: SettingName): Promise<boolean> {
  const { schema, usual } = serverSettings[name]
  const stored = schema.safeParse(await findSetting(db, name))
  return stored.success ? stored.data : usual
}

/**
 * Keeps a decision, and who made it.
 * @param actorId null for whoever stands at the command line
 */
export async function changeSetting(
  { db }: Pick<App, 'db'>,
  actorId: Id | null,
  { name, value }: { name: SettingName; value: boolean },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await replaceSetting(trx, name, value)
    await insertAuditEntry(trx, { actorId, action: 'setting.change', subject: name, detail: { value } })
  })
}

const yes = ['true', 'on', 'yes', '1']
const no = ['false', 'off', 'no', '0']

/** @throws AppError invalid */
export function parseSwitch(text: string): boolean {
  const word = text.trim().toLowerCase()
  if (yes.includes(word)) return true
  if (no.includes(word)) return false
  throw new AppError('invalid', `${text} is neither on nor off`)
}
