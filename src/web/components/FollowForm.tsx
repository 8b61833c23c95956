import type { Account } from '#src/db/accounts.ts'
import type { Follow } from '#src/db/follows.ts'
import type { Visit } from '../session.ts'
import { Hidden } from './Hidden.tsx'

type Props = { account: Account; follow: Follow | undefined; visit: Visit }

/** Follow, or what became of it and the way back. */
export const FollowForm = ({ account, follow, visit }: Props) => {
  const { profile } = visit.words
  const undo = follow?.state === 'pending' ? profile.cancelRequest : profile.unfollow
  return (
    <form method="post" action={`/accounts/${account.id}/${follow ? 'unfollow' : 'follow'}`}>
      <Hidden visit={visit} />
      <button type="submit" class={follow ? 'button' : 'button primary'}>
        {follow ? undo : profile.follow}
      </button>
    </form>
  )
}
