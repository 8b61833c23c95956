import type { Transaction } from 'kysely'
import { type Account, findAccountByUri } from '#src/db/accounts.ts'
import { deleteBlock, findBlockByUri } from '#src/db/blocks.ts'
import { type Follow, findFollow, findFollowByUri } from '#src/db/follows.ts'
import { findLikeByUri } from '#src/db/likes.ts'
import { findBoost, findNoteRow, findNoteRowByUri } from '#src/db/notes.ts'
import { findReactionByUri, type Reaction } from '#src/db/reactions.ts'
import { buryUri, lockUris } from '#src/db/remote-notes.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { removeRemoteNote } from '#src/notes/boost.ts'
import { removeLike } from '#src/notes/like.ts'
import { removeReaction } from '#src/notes/react.ts'
import { removeFollow } from '#src/relationships/follow.ts'
import { hasContent } from '../convert/reaction.ts'
import { as, hasType, litepub, type Node, onlyIdOf, typeOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { isSameOrigin } from '../trust.ts'
import type { Outcome } from './outcome.ts'
import { undoReaction } from './reaction.ts'
import type { Received } from './received.ts'

const undoable = ['Follow', 'Like', 'Announce', 'Block'] as const
const reacting = litepub('EmojiReact')

/** The actor takes back what they did. What has not come yet is remembered as taken back, whoever they are. */
export async function onUndo({ app }: Remote, received: Received): Promise<Outcome> {
  const { actorUri, object, objectUri } = received
  const type = object && typeOf(object, undoable)
  const isReaction = object !== undefined && (hasType(object, reacting) || hasContent(object))
  if (object && !type && !isReaction) return 'unknown object'
  if (object && onlyIdOf(object, as('actor')) !== actorUri) return 'not theirs'
  if (objectUri !== undefined && !isSameOrigin(objectUri, actorUri)) return 'not theirs'
  return app.db.transaction().execute(async (trx) => {
    if (objectUri !== undefined) await lockUris(trx, [objectUri])
    const actor = await findAccountByUri(trx, actorUri)
    if (actor && objectUri !== undefined && (await undoByUri(trx, actor, objectUri))) return 'done'
    if (actor && object && isReaction && (await undoReaction(trx, app, actor, object))) return 'done'
    // Lemmy gives what it takes back a new id each time.
    if (actor && object && type && !isReaction && (await undoByPair(trx, actor, { object, type })))
      return 'done'
    if (objectUri === undefined) return 'nothing there'
    await buryUri(trx, { uri: objectUri, byUri: actorUri, kind: 'activity', now: app.clock.now() })
    return 'nothing there'
  })
}

async function undoByUri(trx: Transaction<Database>, actor: Account, uri: string): Promise<boolean> {
  const follow = await findFollowByUri(trx, uri)
  if (follow) return follow.follower_id === actor.id && (await endFollow(trx, follow))
  const block = await findBlockByUri(trx, uri)
  if (block) return block.account_id === actor.id && (await endBlock(trx, actor.id, block.target_id))
  const like = await findLikeByUri(trx, uri)
  if (like) {
    const note = like.account_id === actor.id ? await findNoteRow(trx, like.note_id) : undefined
    return note !== undefined && (await removeLike(trx, note, actor.id)) !== undefined
  }
  const reaction = await findReactionByUri(trx, uri)
  if (reaction) return reaction.account_id === actor.id && (await endReaction(trx, reaction))
  const boost = await findNoteRowByUri(trx, uri)
  return boost?.account_id === actor.id && boost.boost_of_id !== null && removeRemoteNote(trx, boost)
}

async function undoByPair(
  trx: Transaction<Database>,
  actor: Account,
  { object, type }: { object: Node; type: (typeof undoable)[number] },
): Promise<boolean> {
  const targetUri = onlyIdOf(object, as('object'))
  if (targetUri === undefined) return false
  if (type === 'Follow') {
    const followee = await findAccountByUri(trx, targetUri)
    const follow = followee && (await findFollow(trx, actor.id, followee.id))
    return follow !== undefined && endFollow(trx, follow)
  }
  if (type === 'Block') {
    const blocked = await findAccountByUri(trx, targetUri)
    return blocked !== undefined && endBlock(trx, actor.id, blocked.id)
  }
  const note = await findNoteRowByUri(trx, targetUri)
  if (!note) return false
  if (type === 'Like') return (await removeLike(trx, note, actor.id)) !== undefined
  const boost = await findBoost(trx, actor.id, note.id)
  return boost !== undefined && removeRemoteNote(trx, boost)
}

async function endReaction(trx: Transaction<Database>, { note_id, account_id, name }: Reaction) {
  const note = await findNoteRow(trx, note_id)
  return (
    note !== undefined && (await removeReaction(trx, note, { accountId: account_id, name })) !== undefined
  )
}

async function endBlock(trx: Transaction<Database>, accountId: Id, targetId: Id): Promise<boolean> {
  return (await deleteBlock(trx, accountId, targetId)) !== undefined
}

async function endFollow(trx: Transaction<Database>, follow: Follow): Promise<boolean> {
  return (await removeFollow(trx, follow.follower_id, follow.followee_id)) !== undefined
}
