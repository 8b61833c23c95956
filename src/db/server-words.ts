import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Database, Id } from './tables.ts'
import type { RulesTable, TermsOfServiceTable } from './tables-server.ts'

export type Rule = Pick<Selectable<RulesTable>, 'id' | 'text' | 'hint'>
export type Terms = Selectable<TermsOfServiceTable>

/** Those that hold, in their order. */
export function listRules(db: Kysely<Database>): Promise<Rule[]> {
  return db
    .selectFrom('rules')
    .select(['id', 'text', 'hint'])
    .where('deleted_at', 'is', null)
    .orderBy('position')
    .execute()
}

/** Which of these ids are of rules, withdrawn ones included. */
export async function listRuleIds(db: Kysely<Database>, ids: readonly Id[]): Promise<Id[]> {
  const { rows } = await sql<{ id: Id }>`select id from rules where id = any(${[...ids]}::bigint[])`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}

/** Makes these the rules, in this order. Who says the same as before keeps its id, the others are withdrawn. */
export async function replaceRules(
  trx: Transaction<Database>,
  rules: readonly Omit<Rule, 'id'>[],
): Promise<void> {
  await sql`lock table rules in share row exclusive mode`.execute(trx)
  const texts = rules.map(({ text }) => text)
  await sql`update rules set deleted_at = now() where deleted_at is null and text <> all(${texts}::text[])`.execute(
    trx,
  )
  // Out of the way of the positions that are given next.
  await sql`update rules set position = -1 - position where deleted_at is null`.execute(trx)
  const said = sql`unnest(${texts}::text[], ${rules.map(({ hint }) => hint)}::text[])
    with ordinality as said (text, hint, place)`
  await sql`update rules set position = said.place, hint = said.hint from ${said}
    where rules.text = said.text and deleted_at is null`.execute(trx)
  await sql`insert into rules (position, text, hint) select said.place, said.text, said.hint from ${said}
    where not exists (select from rules where rules.text = said.text and deleted_at is null)`.execute(trx)
}

/** The terms that hold at a moment; undefined before the first. */
export function findTermsAt(db: Kysely<Database>, moment: Date): Promise<Terms | undefined> {
  return db
    .selectFrom('terms_of_service')
    .selectAll()
    .where('effective_at', '<=', moment)
    .orderBy('effective_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The terms that come after those. */
export function findTermsAfter(db: Kysely<Database>, effectiveAt: Date): Promise<Terms | undefined> {
  return db
    .selectFrom('terms_of_service')
    .selectAll()
    .where('effective_at', '>', effectiveAt)
    .orderBy('effective_at')
    .limit(1)
    .executeTakeFirst()
}

/** The terms that hold, or held, from exactly then on. */
export function findTermsFrom(db: Kysely<Database>, effectiveAt: Date): Promise<Terms | undefined> {
  return db
    .selectFrom('terms_of_service')
    .selectAll()
    .where('effective_at', '=', effectiveAt)
    .executeTakeFirst()
}

/** Terms that do not hold yet may be written anew; false for those that hold or held. */
export async function putTerms(
  trx: Transaction<Database>,
  terms: { effectiveAt: Date; text: string },
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    insert into terms_of_service (effective_at, text) values (${terms.effectiveAt}, ${terms.text})
    on conflict (effective_at) do update set text = excluded.text where terms_of_service.effective_at > ${now}
    returning 1`.execute(trx)
  return rows.length > 0
}
