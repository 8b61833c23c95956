import type { Account } from '#src/db/accounts.ts'
import type { Refusals } from '#src/db/refusals.ts'
import type { Visit } from '../session.ts'
import { Hidden } from './Hidden.tsx'
import { Icon } from './Icon.tsx'
import { displayName } from './Names.tsx'

type Props = {
  account: Account
  visit: Visit
  /** Undefined where nothing lies between the two. */
  refusals: Refusals | undefined
  isFollower: boolean
}

/** What one can do about someone one would rather not meet. */
export const ProfileMenu = ({ account, visit, refusals, isFollower }: Props) => {
  const { refusals: words, reports } = visit.words
  const { id, domain } = account
  return (
    <details class="menu profile-menu">
      <summary aria-label={words.menu(displayName(account))}>
        <Icon name="more" />
      </summary>
      <div class="menu-items">
        {refusals?.muting ? (
          <Deed action={`/accounts/${id}/unmute`} visit={visit} label={words.unmute} />
        ) : (
          <MuteForm account={account} visit={visit} />
        )}
        {isFollower && (
          <Deed action={`/accounts/${id}/remove-follower`} visit={visit} label={words.removeFollower} />
        )}
        {refusals?.blocking ? (
          <Deed action={`/accounts/${id}/unblock`} visit={visit} label={words.unblock} />
        ) : (
          <Deed action={`/accounts/${id}/block`} visit={visit} label={words.block} hint={words.blockLead} />
        )}
        {domain !== null && (
          <DomainDeed domain={domain} isBlocked={refusals?.domain_blocking} visit={visit} />
        )}
        <p>
          <a class="button" href={`/report?account=${id}`}>
            {reports.report}
          </a>
        </p>
      </div>
    </details>
  )
}

type DeedProps = { action: string; visit: Visit; label: string; hint?: string; children?: unknown }

const Deed = ({ action, visit, label, hint, children }: DeedProps) => (
  <form method="post" action={action}>
    <Hidden visit={visit} />
    {hint && <p class="hint">{hint}</p>}
    {children}
    <button type="submit" class="button">
      {label}
    </button>
  </form>
)

type DomainProps = { domain: string; isBlocked: boolean | undefined; visit: Visit }

const DomainDeed = ({ domain, isBlocked, visit }: DomainProps) => {
  const { refusals: words } = visit.words
  const field = <input type="hidden" name="domain" value={domain} />
  return isBlocked ? (
    <Deed action="/domain-blocks/remove" visit={visit} label={words.unblockDomain(domain)}>
      {field}
    </Deed>
  ) : (
    <Deed
      action="/domain-blocks"
      visit={visit}
      label={words.blockDomain(domain)}
      hint={words.blockDomainLead}
    >
      {field}
    </Deed>
  )
}

/** In seconds; zero for until further notice. */
export const muteSeconds = { forever: 0, hour: 3_600, day: 86_400, week: 604_800 } as const

const muteNames = ['forever', 'hour', 'day', 'week'] as const

const MuteForm = ({ account, visit }: { account: Account; visit: Visit }) => {
  const { refusals: words } = visit.words
  return (
    <Deed action={`/accounts/${account.id}/mute`} visit={visit} label={words.mute} hint={words.muteLead}>
      <div class="field">
        <label for="mute-duration">{words.muteFor}</label>
        <select id="mute-duration" name="duration">
          {muteNames.map((name) => (
            <option value={String(muteSeconds[name])}>{words.durations[name]}</option>
          ))}
        </select>
      </div>
      <label class="check">
        <input type="checkbox" name="notifications" value="1" checked />
        {words.hidesNotifications}
      </label>
    </Deed>
  )
}
