import { defaultAvatarPath, defaultHeaderPath } from '#src/accounts/default-pictures.ts'
import type { App } from '#src/app.ts'
import { escapeHtml, htmlToPlainText } from '#src/base/html.ts'
import type { Account } from '#src/db/accounts.ts'
import type { CustomEmoji, ProfileField, Role } from '#src/db/tables.ts'
import type { User } from '#src/db/users.ts'
import { toMastodonVisibility } from './visibility.ts'

/** What entities need to make addresses. */
export type Server = Pick<App, 'publicUrl' | 'uris' | 'storage' | 'remoteFiles' | 'clock'>

/** https://docs.joinmastodon.org/entities/Account/ */
export function toAccount(server: Server, account: Account) {
  const avatar = pictureUrl(server, {
    key: account.avatar_key,
    remoteUrl: account.avatar_remote_url,
    variant: 'avatar',
    fallback: defaultAvatarPath,
  })
  const header = pictureUrl(server, {
    key: account.header_key,
    remoteUrl: account.header_remote_url,
    variant: 'original',
    fallback: defaultHeaderPath,
  })
  return {
    id: account.id,
    username: account.username,
    acct: acctOf(account),
    display_name: account.name,
    locked: account.is_locked,
    bot: isBot(account),
    discoverable: account.is_discoverable,
    indexable: account.is_indexable,
    group: account.kind === 'Group',
    noindex: !account.is_indexable,
    created_at: account.created_at.toISOString(),
    note: account.bio_html,
    url: account.url,
    uri: account.uri,
    avatar,
    avatar_static: avatar,
    header,
    header_static: header,
    followers_count: account.followers_count,
    following_count: account.following_count,
    statuses_count: account.notes_count,
    last_status_at: account.last_note_at?.toISOString().slice(0, 10) ?? null,
    hide_collections: false,
    emojis: account.emojis.map((emoji) => toCustomEmoji(server, emoji)),
    roles: [],
    fields: account.fields.map((field) => toField(account, field)),
  }
}

export function isBot({ kind }: Pick<Account, 'kind'>): boolean {
  return kind === 'Service' || kind === 'Application'
}

type Credentials = { account: Account; user: User; followRequestsCount: number }

/** https://docs.joinmastodon.org/entities/Account/#CredentialAccount, and what we let people set beyond it. */
export function toCredentialAccount(server: Server, { account, user, followRequestsCount }: Credentials) {
  return {
    ...toAccount(server, account),
    source: {
      privacy: toMastodonVisibility[user.default_visibility],
      sensitive: user.default_is_sensitive,
      language: user.default_language,
      quote_policy: user.default_quote_policy,
      note: account.bio_text ?? '',
      fields: account.fields.map(({ name, value, verifiedAt }) => ({ name, value, verified_at: verifiedAt })),
      follow_requests_count: followRequestsCount,
      hide_collections: false,
      discoverable: account.is_discoverable,
      indexable: account.is_indexable,
      attribution_domains: [],
    },
    role: toRole(user.role),
    pinxit: { ai_display: user.ai_display },
  }
}

const roleNames: Record<Role, string> = { user: '', moderator: 'Moderator', admin: 'Admin', owner: 'Owner' }
const roleIds: Record<Role, string> = { user: '-99', moderator: '1', admin: '2', owner: '3' }

// No permission of Mastodon's admin API is claimed: apps would offer what is not there.
function toRole(role: Role) {
  return {
    id: roleIds[role],
    name: roleNames[role],
    color: '',
    permissions: '0',
    highlighted: false,
  }
}

/** `alice` for people of this server, `alice@example.com` for the others. */
export function acctOf({ username, domain }: Pick<Account, 'username' | 'domain'>): string {
  return domain === null ? username : `${username}@${domain}`
}

export function toCustomEmoji({ remoteFiles }: Pick<Server, 'remoteFiles'>, emoji: CustomEmoji) {
  const url = remoteFiles.urlOf(emoji.url, 'emoji')
  return { shortcode: emoji.shortcode, url, static_url: url, visible_in_picker: false }
}

type Pictured = {
  key: string | null
  remoteUrl: string | null
  variant: 'avatar' | 'original'
  fallback: string
}

function pictureUrl(
  { publicUrl, storage, remoteFiles }: Server,
  { key, remoteUrl, variant, fallback }: Pictured,
): string {
  if (key !== null) return storage.urlOf(key)
  return remoteUrl === null ? `${publicUrl}${fallback}` : remoteFiles.urlOf(remoteUrl, variant)
}

// What people of this server typed is text, what other servers sent is HTML.
function toField({ domain }: Account, { name, value, verifiedAt }: ProfileField) {
  const html = domain === null ? fieldHtml(value) : value
  const shownName = domain === null ? name : htmlToPlainText(name)
  return { name: shownName, value: html, verified_at: verifiedAt }
}

function fieldHtml(text: string): string {
  const escaped = escapeHtml(text)
  if (!/^https?:\/\/\S+$/.test(text)) return escaped
  return `<a href="${escaped}" rel="me nofollow noopener noreferrer" target="_blank">${escaped}</a>`
}
