import { AppError } from '#src/base/errors.ts'
import { boostNote, unboostNote } from '#src/notes/boost.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { bookmarkNote, likeNote, unbookmarkNote, unlikeNote } from '#src/notes/like.ts'
import { muteConversation, unmuteConversation } from '#src/notes/mute-conversation.ts'
import { pinNote, unpinNote } from '#src/notes/pin.ts'
import { revokeQuote } from '#src/notes/quote.ts'
import { originalOf } from '#src/notes/view.ts'
import { answerFollowRequest, followAccount, unfollowAccount } from '#src/relationships/follow.ts'
import { NoteActions } from '../components/NoteActions.tsx'
import { goBack, localPath, wantsPiece } from '../forms.ts'
import { idParam, isId, type PageContext, requireViewer } from '../session.ts'

const reactions = {
  like: likeNote,
  unlike: unlikeNote,
  boost: (app, viewer, note) => boostNote(app, viewer, note, 'public'),
  unboost: unboostNote,
  bookmark: bookmarkNote,
  unbookmark: unbookmarkNote,
  pin: pinNote,
  unpin: unpinNote,
  mute: muteConversation,
  unmute: unmuteConversation,
} satisfies Record<string, typeof likeNote>

/** Like, boost, bookmark, mute the conversation and their inverses: back to the page, or for a script the changed row of buttons. */
export async function reactToNote(c: PageContext) {
  const viewer = requireViewer(c)
  const { visit, form } = c.var
  const name = c.req.param('reaction') ?? ''
  if (!isReaction(name)) throw new AppError('notFound', 'There is no such action')
  const view = await reactions[name](visit.app, viewer.account.id, idParam(c))
  if (!wantsPiece(c)) return goBack(c)
  return c.html(<NoteActions view={originalOf(view)} visit={visit} back={localPath(form.get('back'), '/')} />)
}

function isReaction(name: string): name is keyof typeof reactions {
  return Object.hasOwn(reactions, name)
}

/** The viewer's note is shown no longer in somebody's quote of it. */
export async function withdrawFromQuote(c: PageContext) {
  const quotingId = c.req.param('quoting')
  if (!isId(quotingId)) throw new AppError('notFound', 'There is no such post')
  await revokeQuote(c.var.visit.app, requireViewer(c).account.id, idParam(c), quotingId)
  return goBack(c)
}

export async function removeNote(c: PageContext) {
  await deleteNote(c.var.visit.app, requireViewer(c).account.id, idParam(c))
  return goBack(c)
}

export async function follow(c: PageContext) {
  await followAccount(c.var.visit.app, requireViewer(c).account.id, idParam(c))
  return goBack(c)
}

export async function unfollow(c: PageContext) {
  await unfollowAccount(c.var.visit.app, requireViewer(c).account.id, idParam(c))
  return goBack(c)
}

export const acceptFollower = (c: PageContext) => answerFollower(c, 'Accept')
export const rejectFollower = (c: PageContext) => answerFollower(c, 'Reject')

async function answerFollower(c: PageContext, answer: 'Accept' | 'Reject') {
  await answerFollowRequest(c.var.visit.app, requireViewer(c).account.id, idParam(c), answer)
  return goBack(c, '/notifications')
}
