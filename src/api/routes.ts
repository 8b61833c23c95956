import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { type Env, refuseFaultyToken } from './bearer.ts'
import { defaultPictureRoutes } from './default-pictures.ts'
import { notFoundHandler } from './errors.ts'
import { createApiFrame } from './frame.ts'
import { accountRoutes } from './mastodon/accounts.ts'
import { announcementRoutes } from './mastodon/announcements.ts'
import { appRoutes } from './mastodon/apps.ts'
import { blockRoutes, domainBlockRoutes, muteRoutes } from './mastodon/blocks.ts'
import { bookmarkRoutes } from './mastodon/bookmarks.ts'
import { conversationRoutes } from './mastodon/conversations.ts'
import { customEmojiRoutes } from './mastodon/custom-emojis.ts'
import { directoryRoutes } from './mastodon/directory.ts'
import { emailRoutes } from './mastodon/emails.ts'
import { endorsementRoutes } from './mastodon/endorsements.ts'
import { favouriteRoutes } from './mastodon/favourites.ts'
import { featuredTagRoutes } from './mastodon/featured-tags.ts'
import { filterRoutes } from './mastodon/filters.ts'
import { followRequestRoutes } from './mastodon/follow-requests.ts'
import { groupedNotificationRoutes } from './mastodon/grouped-notifications.ts'
import { instanceRoutes } from './mastodon/instance.ts'
import { listRoutes } from './mastodon/lists.ts'
import { markerRoutes } from './mastodon/markers.ts'
import { mediaRoutes } from './mastodon/media.ts'
import { notificationRoutes } from './mastodon/notifications.ts'
import { oembedRoutes } from './mastodon/oembed.ts'
import { pollRoutes } from './mastodon/polls.ts'
import { preferenceRoutes } from './mastodon/preferences.ts'
import { profileRoutes } from './mastodon/profile.ts'
import { reactionRoutes } from './mastodon/reactions.ts'
import { reportRoutes } from './mastodon/reports.ts'
import { scheduledStatusRoutes } from './mastodon/scheduled-statuses.ts'
import { searchRoutes } from './mastodon/search.ts'
import { signUpRoutes } from './mastodon/sign-up.ts'
import { singleFilterRoutes } from './mastodon/single-filters.ts'
import { statusRoutes } from './mastodon/statuses.ts'
import { suggestionRoutes, suggestionV2Routes } from './mastodon/suggestions.ts'
import { followedTagRoutes, tagRoutes } from './mastodon/tags.ts'
import { timelineRoutes } from './mastodon/timelines.ts'
import { trendRoutes } from './mastodon/trends.ts'
import { oauthMetadataRoutes, oauthRoutes } from './oauth.ts'
import { pinxitRoutes } from './pinxit/routes.ts'
import { streamingRoutes } from './streaming/routes.ts'
import type { Streaming } from './streaming/streaming.ts'

/** The client API, OAuth and our own endpoints. */
export function apiRoutes(app: App, streaming: Streaming) {
  return new Hono({ strict: false })
    .route('/.well-known/oauth-authorization-server', oauthMetadataRoutes(app))
    .route('/oauth', oauthRoutes(app))
    .route('/api/pinxit/v1', pinxitRoutes(app))
    .route('/api', mastodonRoutes(app, streaming))
    .route('/', defaultPictureRoutes())
}

/** https://docs.joinmastodon.org/methods/, page by page. */
function mastodonRoutes(app: App, streaming: Streaming) {
  return (
    createApiFrame(app)
      // An app whose token ended must still find out where it is and register anew.
      .route('/v1/apps', appRoutes(app))
      .route('/', instanceRoutes(app))
      // Whoever signed up and may not come in yet has a token that opens this alone.
      .route('/v1/emails', emailRoutes(app))
      .route('/oembed', oembedRoutes(app))
      .route('/v1/streaming', streamingRoutes(streaming))
      .route('/', behindTokens(app))
      .all('*', notFoundHandler)
  )
}

function behindTokens(app: App) {
  return new Hono<Env>()
    .use('*', refuseFaultyToken)
    .route('/v1/accounts', signUpRoutes(app))
    .route('/v1/accounts', accountRoutes(app))
    .route('/v1/announcements', announcementRoutes(app))
    .route('/v1/blocks', blockRoutes(app))
    .route('/v1/bookmarks', bookmarkRoutes(app))
    .route('/v1/conversations', conversationRoutes(app))
    .route('/v1/directory', directoryRoutes(app))
    .route('/v1/domain_blocks', domainBlockRoutes(app))
    .route('/v1/endorsements', endorsementRoutes(app))
    .route('/v1/favourites', favouriteRoutes(app))
    .route('/v1/featured_tags', featuredTagRoutes(app))
    .route('/v1/filters', singleFilterRoutes(app))
    .route('/v2/filters', filterRoutes(app))
    .route('/v1/follow_requests', followRequestRoutes(app))
    .route('/v1/followed_tags', followedTagRoutes(app))
    .route('/v1/lists', listRoutes(app))
    .route('/v1/markers', markerRoutes(app))
    .route('/v1/media', mediaRoutes(app))
    .route('/v2/media', mediaRoutes(app))
    .route('/v1/mutes', muteRoutes(app))
    .route('/v1/notifications', notificationRoutes(app))
    .route('/v2/notifications', groupedNotificationRoutes(app))
    .route('/v1/polls', pollRoutes(app))
    .route('/v1/preferences', preferenceRoutes(app))
    .route('/v1/profile', profileRoutes(app))
    .route('/v1/reports', reportRoutes(app))
    .route('/v1/scheduled_statuses', scheduledStatusRoutes(app))
    .route('/v2/search', searchRoutes(app))
    .route('/v1/custom_emojis', customEmojiRoutes(app))
    .route('/v1/pleroma/statuses', reactionRoutes(app))
    .route('/v1/statuses', statusRoutes(app))
    .route('/v1/suggestions', suggestionRoutes(app))
    .route('/v2/suggestions', suggestionV2Routes(app))
    .route('/v1/tags', tagRoutes(app))
    .route('/v1/timelines', timelineRoutes(app))
    .route('/v1/trends', trendRoutes(app))
}
