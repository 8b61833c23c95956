import { defaultHeaderPath } from '#src/accounts/default-pictures.ts'
import { maxFeaturedTags } from '#src/accounts/featured-tags.ts'
import { profileLimits } from '#src/accounts/profile.ts'
import type { App } from '#src/app.ts'
import type { Account } from '#src/db/accounts.ts'
import { maxAttachments } from '#src/db/media.ts'
import type { Rule } from '#src/db/server-words.ts'
import type { Usage } from '#src/db/usage.ts'
import { PICTURE_MAX_PIXELS, pictureExtensions, UPLOAD_MAX_BYTES } from '#src/media/picture.ts'
import { maxCharacters } from '#src/notes/compose.ts'
import { maxPins } from '#src/notes/pin.ts'
import { pollLimits } from '#src/notes/poll.ts'
import type { ServerWords } from '#src/policies/server-words.ts'
import { longestDescription } from '../media-form.ts'
import { type Server, toAccount } from './account.ts'
import { toRule } from './server-words.ts'

export type InstanceFacts = {
  usage: Usage
  knownDomains: number
  owner: Account | undefined
  words: ServerWords
  rules: readonly Rule[]
  hasTerms: boolean
}

type Host = Server & Pick<App, 'handleHost' | 'config' | 'version'>

// Apps read three dotted numbers as Mastodon's and decide by them what to offer.
const mastodonVersion = '4.5.0'
// Grouped notifications; 3 and more would promise what is newer than 4.3.
const mastodonApiVersion = 2

/** https://docs.joinmastodon.org/entities/Instance/ */
export function toInstance(host: Host, { usage, owner, words, rules, hasTerms }: InstanceFacts) {
  const { publicUrl, config } = host
  return {
    domain: host.handleHost,
    title: words.title,
    version: versionOf(host),
    source_url: `${publicUrl}/about`,
    description: words.description,
    usage: { users: { active_month: usage.activeMonth } },
    thumbnail: { url: `${publicUrl}${defaultHeaderPath}`, blurhash: null, versions: {} },
    icon: [],
    languages: ['en'],
    configuration: {
      urls: {
        streaming: streamingUrl(host),
        about: `${publicUrl}/about`,
        privacy_policy: words.privacy ? `${publicUrl}/privacy` : null,
        terms_of_service: hasTerms ? `${publicUrl}/terms` : null,
      },
      accounts: {
        max_featured_tags: maxFeaturedTags,
        max_pinned_statuses: maxPins,
        max_display_name_length: profileLimits.name,
        max_note_length: profileLimits.bio,
        max_profile_fields: profileLimits.fields,
        profile_field_name_limit: profileLimits.fieldName,
        profile_field_value_limit: profileLimits.fieldValue,
      },
      ...limits(),
      translation: { enabled: false },
      limited_federation: false,
    },
    registrations: {
      enabled: isOpen(config),
      approval_required: config.registrations === 'approval',
      reason_required: config.registrations === 'approval',
      message: null,
      min_age: null,
      url: null,
    },
    api_versions: { mastodon: mastodonApiVersion },
    contact: { email: '', account: owner ? toAccount(host, owner) : null },
    rules: rules.map(toRule),
  }
}

/** https://docs.joinmastodon.org/entities/V1_Instance/ */
export function toV1Instance(host: Host, facts: InstanceFacts) {
  const { publicUrl, config } = host
  const { usage, knownDomains, owner, words, rules } = facts
  return {
    uri: host.handleHost,
    title: words.title,
    short_description: words.description,
    description: words.description,
    email: '',
    version: versionOf(host),
    urls: { streaming_api: streamingUrl(host) },
    stats: { user_count: usage.users, status_count: usage.localNotes, domain_count: knownDomains },
    thumbnail: `${publicUrl}${defaultHeaderPath}`,
    languages: ['en'],
    registrations: isOpen(config),
    approval_required: config.registrations === 'approval',
    invites_enabled: config.registrations !== 'closed',
    configuration: {
      accounts: { max_featured_tags: maxFeaturedTags, max_pinned_statuses: maxPins },
      ...limits(),
    },
    contact_account: owner ? toAccount(host, owner) : null,
    rules: rules.map(toRule),
  }
}

/** Where the WebSocket is; apps put the path behind it themselves. */
function streamingUrl({ publicUrl }: Host): string {
  return publicUrl.replace(/^http/, 'ws')
}

function versionOf({ version }: Host): string {
  return `${mastodonVersion} (compatible; Pinxit ${version})`
}

function isOpen({ registrations }: App['config']): boolean {
  return registrations === 'open' || registrations === 'approval'
}

function limits() {
  return {
    statuses: {
      max_characters: maxCharacters,
      max_media_attachments: maxAttachments,
      characters_reserved_per_url: 23,
    },
    media_attachments: {
      supported_mime_types: Object.keys(pictureExtensions),
      description_limit: longestDescription,
      image_size_limit: UPLOAD_MAX_BYTES,
      image_matrix_limit: PICTURE_MAX_PIXELS,
      // Films are not taken.
      video_size_limit: 0,
      video_frame_rate_limit: 0,
      video_matrix_limit: 0,
    },
    polls: {
      max_options: pollLimits.maxOptions,
      max_characters_per_option: pollLimits.maxOptionCharacters,
      min_expiration: pollLimits.minSeconds,
      max_expiration: pollLimits.maxSeconds,
    },
  }
}
