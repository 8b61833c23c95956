import type { App } from '#src/app.ts'
import { isAppError } from '#src/base/errors.ts'
import { type BlueskyBridge, findBridge } from '#src/db/bluesky.ts'
import {
  askBridge,
  blueskyHandleOf,
  checkGates,
  endBridge,
  type GateCheck,
} from '#src/relationships/bluesky.ts'
import { BlueskyLink } from '../components/Bluesky.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { renderPage } from '../layout.tsx'
import { type PageContext, requireViewer, type Visit } from '../session.ts'

/** Where someone has their notes carried over to Bluesky, or no longer. */
export const blueskyPage = (c: PageContext) => showBluesky(c, 200)

async function showBluesky(c: PageContext, status: 200 | 422) {
  const { visit } = c.var
  const { account } = requireViewer(c)
  const { app, words } = visit
  const { bluesky } = words
  const bridge = await findBridge(app.db, account.id)
  const checks = checkGates(account, app.clock.now())
  const isWaiting = bridge?.state === 'asked'
  const isThere = isWaiting || bridge?.state === 'active'
  return renderPage(c, {
    title: bluesky.title,
    status,
    refreshSeconds: isWaiting ? 30 : undefined,
    children: (
      <>
        <SettingHead title={bluesky.title} visit={visit} />
        <div class="prose">
          <p>{bluesky.what}</p>
          <p>{bluesky.limits}</p>
          <div role="status">{bridge && <State bridge={bridge} visit={visit} />}</div>
        </div>
        {!isThere && <Gates checks={checks} visit={visit} />}
        {isThere ? (
          <EndForm visit={visit} />
        ) : (
          <StartForm
            visit={visit}
            canStart={checks.every(({ isOpen }) => isOpen)}
            isAgain={bridge !== undefined}
          >
            <p class="hint">
              {bluesky.yourName} <strong>{`@${handleThere(app, account.username)}`}</strong>
            </p>
          </StartForm>
        )}
      </>
    ),
  })
}

const handleThere = (app: App, username: string): string => blueskyHandleOf(username, app.handleHost)

const State = ({ bridge, visit }: { bridge: BlueskyBridge; visit: Visit }) => {
  const { bluesky } = visit.words
  switch (bridge.state) {
    case 'asked':
      return <p class="notice">{bluesky.asked}</p>
    case 'active':
      return (
        <p class="notice">
          {bluesky.active}{' '}
          {bridge.handle && <BlueskyLink handle={bridge.handle}>{`@${bridge.handle}`}</BlueskyLink>}
        </p>
      )
    case 'ended':
      return <p class="notice">{bluesky.ended}</p>
    case 'refused':
      return (
        <p class="fault" role="alert">
          {bridge.reason ? (
            <>
              {bluesky.refused} <bdi lang="en">{bridge.reason}</bdi>
            </>
          ) : (
            bluesky.noAnswer
          )}
        </p>
      )
  }
}

const Gates = ({ checks, visit }: { checks: GateCheck[]; visit: Visit }) => {
  const { bluesky } = visit.words
  return (
    <section aria-labelledby="gates">
      <h2 id="gates" class="section">
        {bluesky.gates}
      </h2>
      <ul class="gates">
        {checks.map(({ gate, isOpen }) => (
          <li>
            <span aria-hidden="true">{isOpen ? '✓' : '✗'}</span> {bluesky.gate[gate]}
            <span class="sr-only">: {isOpen ? bluesky.isMet : bluesky.isMissing}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

type StartProps = { visit: Visit; canStart: boolean; isAgain: boolean; children: unknown }

const StartForm = ({ visit, canStart, isAgain, children }: StartProps) => (
  <form class="setting-form" method="post" action="/settings/bluesky/start">
    <Hidden visit={visit} />
    {children}
    <button type="submit" class="button primary" disabled={!canStart}>
      {isAgain ? visit.words.bluesky.again : visit.words.bluesky.start}
    </button>
  </form>
)

const EndForm = ({ visit }: { visit: Visit }) => (
  <form class="setting-form" method="post" action="/settings/bluesky/end">
    <Hidden visit={visit} />
    <p class="hint" id="end-hint">
      {visit.words.bluesky.endHint}
    </p>
    <button type="submit" class="button danger" aria-describedby="end-hint">
      {visit.words.bluesky.end}
    </button>
  </form>
)

export async function startBluesky(c: PageContext) {
  const { account } = requireViewer(c)
  try {
    await askBridge(c.var.visit.app, account)
  } catch (error) {
    // The page says which gate is shut.
    if (isAppError(error) && error.kind === 'invalid') return showBluesky(c, 422)
    throw error
  }
  return c.redirect('/settings/bluesky', 303)
}

export async function endBluesky(c: PageContext) {
  const { account } = requireViewer(c)
  await endBridge(c.var.visit.app, account.id)
  return c.redirect('/settings/bluesky', 303)
}
