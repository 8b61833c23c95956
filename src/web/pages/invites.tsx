import { createInvite, inviteAddress } from '#src/auth/invites.ts'
import { deleteInvite, type Invite, listInvites } from '#src/db/invites.ts'
import { Paging, pageLength } from '../components/Feed.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { Time } from '../components/Time.tsx'
import { choiceOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { idParam, olderThan, type PageContext, requireModerator, type Visit } from '../session.ts'

const path = '/admin/invites'
const day = 24 * 3_600_000
const lifetimes = ['week', 'day', 'month', 'ever'] as const
const lifetimeMs = { day, week: 7 * day, month: 30 * day, ever: null }
const uses = ['1', '5', '25', 'any'] as const

/** The links by which someone lets people join; for moderators and above. */
export async function invitesPage(c: PageContext) {
  const { account } = requireModerator(c)
  const { visit } = c.var
  const { signUp: words } = visit.words
  const invites = await listInvites(visit.app.db, account.id, { limit: pageLength, maxId: olderThan(c) })
  return renderPage(c, {
    title: words.invitesTitle,
    children: (
      <>
        <SettingHead title={words.invitesTitle} visit={visit} />
        {visit.app.config.registrations === 'closed' && <p class="notice">{words.invitesClosed}</p>}
        <InviteForm visit={visit} />
        {invites.length === 0 && <p class="empty">{words.noInvites}</p>}
        <ul class="let-in">
          {invites.map((invite) => (
            <li>
              <Invitation invite={invite} visit={visit} />
            </li>
          ))}
        </ul>
        <Paging visit={visit} cursors={invites.map(({ id }) => id)} />
      </>
    ),
  })
}

const InviteForm = ({ visit }: { visit: Visit }) => {
  const { signUp: words } = visit.words
  return (
    <form class="setting-form" method="post" action={path}>
      <Hidden visit={visit} back={path} />
      <div class="field">
        <label for="uses">{words.uses}</label>
        <select id="uses" name="uses">
          {uses.map((number) => (
            <option value={number}>{number === 'any' ? words.anyNumber : number}</option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="lifetime">{words.lifetime}</label>
        <select id="lifetime" name="lifetime">
          {lifetimes.map((lifetime) => (
            <option value={lifetime}>{words.lifetimes[lifetime]}</option>
          ))}
        </select>
      </div>
      <button type="submit" class="button primary">
        {words.invite}
      </button>
    </form>
  )
}

const Invitation = ({ invite, visit }: { invite: Invite; visit: Visit }) => {
  const { signUp: words } = visit.words
  const address = inviteAddress(visit.app, invite)
  return (
    <>
      <p>
        <a href={address}>{address}</a>
      </p>
      <p class="hint">
        {words.used(invite.uses, invite.max_uses)}
        {invite.expires_at && (
          <>
            {' · '}
            {words.until} <Time at={invite.expires_at} visit={visit} isAbsolute />
          </>
        )}
      </p>
      <form method="post" action={`${path}/${invite.id}/remove`}>
        <Hidden visit={visit} back={path} />
        <button type="submit" class="button small" aria-label={`${visit.words.settings.remove}: ${address}`}>
          {visit.words.settings.remove}
        </button>
      </form>
    </>
  )
}

export async function makeInvite(c: PageContext) {
  const { account } = requireModerator(c)
  const { visit, form } = c.var
  const number = choiceOf(form, 'uses', uses)
  await createInvite(visit.app, account.id, {
    maxUses: number === 'any' ? null : Number(number),
    lifetimeMs: lifetimeMs[choiceOf(form, 'lifetime', lifetimes)],
  })
  return c.redirect(path, 303)
}

export async function dropInvite(c: PageContext) {
  const { account } = requireModerator(c)
  await deleteInvite(c.var.visit.app.db, account.id, idParam(c))
  return c.redirect(path, 303)
}
