import type { Insertable } from 'kysely'
import { withKeptMarks } from '#src/accounts/verified-fields.ts'
import { escapeHtml, sanitizeHtml } from '#src/base/html.ts'
import type { Uris } from '#src/base/uris.ts'
import type { Account } from '#src/db/accounts.ts'
import type { AccountKind, AccountsTable, ProfileField } from '#src/db/tables.ts'
import {
  as,
  booleanOf,
  dateOf,
  hasType,
  idOf,
  idsOf,
  linksOf,
  type Node,
  nodesOf,
  schema,
  textOf,
  toot,
  typeOf,
} from '../remote/linked-data.ts'
import { isSameOrigin } from '../trust.ts'
import { addressesOf, onlyAddressOf, undefinedTerm } from './addresses.ts'
import { emojisFrom, toEmoji } from './emoji.ts'
import { imageUrlFrom, toImage } from './media.ts'
import { actorContext, type JsonObject, timestamp } from './vocabulary.ts'

/** What of this server goes into its documents. */
export type Server = {
  uris: Uris
  handleHost: string
  urlOfMedia: (key: string) => string
}

/** The public halves as peers read them: PEM (SPKI) for RSA, a Multikey for Ed25519. */
export type PublicKeys = { rsaPem: string; ed25519Multibase: string | undefined }

/** The whole actor document. Pixelfed and Mastodon want properties empty rather than absent. */
export function toActor(account: Account, keys: PublicKeys, server: Server): JsonObject {
  const { uris, urlOfMedia } = server
  const icon = toImage(account.avatar_key, urlOfMedia)
  const image = toImage(account.header_key, urlOfMedia)
  return {
    '@context': actorContext,
    id: account.uri,
    type: account.kind,
    ...collectionsOf(account.id, uris),
    endpoints: { sharedInbox: uris.sharedInbox },
    preferredUsername: account.username,
    webfinger: `${account.username}@${server.handleHost}`,
    name: account.name || account.username,
    summary: account.bio_html,
    url: account.url,
    manuallyApprovesFollowers: account.is_locked,
    discoverable: account.is_discoverable,
    indexable: account.is_indexable,
    published: timestamp(account.created_at),
    alsoKnownAs: account.also_known_as,
    ...(account.moved_to_uri !== null && { movedTo: account.moved_to_uri }),
    ...toGenerator(account),
    tag: account.emojis.map((emoji) => toEmoji(emoji, uris)),
    attachment: account.fields.map(toPropertyValue),
    ...(icon && { icon }),
    ...(image && { image }),
    ...toKeys(account, keys, uris),
  }
}

function collectionsOf(id: string, uris: Uris): JsonObject {
  return {
    inbox: uris.inbox(id),
    outbox: uris.outbox(id),
    followers: uris.followers(id),
    following: uris.following(id),
    featured: uris.featured(id),
    featuredTags: uris.featuredTags(id),
  }
}

/** Standards whose support another server cannot tell from what it sees (FEP-844e). */
const capabilities = [
  { href: 'https://www.w3.org/TR/activitypub/', name: 'ActivityPub' },
  { href: 'https://datatracker.ietf.org/doc/html/rfc9421', name: 'RFC-9421: HTTP Message Signatures' },
]

/** The server's own actor is the application; everyone else's documents are made by it. */
function toGenerator({ kind }: Account): JsonObject {
  return kind === 'Application'
    ? { implements: capabilities }
    : { generator: { type: 'Application', name: 'Pinxit', implements: capabilities } }
}

function toKeys({ id, uri }: Account, { rsaPem, ed25519Multibase }: PublicKeys, uris: Uris): JsonObject {
  const assertionMethod = ed25519Multibase
    ? [{ id: uris.ed25519Key(id), type: 'Multikey', controller: uri, publicKeyMultibase: ed25519Multibase }]
    : []
  return {
    publicKey: { id: uris.rsaKey(id), owner: uri, publicKeyPem: rsaPem },
    assertionMethod,
  }
}

const linkPattern = /^https?:\/\/\S+$/

function toPropertyValue({ name, value }: ProfileField): JsonObject {
  const text = escapeHtml(value)
  const isLink = linkPattern.test(value)
  return {
    type: 'PropertyValue',
    name,
    value: isLink
      ? `<a href="${text}" rel="me nofollow noopener noreferrer" target="_blank">${text}</a>`
      : text,
  }
}

