import { type Insertable, type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import { AppError } from '#src/base/errors.ts'
import type { Account } from './accounts.ts'
import type { Database, Id, UsersTable } from './tables.ts'

export type User = Selectable<UsersTable>

/** A user with what decides whether they may come in. */
export type SignInUser = User & { username: string; suspended_at: Date | null; deleted_at: Date | null }

export function findUser(db: Kysely<Database>, id: Id): Promise<User | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
}

export function findUserByAccount(db: Kysely<Database>, accountId: Id): Promise<User | undefined> {
  return db.selectFrom('users').selectAll().where('account_id', '=', accountId).executeTakeFirst()
}

/** @param login an e-mail address or a username, in any case */
export function findUserByLogin(db: Kysely<Database>, login: string): Promise<SignInUser | undefined> {
  const wanted = login.trim().replace(/^@/, '').toLowerCase()
  return db
    .selectFrom('users')
    .innerJoin('accounts', 'accounts.id', 'users.account_id')
    .selectAll('users')
    .select(['accounts.username', 'accounts.suspended_at', 'accounts.deleted_at'])
    .where((eb) =>
      wanted.includes('@')
        ? eb(sql`lower(users.email)`, '=', wanted)
        : eb.and([eb(sql`lower(accounts.username)`, '=', wanted), eb('accounts.domain', 'is', null)]),
    )
    .executeTakeFirst()
}

/** @throws AppError notFound, in words for whoever typed the name */
export async function getUserByLogin(db: Kysely<Database>, login: string): Promise<SignInUser> {
  const user = await findUserByLogin(db, login)
  if (!user) throw new AppError('notFound', `There is no ${login} here`)
  return user
}

/** Where and how to write to someone. */
export type Correspondent = {
  email: string
  username: string
  locale: string | null
  confirmed_at: Date | null
}

export function findCorrespondent(db: Kysely<Database>, userId: Id): Promise<Correspondent | undefined> {
  return db
    .selectFrom('users')
    .innerJoin('accounts', 'accounts.id', 'users.account_id')
    .select(['users.email', 'users.locale', 'users.confirmed_at', 'accounts.username'])
    .where('users.id', '=', userId)
    .executeTakeFirst()
}

export async function isEmailTaken(db: Kysely<Database>, email: string): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('id')
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .executeTakeFirst()
  return row !== undefined
}

export async function hasOwner(db: Kysely<Database>): Promise<boolean> {
  const row = await db.selectFrom('users').select('id').where('role', '=', 'owner').executeTakeFirst()
  return row !== undefined
}

/** Whom to turn to; undefined while the server has no owner. */
export function findOwnerAccount(db: Kysely<Database>): Promise<Account | undefined> {
  return db
    .selectFrom('users')
    .innerJoin('accounts', 'accounts.id', 'users.account_id')
    .selectAll('accounts')
    .where('users.role', '=', 'owner')
    .orderBy('users.id')
    .limit(1)
    .executeTakeFirst()
}

export async function countUsers(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

export function insertUser(trx: Transaction<Database>, values: Insertable<UsersTable>): Promise<User> {
  return trx.insertInto('users').values(values).returningAll().executeTakeFirstOrThrow()
}

/** The id an account will have, taken before it is stored: its addresses are made of it. */
export async function newAccountId(db: Kysely<Database>): Promise<Id> {
  const { rows } = await sql<{ id: Id }>`select new_id() as id`.execute(db)
  const row = rows[0]
  if (!row) throw new Error('new_id() returned no row')
  return row.id
}

export async function updateUser(
  trx: Transaction<Database>,
  id: Id,
  changes: Updateable<UsersTable>,
): Promise<void> {
  await trx.updateTable('users').set(changes).where('id', '=', id).execute()
}

/** Written at most hourly, however often someone comes by. */
export async function markUserActive(db: Kysely<Database>, userId: Id, now: Date): Promise<void> {
  await db
    .updateTable('users')
    .set({ last_active_at: now })
    .where('id', '=', userId)
    .where('last_active_at', '<', new Date(now.getTime() - 3_600_000))
    .execute()
}

/** Someone who waits for approval. */
export type PendingUser = {
  id: Id
  accountId: Id
  username: string
  email: string
  reason: string | null
  isConfirmed: boolean
  createdAt: Date
}

/** Who waits for approval, the latest first. */
export async function listPendingUsers(
  db: Kysely<Database>,
  { limit, maxId }: { limit: number; maxId: Id | undefined },
): Promise<PendingUser[]> {
  const rows = await db
    .selectFrom('users')
    .innerJoin('accounts', 'accounts.id', 'users.account_id')
    .select([
      'users.id',
      'users.account_id as accountId',
      'accounts.username',
      'users.email',
      'users.sign_up_reason as reason',
      'users.confirmed_at as confirmedAt',
      'users.created_at as createdAt',
    ])
    .where('users.approved_at', 'is', null)
    .$if(maxId !== undefined, (query) => query.where('users.id', '<', maxId ?? ''))
    .orderBy('users.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ confirmedAt, ...row }) => ({ ...row, isConfirmed: confirmedAt !== null }))
}

/** Locked until the transaction ends; undefined for one who is approved already. */
export function findPendingUserForUpdate(trx: Transaction<Database>, id: Id): Promise<User | undefined> {
  return trx
    .selectFrom('users')
    .selectAll()
    .where('id', '=', id)
    .where('approved_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
}
