import {
  type Expression,
  type ExpressionBuilder,
  type ExpressionWrapper,
  expressionBuilder,
  type SqlBool,
  sql,
} from 'kysely'
import { namesAbove } from './refusals.ts'
import type { Database, Id, Visibility } from './tables.ts'

/**
 * Ends an `exists` that is to be looked up for each row: else Postgres, which does not know how few rows a page has,
 * reads all that somebody ever liked or follows into a hash first.
 */
export const rowByRow = sql.lit(0)

/** Of notes that everyone may see, signed in or not; what is `unlisted` only keeps out of public lists. */
const openVisibilities: readonly Visibility[] = ['public', 'unlisted']

export function isForEveryone({ visibility }: { visibility: Visibility }): boolean {
  return openVisibilities.includes(visibility)
}

/**
 * The one predicate that says which rows of `notes` a viewer may see: every read of notes passes through it.
 * Public and quiet public notes are everyone's; the others belong to their author, to those they mention and,
 * when for followers, to accepted followers. Tombstones and notes of suspended authors are nobody's, and whom an author
 * blocks sees nothing of theirs.
 * @param viewerId an account of this or, where a signature proves it, another server; null for a stranger
 */
export function visibleTo(viewerId: Id | null): ExpressionWrapper<Database, 'notes', SqlBool> {
  const eb = expressionBuilder<Database, 'notes'>()
  return eb.and([
    eb('notes.deleted_at', 'is', null),
    eb.not(authorIsSuspended(eb)),
    ...(viewerId === null
      ? [isOpen(eb)]
      : [eb.or([isOpen(eb), isPartyTo(eb, viewerId)]), eb.not(isShutOut(viewerId))]),
  ])
}

// Asked once per statement and hashed, however many notes it is compared with.
const isShutOut = (viewerId: Id) => sql<SqlBool>`notes.account_id in (
  select blocks.account_id from blocks where blocks.target_id = ${viewerId})`

/**
 * What a reader wants to meet in a list: nothing by those they block or mute, or whose server they block, and no boost
 * of such a note either. For lists alone, beside `visibleTo`: by its address such a note can still be read.
 */
export function wantedBy(viewerId: Id | null): Expression<SqlBool> {
  if (viewerId === null) return sql<SqlBool>`true`
  const author = sql.ref('notes.account_id')
  const boosted = sql`(select boosted.account_id from notes as boosted where boosted.id = notes.boost_of_id)`
  // Once per statement; a list in one place is also planned once.
  const refused = sql`array(
    select blocks.target_id from blocks where blocks.account_id = ${viewerId}
    union all
    select mutes.target_id from mutes
    where mutes.account_id = ${viewerId} and (mutes.expires_at is null or mutes.expires_at > now()))`
  // Hardly anybody blocks a domain: whether someone does is asked once.
  return sql<SqlBool>`(
    not array[${author}, ${boosted}] && ${refused}
    and (
      not exists (select from person_domain_blocks where person_domain_blocks.account_id = ${viewerId})
      or not exists (
        select from accounts as person
        join person_domain_blocks as refused on refused.account_id = ${viewerId}
          and refused.domain = any(${namesAbove(sql.ref('person.domain'))})
        where person.id in (${author}, ${boosted})
      )
    )
  )`
}

type NotesBuilder = ExpressionBuilder<Database, 'notes'>

// Written out, not bound: a plan that holds for every value could not use the indexes of what is public.
export const isOpen = (eb: ExpressionBuilder<Database, 'notes'>) =>
  eb(
    'notes.visibility',
    'in',
    openVisibilities.map((one) => sql.lit(one)),
  )

const authorIsSuspended = (eb: NotesBuilder) =>
  eb.exists(
    eb
      .selectFrom('accounts as author')
      .select('author.id')
      .whereRef('author.id', '=', 'notes.account_id')
      .where((author) =>
        author.or([
          author('author.suspended_at', 'is not', null),
          author('author.deleted_at', 'is not', null),
        ]),
      ),
  )

const isPartyTo = (eb: NotesBuilder, viewerId: Id) =>
  eb.or([
    eb('notes.account_id', '=', viewerId),
    eb.exists(
      eb
        .selectFrom('mentions')
        .select('mentions.note_id')
        .whereRef('mentions.note_id', '=', 'notes.id')
        .where('mentions.account_id', '=', viewerId)
        .offset(rowByRow),
    ),
    eb.and([eb('notes.visibility', '=', sql.lit('followers')), followsAuthor(viewerId)]),
  ])

/** Whether an account follows the author of a row of `notes`. */
export function followsAuthor(accountId: Id): ExpressionWrapper<Database, 'notes', SqlBool> {
  const eb = expressionBuilder<Database, 'notes'>()
  return eb.exists(
    eb
      .selectFrom('follows as own')
      .select('own.id')
      .whereRef('own.followee_id', '=', 'notes.account_id')
      .where('own.follower_id', '=', accountId)
      .where('own.state', '=', sql.lit('accepted'))
      .offset(rowByRow),
  )
}