/** What another server says of an account, but for the domain of its handle, which takes asking. */
export type IncomingAccount = Omit<Insertable<AccountsTable>, 'domain'> & {
  uri: string
  username: string
  /** The handle the actor claims (FEP-2c59), unverified. */
  claimedHandle: string | undefined
}

const actorKinds: readonly AccountKind[] = ['Person', 'Service', 'Group', 'Organization', 'Application']
// Wider than Mastodon's by `~` and a leading or final `-`, for the names that Bridgy Fed passes on.
const usernamePattern = /^[a-z0-9_~-]+(?:[a-z0-9_.~-]*[a-z0-9_~-])?$/i
const longest = { username: 100, name: 200, bio: 20_000, fieldName: 255, fieldValue: 2_000 }
const maxFields = 16
const maxAliases = 10

/**
 * Undefined for what is no actor, and for one whose name nobody could mention.
 * @param before the fields as they are known, whose marks stay as long as they say the same
 */
export function accountFrom(
  node: Node,
  now: Date,
  before: readonly ProfileField[] = [],
): IncomingAccount | undefined {
  const uri = idOf(node)
  const kind = typeOf(node, actorKinds)
  const username = textOf(node, as('preferredUsername'))
  const [inbox] = idsOf(node, 'http://www.w3.org/ns/ldp#inbox')
  if (!uri || !kind || !inbox || !username || username.length > longest.username) return undefined
  if (!usernamePattern.test(username)) return undefined
  const published = dateOf(node, as('published'))
  return {
    uri,
    username,
    kind,
    url: linksOf(node, as('url')).find(({ href }) => isSameOrigin(href, uri))?.href ?? uri,
    name: withoutDirection(textOf(node, as('name')) ?? '').slice(0, longest.name),
    bio_html: sanitizeHtml((textOf(node, as('summary')) ?? '').slice(0, longest.bio)),
    fields: JSON.stringify(withKeptMarks(fieldsFrom(node), before)),
    emojis: JSON.stringify(emojisFrom(node)),
    avatar_remote_url: imageUrlFrom(node, 'icon'),
    header_remote_url: imageUrlFrom(node, 'image'),
    is_locked: booleanOf(node, as('manuallyApprovesFollowers')) ?? false,
    is_discoverable: booleanOf(node, toot('discoverable')) ?? false,
    is_indexable: booleanOf(node, toot('indexable')) ?? false,
    ...addressesFrom(node, inbox),
    ...(published && published < now && { created_at: published }),
    claimedHandle: textOf(node, 'https://purl.archive.org/socialweb/webfinger#webfinger'),
  }
}

function addressesFrom(node: Node, inbox: string) {
  const [endpoints] = nodesOf(node, as('endpoints'))
  return {
    inbox_uri: inbox,
    shared_inbox_uri: (endpoints && idsOf(endpoints, as('sharedInbox'))[0]) ?? null,
    outbox_uri: idsOf(node, as('outbox'))[0] ?? null,
    followers_uri: idsOf(node, as('followers'))[0] ?? null,
    following_uri: idsOf(node, as('following'))[0] ?? null,
    featured_uri: addressesOf(node, toot('featured'))[0] ?? null,
    featured_tags_uri: addressesOf(node, toot('featuredTags'))[0] ?? null,
    also_known_as: addressesOf(node, as('alsoKnownAs')).slice(0, maxAliases),
    // Misskey's context does not define it.
    moved_to_uri: onlyAddressOf(node, as('movedTo'), undefinedTerm('movedTo')) ?? null,
  }
}

function fieldsFrom(node: Node): ProfileField[] {
  return nodesOf(node, as('attachment'))
    .filter((field) => hasType(field, ...schema('PropertyValue')))
    .slice(0, maxFields)
    .map((field) => ({
      name: withoutDirection(textOf(field, as('name')) ?? '').slice(0, longest.fieldName),
      value: sanitizeHtml((textOf(field, schema('value')) ?? '').slice(0, longest.fieldValue)),
      verifiedAt: null,
    }))
}

/** Marks that turn the direction of writing could make a name read as another's. */
function withoutDirection(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u200b\ufeff]/g, '').trim()
}
