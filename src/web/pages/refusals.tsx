import { isAppError } from '#src/base/errors.ts'
import type { Account } from '#src/db/accounts.ts'
import { listBlocked } from '#src/db/blocks.ts'
import { listMuted } from '#src/db/mutes.ts'
import { listPersonDomainBlocks } from '#src/db/person-domain-blocks.ts'
import { blockAccount, unblockAccount } from '#src/relationships/block.ts'
import { blockDomainFor, unblockDomainFor } from '#src/relationships/domain-block.ts'
import { removeFollower } from '#src/relationships/end-follow.ts'
import { muteAccount, unmuteAccount } from '#src/relationships/mute.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { AccountLine } from '../components/Names.tsx'
import { muteSeconds } from '../components/ProfileMenu.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { Time } from '../components/Time.tsx'
import { goBack, textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { idParam, type PageContext, requireViewer, type Visit } from '../session.ts'

const path = '/settings/blocks'
const mostShown = 500

const deeds = {
  block: blockAccount,
  unblock: unblockAccount,
  unmute: unmuteAccount,
  'remove-follower': removeFollower,
} satisfies Record<string, typeof blockAccount>

/** The handler of a form that does one of these to an account. */
export const doTo = (deed: keyof typeof deeds) => async (c: PageContext) => {
  await deeds[deed](c.var.visit.app, requireViewer(c).account.id, idParam(c))
  return goBack(c)
}

export async function mute(c: PageContext) {
  const { account } = requireViewer(c)
  const { visit, form } = c.var
  const asked = Number(textOf(form, 'duration'))
  await muteAccount(visit.app, account.id, idParam(c), {
    hidesNotifications: form.has('notifications'),
    durationSeconds: Object.values(muteSeconds).find((seconds) => seconds === asked) ?? 0,
  })
  return goBack(c)
}

export async function blockDomain(c: PageContext) {
  const { account } = requireViewer(c)
  try {
    await blockDomainFor(c.var.visit.app, account.id, textOf(c.var.form, 'domain'))
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    return showRefusals(c, textOf(c.var.form, 'domain'))
  }
  return goBack(c, path)
}

export async function unblockDomain(c: PageContext) {
  const { account } = requireViewer(c)
  await unblockDomainFor(c.var.visit.app, account.id, textOf(c.var.form, 'domain'))
  return goBack(c, path)
}

/** Whom and what someone refuses, each with the way back. */
export const refusalsPage = (c: PageContext) => showRefusals(c)

/** @param wrongDomain what was typed and is none */
async function showRefusals(c: PageContext, wrongDomain?: string) {
  const { account } = requireViewer(c)
  const { visit } = c.var
  const { db } = visit.app
  const { refusals: words } = visit.words
  const page = { limit: mostShown }
  const [blocked, muted, domains] = await Promise.all([
    listBlocked(db, account.id, page),
    listMuted(db, account.id, page),
    listPersonDomainBlocks(db, account.id, page),
  ])
  return renderPage(c, {
    title: words.title,
    status: wrongDomain === undefined ? 200 : 422,
    children: (
      <>
        <SettingHead title={words.title} visit={visit} />
        <section class="refused">
          <h2 class="section">{words.blockedPeople}</h2>
          {blocked.length === 0 && <p class="hint">{words.nobody}</p>}
          {blocked.map((one) => (
            <Refused account={one} action="unblock" label={words.unblock} visit={visit} />
          ))}
        </section>
        <section class="refused">
          <h2 class="section">{words.mutedPeople}</h2>
          {muted.length === 0 && <p class="hint">{words.nobody}</p>}
          {muted.map((one) => (
            <Refused
              account={one}
              action="unmute"
              label={words.unmute}
              visit={visit}
              until={one.mute_expires_at}
            />
          ))}
        </section>
        <Domains domains={domains} visit={visit} wrongDomain={wrongDomain} />
      </>
    ),
  })
}

type RefusedProps = {
  account: Account
  action: 'unblock' | 'unmute'
  label: string
  visit: Visit
  until?: Date | null
}

const Refused = ({ account, action, label, visit, until }: RefusedProps) => (
  <AccountLine account={account} visit={visit}>
    {until && (
      <span class="hint">
        {visit.words.refusals.until} <Time at={until} visit={visit} isAbsolute />
      </span>
    )}
    <form method="post" action={`/accounts/${account.id}/${action}`}>
      <Hidden visit={visit} back={path} />
      <button type="submit" class="button small">
        {label}
      </button>
    </form>
  </AccountLine>
)

type DomainsProps = { domains: { domain: string }[]; visit: Visit; wrongDomain: string | undefined }

const Domains = ({ domains, visit, wrongDomain }: DomainsProps) => {
  const { refusals: words } = visit.words
  const isWrong = wrongDomain !== undefined
  return (
    <section class="refused">
      <h2 class="section">{words.blockedDomains}</h2>
      {domains.length === 0 && <p class="hint">{words.noDomain}</p>}
      {domains.map(({ domain }) => (
        <form class="refused-domain" method="post" action="/domain-blocks/remove">
          <Hidden visit={visit} back={path} />
          <input type="hidden" name="domain" value={domain} />
          <bdi>{domain}</bdi>
          <button type="submit" class="button small" aria-label={words.unblockDomain(domain)}>
            {words.unblock}
          </button>
        </form>
      ))}
      <form class="setting-form" method="post" action="/domain-blocks">
        <Hidden visit={visit} back={path} />
        <Fault text={isWrong ? words.domainInvalid : undefined} />
        <div class="field">
          <label for="domain">{words.domain}</label>
          <input
            id="domain"
            name="domain"
            value={wrongDomain ?? ''}
            placeholder="social.example"
            maxlength={253}
            required
            autocapitalize="none"
            spellcheck={false}
            aria-invalid={isWrong ? 'true' : undefined}
          />
          <p class="hint">{words.blockDomainLead}</p>
        </div>
        <button type="submit" class="button">
          {words.block}
        </button>
      </form>
    </section>
  )
}
