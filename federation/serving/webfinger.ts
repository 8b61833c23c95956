import { instanceActorUsername } from '#src/accounts/usernames.ts'
import type { App } from '#src/app.ts'
import { type Account, findAccount, findAccountByHandle } from '#src/db/accounts.ts'
import { findInstanceActor } from '#src/db/instance-actor.ts'
import { mediaTypeOfKey } from '#src/media/storage.ts'
import { localAccountId } from '../signatures/keys.ts'
import { activityJson } from './documents.ts'

const headers = {
  'content-type': 'application/jrd+json',
  'access-control-allow-origin': '*',
  'cache-control': 'public, max-age=600',
}

/**
 * WebFinger (RFC 7033) for handles, actors and profile pages. Mastodon asks both ways: by the handle, then by what
 * the actor it found calls itself.
 */
export async function webFingerResponse(app: App, request: Request): Promise<Response> {
  const resource = new URL(request.url).searchParams.get('resource')
  if (!resource) return refuse(400, 'The parameter "resource" is missing')
  const account = await findByResource(app, resource)
  if (!account || account.domain !== null || account.suspended_at) return refuse(404, 'Unknown resource')
  if (account.deleted_at) return refuse(410, 'Gone')
  return new Response(request.method === 'HEAD' ? null : JSON.stringify(toJrd(app, account)), { headers })
}

function refuse(status: number, message: string): Response {
  return new Response(message, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'access-control-allow-origin': '*' },
  })
}

async function findByResource(app: App, resource: string): Promise<Account | undefined> {
  const handle = /^(?:acct:)?@?([^@/]+)@([^@/]+)$/i.exec(resource)
  if (handle) return findByHandle(app, handle[1] ?? '', (handle[2] ?? '').toLowerCase())
  if (resource === app.publicUrl || resource === `${app.publicUrl}/`) return findInstanceActor(app.db)
  const id = localAccountId(app, resource)
  if (id !== undefined) return resource === app.uris.actor(id) ? findAccount(app.db, id) : undefined
  const name = resource.startsWith(`${app.publicUrl}/@`) && resource.slice(app.publicUrl.length + 2)
  return name && !/[/@]/.test(name) ? findByName(app, name) : undefined
}

async function findByHandle(app: App, name: string, host: string): Promise<Account | undefined> {
  const isOurs = host === app.handleHost || host === new URL(app.publicUrl).host
  if (!isOurs) return undefined
  // Peers name the instance actor by the host they know, which may be either.
  if (name.toLowerCase() === instanceActorUsername(host)) return findInstanceActor(app.db)
  return findByName(app, name)
}

async function findByName(app: App, name: string): Promise<Account | undefined> {
  const username = decode(name)
  // Postgres takes no NUL, and no name has one.
  return username.includes('\0') ? undefined : findAccountByHandle(app.db, username, null)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The server's own actor, for who asks for it by the server's address (FEP-d556). */
const toServerLink = ({ uri }: Account) => ({
  rel: 'https://www.w3.org/ns/activitystreams#Service',
  type: activityJson,
  href: uri,
})

/**
 * Where someone from here is sent by another site to follow, like, boost, look or write (FEP-3b86). The pages only show
 * what is meant; it happens when its button is pressed there.
 */
function intentsOf({ publicUrl }: App) {
  const onObject = `${publicUrl}/authorize_interaction?uri={object}`
  const templates = {
    Follow: onObject,
    Like: onObject,
    Announce: onObject,
    Object: onObject,
    Create: `${publicUrl}/compose?text={content}&summary={summary}&in_reply_to={inReplyTo}`,
  }
  return Object.entries(templates).map(([name, template]) => ({
    rel: `https://w3id.org/fep/3b86/${name}`,
    template,
  }))
}

function toJrd(app: App, account: Account) {
  const { uri, url, avatar_key } = account
  return {
    subject: `acct:${account.username}@${app.handleHost}`,
    aliases: [url, uri],
    links: [
      { rel: 'http://webfinger.net/rel/profile-page', type: 'text/html', href: url },
      { rel: 'self', type: activityJson, href: uri },
      {
        rel: 'http://ostatus.org/schema/1.0/subscribe',
        template: `${app.publicUrl}/authorize_interaction?uri={uri}`,
      },
      ...(account.kind === 'Application' ? [toServerLink(account)] : intentsOf(app)),
      ...(avatar_key === null
        ? []
        : [
            {
              rel: 'http://webfinger.net/rel/avatar',
              type: mediaTypeOfKey(avatar_key),
              href: app.storage.urlOf(avatar_key),
            },
          ]),
    ],
  }
}
