import type { JobHandlers } from '#src/jobs/run-job.ts'
import { eraseAccount } from '#src/notes/erase-account.ts'
import { fep044f } from '../convert/vocabulary.ts'
import { createReviver } from '../delivery/retired-inboxes.ts'
import { syncFollowers } from '../remote/followers-sync.ts'
import { as, hasType, isNode, litepub, type Node } from '../remote/linked-data.ts'
import { loadNote } from '../remote/notes.ts'
import { refetchPoll } from '../remote/polls.ts'
import type { Remote } from '../remote/remote.ts'
import { fetchMentioned, fetchReplies } from '../remote/threads.ts'
import { verifyQuote } from '../remote/verify-quotes.ts'
import { onAccept } from './accept.ts'
import { onAnnounce } from './announce.ts'
import { onBlock } from './block.ts'
import { onCreate } from './create.ts'
import { onDelete } from './delete.ts'
import { onAdd, onRemove } from './featured.ts'
import { onFlag } from './flag.ts'
import { onFollow } from './follow.ts'
import { confirmAccountGone } from './gone.ts'
import { onLike } from './like.ts'
import { onMove } from './move.ts'
import type { Outcome } from './outcome.ts'
import { onQuoteRequest } from './quote-request.ts'
import { onReaction } from './reaction.ts'
import {
  type Received,
  type ReceivedFrom,
  read,
  withActor,
  withKnownActor,
  withoutBlocked,
} from './received.ts'
import { onReject } from './reject.ts'
import { receiveTogether } from './together.ts'
import { onUndo } from './undo.ts'
import { onUpdate } from './update.ts'

type Handler = (remote: Remote, received: Received) => Promise<Outcome>

/**
 * What comes in, by the IRI of its type, and what is done about it; everything else is set aside. Each runs in a job,
 * after the 202; what it does is one transaction, and may come twice.
 */
export const inboxActivities: Readonly<Record<string, Handler>> = {
  [as('Follow')]: from(onFollow),
  [as('Accept')]: fromKnown(onAccept),
  [as('Reject')]: fromKnown(onReject),
  [as('Undo')]: onUndo,
  [as('Create')]: from(onCreate),
  [as('Update')]: from(onUpdate),
  [as('Delete')]: onDelete,
  [as('Like')]: from(onLike),
  [litepub('EmojiReact')]: from(onReaction),
  [as('Announce')]: from(onAnnounce),
  [fep044f('QuoteRequest')]: from(onQuoteRequest),
  [as('Block')]: from(onBlock),
  [as('Flag')]: from(onFlag),
  [as('Add')]: fromKnown(onAdd),
  [as('Remove')]: fromKnown(onRemove),
  [as('Move')]: fromKnown(onMove),
}

type ActorHandler = (remote: Remote, received: ReceivedFrom) => Promise<Outcome>

/** For activities that mean something from anyone: an actor new here is read from their server. */
function from(handle: ActorHandler): Handler {
  return async (remote, received) => {
    const completed = await withActor(remote, received)
    return completed ? handle(remote, completed) : 'unconfirmed'
  }
}

/** For activities that mean nothing from someone who is not known here. */
function fromKnown(handle: ActorHandler): Handler {
  return async (remote, received) => {
    const completed = await withKnownActor(remote, received)
    return completed ? handle(remote, completed) : 'not for us'
  }
}

const activityTypes = Object.keys(inboxActivities)

async function receive(
  remote: Remote,
  revive: ReturnType<typeof createReviver>,
  received: Received | undefined,
): Promise<void> {
  if (received) await revive(received.actorUri)
  const type = received && activityTypeOf(received.node)
  const handle = type === undefined ? undefined : inboxActivities[type]
  const outcome = !received ? 'not theirs' : handle ? await handle(remote, received) : 'unknown activity'
  count(remote, type, outcome)
}

function count({ app }: Remote, type: string | undefined, outcome: Outcome): void {
  app.metrics.countInboxActivity(type?.replace(/^.*#/, '') ?? 'other', outcome)
}

function activityTypeOf(node: Node): string | undefined {
  return activityTypes.find((type) => hasType(node, type))
}

/** What came in, and the jobs that it leaves behind. */
export function inboxJobHandlers(remote: Remote): JobHandlers {
  const revive = createReviver(remote.app)
  // Without Fedify, which would read what is expanded already some twenty times into classes that nobody asks.
  const readMessages = (messages: readonly unknown[]) =>
    withoutBlocked(
      remote.app,
      messages.map((message) => read(remote.app, isNode(message) ? message.activity : undefined)),
    )
  return {
    fedifyInbox: {
      together: receiveTogether(remote, {
        read: readMessages,
        receive: (asking, received) => receive(asking, revive, received),
        tell: (node, outcome) => count(remote, activityTypeOf(node), outcome),
      }),
    },
    receiveAsking: async ({ message }) => {
      const [received] = await readMessages([message])
      await receive(remote, revive, received)
    },
    fetchReplies: ({ noteId }) => fetchReplies(remote, noteId),
    fetchMentioned: (payload) => fetchMentioned(remote, payload),
    syncFollowers: (payload) => syncFollowers(remote, payload),
    fetchParent: async ({ uri, depth }) => void (await loadNote(remote, uri, { depth })),
    verifyQuote: (payload) => verifyQuote(remote, payload),
    eraseAccount: ({ accountId }) => eraseAccount(remote.app.db, accountId),
    fetchPoll: ({ noteId }) => refetchPoll(remote, noteId),
    confirmAccountGone: (payload) => confirmAccountGone(remote, payload),
  }
}
