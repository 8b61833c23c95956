import { type ExpressionBuilder, type ExpressionWrapper, expressionBuilder, type SqlBool } from 'kysely'
import type { Database, Id } from './tables.ts'

/**
 * The one predicate that says which rows of `notes` a viewer may see: every read of notes passes through it.
 * Public and quiet public notes are everyone's; the others belong to their author, to those they mention and,
 * when for followers, to accepted followers. Tombstones and notes of suspended authors are nobody's.
 * @param viewerId an account of this server, or null for a stranger
 */
export function visibleTo(viewerId: Id | null): ExpressionWrapper<Database, 'notes', SqlBool> {
  const eb = expressionBuilder<Database, 'notes'>()
  return eb.and([
    eb('notes.deleted_at', 'is', null),
    eb.not(authorIsSuspended(eb)),
    viewerId === null ? isOpen(eb) : eb.or([isOpen(eb), isPartyTo(eb, viewerId)]),
  ])
}

type NotesBuilder = ExpressionBuilder<Database, 'notes'>

const isOpen = (eb: NotesBuilder) => eb('notes.visibility', 'in', ['public', 'unlisted'])

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
        .where('mentions.account_id', '=', viewerId),
    ),
    eb.and([
      eb('notes.visibility', '=', 'followers'),
      eb.exists(
        eb
          .selectFrom('follows')
          .select('follows.id')
          .whereRef('follows.followee_id', '=', 'notes.account_id')
          .where('follows.follower_id', '=', viewerId)
          .where('follows.state', '=', 'accepted'),
      ),
    ]),
  ])
