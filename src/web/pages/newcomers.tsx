import { approveSignUp, rejectSignUp } from '#src/auth/sign-up.ts'
import { listPendingUsers, type PendingUser } from '#src/db/users.ts'
import { Paging, pageLength } from '../components/Feed.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { Time } from '../components/Time.tsx'
import { renderPage } from '../layout.tsx'
import { idParam, olderThan, type PageContext, requireModerator, type Visit } from '../session.ts'

const path = '/admin/sign-ups'

/** Who waits to be let in; for moderators and above. */
export async function newcomersPage(c: PageContext) {
  requireModerator(c)
  const { visit } = c.var
  const { signUp: words } = visit.words
  const pending = await listPendingUsers(visit.app.db, { limit: pageLength, maxId: olderThan(c) })
  return renderPage(c, {
    title: words.pendingTitle,
    children: (
      <>
        <SettingHead title={words.pendingTitle} visit={visit} />
        {pending.length === 0 && <p class="empty">{words.nobodyPending}</p>}
        <ul class="let-in">
          {pending.map((user) => (
            <li>
              <Waiting user={user} visit={visit} />
            </li>
          ))}
        </ul>
        <Paging visit={visit} cursors={pending.map(({ id }) => id)} />
      </>
    ),
  })
}

const Waiting = ({ user, visit }: { user: PendingUser; visit: Visit }) => {
  const { signUp: words } = visit.words
  const name = `@${user.username}`
  return (
    <>
      <p>
        <strong>
          <bdi>{name}</bdi>
        </strong>{' '}
        <bdi>{user.email}</bdi>
      </p>
      <p dir="auto">{user.reason || words.noReason}</p>
      <p class="hint">
        <Time at={user.createdAt} visit={visit} />
        {!user.isConfirmed && ` · ${words.unconfirmed}`}
      </p>
      <div class="choices">
        <Answer user={user} visit={visit} verb="approve" label={words.approve} />
        <Answer user={user} visit={visit} verb="reject" label={words.reject} />
      </div>
    </>
  )
}

type AnswerProps = {
  user: PendingUser
  visit: Visit
  verb: 'approve' | 'reject'
  label: string
}

const Answer = ({ user, visit, verb, label }: AnswerProps) => (
  <form method="post" action={`${path}/${user.id}/${verb}`}>
    <Hidden visit={visit} back={path} />
    <button
      type="submit"
      class={verb === 'approve' ? 'button small primary' : 'button small'}
      aria-label={`${label}: @${user.username}`}
    >
      {label}
    </button>
  </form>
)

export async function approveNewcomer(c: PageContext) {
  const { account } = requireModerator(c)
  await approveSignUp(c.var.visit.app, idParam(c), account.id)
  return c.redirect(path, 303)
}

export async function rejectNewcomer(c: PageContext) {
  const { account } = requireModerator(c)
  await rejectSignUp(c.var.visit.app, idParam(c), account.id)
  return c.redirect(path, 303)
}
