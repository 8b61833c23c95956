import { getCookie } from 'hono/cookie'
import { endAuthorization } from '#src/auth/authorized-apps.ts'
import { describeScope } from '#src/auth/scope-words.ts'
import { type OwnSession, readSessions, sessionCookie } from '#src/auth/sessions.ts'
import { type AuthorizedApp, listAuthorizedApps } from '#src/db/authorized-apps.ts'
import { deleteSessionOfUser } from '#src/db/sessions.ts'
import { Paging, pageLength } from '../components/Feed.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { Time } from '../components/Time.tsx'
import { renderPage } from '../layout.tsx'
import { idParam, olderThan, type PageContext, requireViewer, type Visit } from '../session.ts'

const path = '/settings/apps'

/** The apps that may act in someone's name, and the browsers they are signed in with. */
export async function appsPage(c: PageContext) {
  const viewer = requireViewer(c)
  const { visit } = c.var
  const { app, words } = visit
  const [apps, sessions] = await Promise.all([
    listAuthorizedApps(app.db, viewer.account.id, { limit: pageLength, maxId: olderThan(c) }),
    readSessions(app, viewer.userId, getCookie(c, sessionCookie(app).name)),
  ])
  return renderPage(c, {
    title: words.apps.title,
    children: (
      <>
        <SettingHead title={words.apps.title} visit={visit} />
        <section>
          <h2 class="section">{words.apps.apps}</h2>
          {apps.length === 0 && <p class="hint">{words.apps.noApps}</p>}
          <ul class="let-in">
            {apps.map((one) => (
              <li>
                <LetIn one={one} visit={visit} />
              </li>
            ))}
          </ul>
          <Paging visit={visit} cursors={apps.map(({ id }) => id)} />
        </section>
        <section>
          <h2 class="section">{words.apps.browsers}</h2>
          <ul class="let-in">
            {sessions.map((session) => (
              <li>
                <Browser session={session} visit={visit} />
              </li>
            ))}
          </ul>
        </section>
      </>
    ),
  })
}

const LetIn = ({ one, visit }: { one: AuthorizedApp; visit: Visit }) => {
  const { apps: words } = visit.words
  return (
    <>
      <p>
        <strong>
          <bdi>{one.website ? <AppLink name={one.name} website={one.website} /> : one.name}</bdi>
        </strong>
      </p>
      <ul>
        {one.scopes.map((scope) => (
          <li>
            {describeScope(visit.language, scope)} <code>{scope}</code>
          </li>
        ))}
      </ul>
      <p class="hint">
        {words.since} <Time at={one.authorizedAt} visit={visit} /> ·{' '}
        {one.lastUsedAt ? (
          <>
            {words.lastUsed} <Time at={one.lastUsedAt} visit={visit} />
          </>
        ) : (
          words.neverUsed
        )}
      </p>
      <form method="post" action={`${path}/${one.id}/revoke`}>
        <Hidden visit={visit} back={path} />
        <button type="submit" class="button small" aria-label={words.revokeFrom(one.name)}>
          {words.revoke}
        </button>
      </form>
    </>
  )
}

const AppLink = ({ name, website }: { name: string; website: string }) => (
  <a href={website} rel="noopener noreferrer nofollow">
    {name}
  </a>
)

const Browser = ({ session, visit }: { session: OwnSession; visit: Visit }) => {
  const { apps: words } = visit.words
  const name = session.userAgent || words.unknownBrowser
  return (
    <>
      {session.isThisOne && (
        <p>
          <strong>{words.thisBrowser}</strong>
        </p>
      )}
      <p>
        <bdi>{name}</bdi>
      </p>
      <p class="hint">
        {words.signedIn} <Time at={session.createdAt} visit={visit} />
      </p>
      {!session.isThisOne && (
        <form method="post" action={`${path}/browsers/${session.id}/end`}>
          <Hidden visit={visit} back={path} />
          <button type="submit" class="button small" aria-label={words.endOf(name)}>
            {words.end}
          </button>
        </form>
      )}
    </>
  )
}

export async function revokeApp(c: PageContext) {
  const { account } = requireViewer(c)
  await endAuthorization(c.var.visit.app, account.id, idParam(c))
  return c.redirect(path, 303)
}

export async function endBrowser(c: PageContext) {
  const { userId } = requireViewer(c)
  await deleteSessionOfUser(c.var.visit.app.db, userId, idParam(c))
  return c.redirect(path, 303)
}
