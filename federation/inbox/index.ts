import type { InboxContext, InboxListenerSetters } from '@fedify/fedify'
import { Accept, Activity, Announce, Create, Delete, Follow, Like, Reject, Undo, Update } from '@fedify/vocab'
import type { App } from '#src/app.ts'
import { findInstanceActor } from '#src/db/instance-actor.ts'
import type { JobHandlers } from '#src/jobs/run-job.ts'
import { eraseAccount } from '#src/notes/erase-account.ts'
import type { Remote } from '../remote.ts'
import { loadNote } from '../remote-notes.ts'
import { onAccept } from './accept.ts'
import { onAnnounce } from './announce.ts'
import { onCreate } from './create.ts'
import { onDelete } from './delete.ts'
import { onFollow } from './follow.ts'
import { confirmAccountGone, onUnverified } from './gone.ts'
import { onLike } from './like.ts'
import { type Received, type ReceivedFrom, read, withActor, withKnownActor } from './received.ts'
import { onReject } from './reject.ts'
import { onUndo } from './undo.ts'
import { onUpdate } from './update.ts'

type Listener = (ctx: InboxContext<App>, activity: Activity) => Promise<void>

/** What comes in. Each runs in a job, after the 202; what it does is one transaction, and may come twice. */
export function addInboxListeners(listeners: InboxListenerSetters<App>, remote: Remote): void {
  const { app } = remote
  const from = (act: (remote: Remote, received: ReceivedFrom) => Promise<void>) =>
    listen(remote, withActor, act)
  const fromKnown = (act: (remote: Remote, received: ReceivedFrom) => Promise<void>) =>
    listen(remote, withKnownActor, act)
  const fromAnyone = (act: (remote: Remote, received: Received) => Promise<void>) =>
    listen(remote, async (_remote, received) => received, act)

  listeners
    .on(Follow, from(onFollow))
    .on(Accept, fromKnown(onAccept))
    .on(Reject, fromKnown(onReject))
    .on(Undo, fromAnyone(onUndo))
    .on(Create, from(onCreate))
    .on(Update, from(onUpdate))
    .on(Delete, fromAnyone(onDelete))
    .on(Like, from(onLike))
    .on(Announce, from(onAnnounce))
    // Whatever else there is means nothing here.
    .on(Activity, async () => undefined)
    .onUnverifiedActivity((_ctx, activity, reason) => onUnverified(remote, activity, reason))
    .setSharedKeyDispatcher(async () => {
      const actor = await findInstanceActor(app.db)
      return actor ? { identifier: actor.id } : null
    })
}

function listen<R extends Received>(
  remote: Remote,
  complete: (remote: Remote, received: Received) => Promise<R | undefined>,
  act: (remote: Remote, received: R) => Promise<void>,
): Listener {
  return async (ctx, activity) => {
    const received = await read(remote, ctx, activity)
    const completed = received && (await complete(remote, received))
    if (completed) await act(remote, completed)
  }
}

/** The jobs that what came in leaves behind. */
export function inboxJobHandlers(remote: Remote): JobHandlers {
  return {
    fetchParent: async ({ uri, depth }) => void (await loadNote(remote, uri, depth)),
    eraseAccount: ({ accountId }) => eraseAccount(remote.app.db, accountId),
    confirmAccountGone: ({ accountId }) => confirmAccountGone(remote, accountId),
  }
}
