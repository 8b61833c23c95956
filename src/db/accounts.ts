import { type Insertable, type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import { notFound } from '#src/base/errors.ts'
import { anyOf } from './ids.ts'
import { reusable } from './reusable.ts'
import type { AccountsTable, Database, Id, ProfileField } from './tables.ts'

export type Account = Selectable<AccountsTable>

/** @throws AppError notFound, for deleted and suspended accounts too */
export async function getAccount(db: Kysely<Database>, id: Id): Promise<Account> {
  const account = await findAccount(db, id)
  if (!account || account.deleted_at || account.suspended_at) throw notFound()
  return account
}

export function findAccount(db: Kysely<Database>, id: Id): Promise<Account | undefined> {
  return db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
}

export function findAccountByUri(db: Kysely<Database>, uri: string): Promise<Account | undefined> {
  return db.selectFrom('accounts').selectAll().where('uri', '=', uri).executeTakeFirst()
}

/** Also by the address of the profile page, which is what people paste. */
export function findAccountByUrl(db: Kysely<Database>, url: string): Promise<Account | undefined> {
  return db
    .selectFrom('accounts')
    .selectAll()
    .where((eb) => eb.or([eb('uri', '=', url), eb('url', '=', url)]))
    .where('deleted_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
}

/** @param domain null for an account of this server; otherwise in lower case */
export function findAccountByHandle(
  db: Kysely<Database>,
  username: string,
  domain: string | null,
): Promise<Account | undefined> {
  return db
    .selectFrom('accounts')
    .selectAll()
    .where(sql`lower(username)`, '=', username.toLowerCase())
    .where(sql`coalesce(domain, '')`, '=', domain ?? '')
    .executeTakeFirst()
}

/** As it is now, and nobody else changes it before `trx` ends. Accounts are locked after notes. */
export function lockAccount(trx: Transaction<Database>, id: Id): Promise<Account | undefined> {
  return trx.selectFrom('accounts').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
}

/** As it stands on a profile already: no server needs to hear of a mark. */
export async function setAccountFields(
  trx: Transaction<Database>,
  id: Id,
  fields: ProfileField[],
): Promise<void> {
  await trx
    .updateTable('accounts')
    .set({ fields: JSON.stringify(fields) })
    .where('id', '=', id)
    .execute()
}

/** People here with something on their profile; a seventh of them, another each day. */
export function listAccountsToRecheck(db: Kysely<Database>, day: number): Promise<Account[]> {
  return db
    .selectFrom('accounts')
    .innerJoin('users', 'users.account_id', 'accounts.id')
    .selectAll('accounts')
    .where('accounts.deleted_at', 'is', null)
    .where('accounts.suspended_at', 'is', null)
    .where(sql<boolean>`jsonb_array_length(accounts.fields) > 0`)
    .where(sql<boolean>`accounts.id % 7 = ${day % 7}`)
    .execute()
}

export function listAccounts(db: Kysely<Database>, ids: Id[]): Promise<Account[]> {
  return ids.length === 0 ? Promise.resolve([]) : selectAccounts(db, { ids })
}

const selectAccounts = reusable((db, { ids }: { ids: Id[] }) =>
  db.selectFrom('accounts').selectAll().where('id', '=', anyOf(ids)),
)

/** The accounts behind ActivityPub ids, in one query; unknown ones are left out. */
export function listAccountsByUris(db: Kysely<Database>, uris: string[]): Promise<Account[]> {
  if (uris.length === 0) return Promise.resolve([])
  return db
    .selectFrom('accounts')
    .selectAll()
    .where('uri', 'in', uris)
    .where('deleted_at', 'is', null)
    .execute()
}

/** The accounts behind handles, in one query; unknown ones are left out. */
export function listAccountsByHandles(
  db: Kysely<Database>,
  handles: { username: string; domain: string | null }[],
): Promise<Account[]> {
  if (handles.length === 0) return Promise.resolve([])
  const pairs = sql.join(
    handles.map((h) => sql`(${h.username.toLowerCase()}::text, ${h.domain ?? ''}::text)`),
  )
  return db
    .selectFrom('accounts')
    .selectAll()
    .where(sql<boolean>`(lower(username), coalesce(domain, '')) in (${pairs})`)
    .where('deleted_at', 'is', null)
    .execute()
}

/**
 * Local and remote people whose handle or name begins like this, the most followed first.
 * @param page.followedBy whose follows they have to be among
 */
export function searchAccounts(
  db: Kysely<Database>,
  text: string,
  page: { limit: number; offset: number; followedBy?: Id | undefined },
): Promise<Account[]> {
  const escaped = text.toLowerCase().replace(/[\\%_]/g, '\\$&')
  const [username = '', domain] = escaped.replace(/^@/, '').split('@')
  return db
    .selectFrom('accounts')
    .selectAll()
    .where('deleted_at', 'is', null)
    .where('suspended_at', 'is', null)
    .where('kind', '<>', 'Application')
    .where((eb) =>
      domain === undefined
        ? eb.or([
            eb(sql`lower(username)`, 'like', `${username}%`),
            eb(sql`lower(name)`, 'like', `${escaped}%`),
          ])
        : eb.and([eb(sql`lower(username)`, 'like', `${username}%`), eb('domain', 'like', `${domain}%`)]),
    )
    .$if(page.followedBy !== undefined, (query) => query.where(isFollowedBy(page.followedBy ?? '')))
    .orderBy('followers_count', 'desc')
    .orderBy('id')
    .limit(page.limit)
    .offset(page.offset)
    .execute()
}

const isFollowedBy = (followerId: Id) => sql<boolean>`exists (
  select from follows
  where follows.follower_id = ${followerId} and follows.followee_id = accounts.id and follows.state = 'accepted')`

export function insertAccount(
  trx: Transaction<Database>,
  values: Insertable<AccountsTable>,
): Promise<Account> {
  return trx.insertInto('accounts').values(values).returningAll().executeTakeFirstOrThrow()
}

/**
 * Stores what another server says of an account, new or known; its counters here are left alone. Whoever stores the
 * same one at that moment gets the same.
 * @throws Error where another account has its handle
 */
export async function upsertRemoteAccount(
  db: Kysely<Database>,
  values: Insertable<AccountsTable> & { domain: string },
): Promise<Account> {
  const { uri, id: _id, created_at: _createdAt, ...changes } = values
  // Both the id and the handle are unique, and `do update` forgives a twin under one of them alone.
  const inserted = await db
    .insertInto('accounts')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  return (
    inserted ??
    db
      .updateTable('accounts')
      .set({ ...changes, updated_at: sql`now()` })
      .where('uri', '=', uri)
      .returningAll()
      .executeTakeFirstOrThrow()
  )
}

export function updateAccount(
  trx: Transaction<Database>,
  id: Id,
  changes: Updateable<AccountsTable>,
): Promise<Account> {
  return trx
    .updateTable('accounts')
    .set({ ...changes, updated_at: sql`now()` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** What an account's own server says; undefined where it does not. */
export type ToldCounts = {
  notes: number | undefined
  followers: number | undefined
  following: number | undefined
}

/**
 * Stores what a remote account's server counted, of which we see a part. Never less than what is here, which is counted
 * down again one by one: some servers hide their numbers behind a zero.
 */
export async function setToldCounts(
  trx: Transaction<Database>,
  id: Id,
  { notes, followers, following }: ToldCounts,
): Promise<void> {
  await lockAccount(trx, id)
  const accepted = sql.lit('accepted')
  await sql`
    update accounts set
      notes_count = greatest(coalesce(${notes ?? null}::integer, notes_count),
        (select count(*) from notes where account_id = ${id} and deleted_at is null)),
      followers_count = greatest(coalesce(${followers ?? null}::integer, followers_count),
        (select count(*) from follows where followee_id = ${id} and state = ${accepted})),
      following_count = greatest(coalesce(${following ?? null}::integer, following_count),
        (select count(*) from follows where follower_id = ${id} and state = ${accepted}))
    where id = ${id}
  `.execute(trx)
}

export type AccountCounter = 'followers_count' | 'following_count'

export async function addToAccountCounter(
  trx: Transaction<Database>,
  id: Id,
  counter: AccountCounter,
  amount: 1 | -1,
): Promise<void> {
  await trx
    .updateTable('accounts')
    .set((eb) => ({ [counter]: eb(eb.ref(counter), '+', amount) }))
    .where('id', '=', id)
    .execute()
}

/**
 * One note more for each of these, boosts included. Remote notes arrive out of order: the last one's moment never moves
 * back. Locks accounts by id, so that nobody waits in a circle.
 */
export async function countNotes(
  trx: Transaction<Database>,
  notes: readonly { account_id: Id; published_at: Date }[],
): Promise<void> {
  await sql`
    with written as (
      select account_id, count(*)::integer as notes, max(published_at) as last_at
      from unnest(${notes.map((note) => note.account_id)}::bigint[],
        ${notes.map((note) => note.published_at)}::timestamptz[]) as written (account_id, published_at)
      group by account_id
    ), locked as (
      select id from accounts where id in (select account_id from written) order by id for no key update
    )
    update accounts set notes_count = notes_count + written.notes,
      last_note_at = greatest(last_note_at, written.last_at)
    from written join locked on locked.id = written.account_id
    where accounts.id = written.account_id
  `.execute(trx)
}

/** One note less for each time an account is named. Locks them by id, so that two deletions never wait in a circle. */
export async function uncountNotesOf(trx: Transaction<Database>, ids: Id[]): Promise<void> {
  await sql`
    with lost as (
      select account_id, count(*)::integer as notes from unnest(${ids}::bigint[]) as account_id group by account_id
    ), locked as (
      select id from accounts where id in (select account_id from lost) order by id for no key update
    )
    update accounts set notes_count = notes_count - lost.notes
    from lost join locked on locked.id = lost.account_id
    where accounts.id = lost.account_id
  `.execute(trx)
}

/**
 * Lets an account be seen whose person is confirmed and approved by now; whichever of the two comes last does it, though
 * both come at once.
 */
export async function admitAccount(trx: Transaction<Database>, id: Id): Promise<void> {
  await trx
    .updateTable('accounts')
    .set({ suspended_at: null })
    .where('id', '=', id)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('users')
          .select('users.id')
          .where('users.account_id', '=', id)
          .where('users.confirmed_at', 'is not', null)
          .where('users.approved_at', 'is not', null),
      ),
    )
    .execute()
}

/** Of an account that nobody ever saw; one that was seen becomes a tombstone instead. */
export async function deleteAccountRow(trx: Transaction<Database>, id: Id): Promise<void> {
  await trx.deleteFrom('accounts').where('id', '=', id).execute()
}

/** Accounts of people who never confirmed that their address is theirs: the names are free again. */
export async function deleteNeverConfirmed(db: Kysely<Database>, signedUpBefore: Date): Promise<void> {
  await db
    .deleteFrom('accounts')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('users')
        .select('account_id')
        .where('confirmed_at', 'is', null)
        .where('created_at', '<', signedUpBefore),
    )
    .execute()
}
