import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { answersForStrangers } from '#src/base/answers-for-strangers.ts'
import { loadAssets } from './assets.ts'
import { readForms } from './forms.ts'
import { aboutPage, privacyPage, termsPage } from './pages/about.tsx'
import {
  acceptFollower,
  follow,
  reactToNote,
  rejectFollower,
  removeNote,
  unfollow,
  withdrawFromQuote,
} from './pages/actions.tsx'
import { announcementsPage, dropAnnouncement, saveAnnouncement } from './pages/announcements.tsx'
import { blueskyPage, endBluesky, startBluesky } from './pages/bluesky.tsx'
import { compose, composePage } from './pages/compose.tsx'
import { confirmAddress, confirmPage } from './pages/confirm.tsx'
import { deliveriesPage, settleDeliveries } from './pages/deliveries.tsx'
import { saveEdit } from './pages/edit.tsx'
import { dropEmoji, emojisPage, saveEmoji } from './pages/emojis.tsx'
import { noSuchPage, showError } from './pages/error.tsx'
import { federatedPage, localPage, tagPage } from './pages/feeds.tsx'
import {
  addFilter,
  filterPage,
  filtersPage,
  newFilterPage,
  saveAiDisplay,
  saveFilter,
  takeAwayFilter,
} from './pages/filters.tsx'
import { forgottenPage, resetPage, saveNewPassword, sendResetLink } from './pages/forgotten.tsx'
import { homePage } from './pages/home.tsx'
import { interactPage } from './pages/interact.tsx'
import { dropInvite, invitesPage, makeInvite } from './pages/invites.tsx'
import { lineagePage } from './pages/lineage.tsx'
import { approveNewcomer, newcomersPage, rejectNewcomer } from './pages/newcomers.tsx'
import { noteById, notePage } from './pages/note.tsx'
import { markNotificationsRead, notificationsPage } from './pages/notifications.tsx'
import { becomeOwner, ownerPage } from './pages/owner.tsx'
import { defaultAvatar, favicon } from './pages/pictures.ts'
import { profilePage, profilePictures, profileTagged } from './pages/profile.tsx'
import { toggleReaction } from './pages/reactions.tsx'
import { blockDomain, doTo, mute, refusalsPage, unblockDomain } from './pages/refusals.tsx'
import { reportPage, reportSentPage, sendReport } from './pages/report.tsx'
import { markResolved, reportDetailsPage, reportsPage } from './pages/reports.tsx'
import { retentionPage, saveRetention } from './pages/retention.tsx'
import { searchPage } from './pages/search.tsx'
import { saveServerSettings, serverSettingsPage } from './pages/server-settings.tsx'
import { saveServerWords, serverWordsPage } from './pages/server-words.tsx'
import { profileSettingsPage, saveLanguage, saveProfile, settingsPage } from './pages/settings.tsx'
import { accountPage, saveEmail, savePassword } from './pages/settings-account.tsx'
import { appsPage, endBrowser, revokeApp } from './pages/settings-apps.tsx'
import { addFeaturedTag, detailsPage, removeFeaturedTag, saveDetails } from './pages/settings-details.tsx'
import { dropAlias, endMove, movePage, saveAlias, startMove } from './pages/settings-move.tsx'
import { signIn, signInPage, signOut, signOutPage } from './pages/sign-in.tsx'
import { join, signUpPage } from './pages/sign-up.tsx'
import { vote } from './pages/vote.tsx'
import { securityHeaders } from './security.ts'
import { visits, type WebEnv } from './session.ts'

/** The pages people see, at the paths of their URLs. */
export function webRoutes(app: App) {
  const assets = loadAssets()
  const forStrangers = answersForStrangers<WebEnv>(app, ({ var: { visit } }) =>
    visit.viewer ? undefined : `${visit.language} ${visit.here}`,
  )
  const routes = new Hono<WebEnv>({ strict: false })
  routes.onError(showError)
  routes.get('/favicon.svg', favicon).get('/avatar/:file', defaultAvatar)
  routes.use(securityHeaders(app), visits(app, assets), readForms(app))
  return routes
    .get('/assets/*', (c) => assets.serve(c))
    .get('/', forStrangers, homePage)
    .route('/', doorRoutes())
    .get('/compose', composePage)
    .post('/compose', compose)
    .get('/local', forStrangers, localPage)
    .get('/federated', forStrangers, federatedPage)
    .get('/tags/:name', forStrangers, tagPage)
    .get('/search', searchPage)
    .get('/about', aboutPage)
    .get('/privacy', privacyPage)
    .get('/terms', termsPage)
    .get('/authorize_interaction', interactPage)
    .get('/notifications', notificationsPage)
    .post('/notifications/read', markNotificationsRead)
    .get('/settings', settingsPage)
    .post('/settings/language', saveLanguage)
    .get('/settings/profile', profileSettingsPage)
    .post('/settings/profile', saveProfile)
    .get('/settings/details', detailsPage)
    .post('/settings/details', saveDetails)
    .post('/settings/details/tags', addFeaturedTag)
    .post('/settings/details/tags/:id/remove', removeFeaturedTag)
    .get('/settings/move', movePage)
    .post('/settings/move', startMove)
    .post('/settings/move/cancel', endMove)
    .post('/settings/move/aliases', saveAlias)
    .post('/settings/move/aliases/remove', dropAlias)
    .route('/', farRoutes())
    .route('/', noteRoutes())
    .post('/accounts/:id/follow', follow)
    .post('/accounts/:id/unfollow', unfollow)
    .post('/follow-requests/:id/accept', acceptFollower)
    .post('/follow-requests/:id/reject', rejectFollower)
    .route('/', refusalRoutes())
    .get('/:handle{@[^/]+}', forStrangers, profilePage)
    .get('/:handle{@[^/]+}/pictures', profilePictures)
    .get('/:handle{@[^/]+}/tagged/:tag', profileTagged)
    .get('/:handle{@[^/]+}/:id{[0-9]+}', forStrangers, notePage)
    .get('/:handle{@[^/]+}/:id{[0-9]+}/lineage', lineagePage)
    .all('*', noSuchPage)
}

/** How people come in, and what they hold the doors with. */
function doorRoutes() {
  return new Hono<WebEnv>()
    .get('/owner/:token', ownerPage)
    .post('/owner/:token', becomeOwner)
    .get('/sign-in', signInPage)
    .post('/sign-in', signIn)
    .get('/sign-out', signOutPage)
    .post('/sign-out', signOut)
    .get('/sign-up', signUpPage)
    .post('/sign-up', join)
    .get('/sign-up/:token', signUpPage)
    .post('/sign-up/:token', join)
    .get('/admin/sign-ups', newcomersPage)
    .post('/admin/sign-ups/:id/approve', approveNewcomer)
    .post('/admin/sign-ups/:id/reject', rejectNewcomer)
    .get('/admin/invites', invitesPage)
    .post('/admin/invites', makeInvite)
    .post('/admin/invites/:id/remove', dropInvite)
    .get('/confirm/:token', confirmPage)
    .post('/confirm/:token', confirmAddress)
    .get('/forgotten', forgottenPage)
    .post('/forgotten', sendResetLink)
    .get('/reset/:token', resetPage)
    .post('/reset/:token', saveNewPassword)
    .get('/settings/account', accountPage)
    .post('/settings/account/password', savePassword)
    .post('/settings/account/email', saveEmail)
    .get('/settings/apps', appsPage)
    .post('/settings/apps/:id/revoke', revokeApp)
    .post('/settings/apps/browsers/:id/end', endBrowser)
}

/** What concerns other servers and networks, for a person and for those who run this server. */
function farRoutes() {
  return new Hono<WebEnv>()
    .get('/settings/bluesky', blueskyPage)
    .post('/settings/bluesky/start', startBluesky)
    .post('/settings/bluesky/end', endBluesky)
    .get('/admin/announcements', announcementsPage)
    .post('/admin/announcements', saveAnnouncement)
    .post('/admin/announcements/remove', dropAnnouncement)
    .get('/admin/deliveries', deliveriesPage)
    .post('/admin/deliveries', settleDeliveries)
    .get('/admin/emojis', emojisPage)
    .post('/admin/emojis', saveEmoji)
    .post('/admin/emojis/remove', dropEmoji)
}

/** What people do with a note. */
function noteRoutes() {
  return new Hono<WebEnv>()
    .get('/notes/:id', noteById)
    .post('/notes/:id/delete', removeNote)
    .post('/notes/:id/reactions', toggleReaction)
    .post('/notes/:id/edit', saveEdit)
    .post('/notes/:id/vote', vote)
    .post('/notes/:id/quotes/:quoting/revoke', withdrawFromQuote)
    .post('/notes/:id/:reaction', reactToNote)
}

/** Whom and what people refuse, and what they report. */
function refusalRoutes() {
  return new Hono<WebEnv>()
    .get('/admin/federation', serverSettingsPage)
    .post('/admin/federation', saveServerSettings)
    .get('/admin/words', serverWordsPage)
    .post('/admin/words', saveServerWords)
    .get('/admin/retention', retentionPage)
    .post('/admin/retention', saveRetention)
    .get('/admin/reports', reportsPage)
    .get('/admin/reports/:id', reportDetailsPage)
    .post('/admin/reports/:id/resolve', markResolved)
    .get('/report', reportPage)
    .post('/report', sendReport)
    .get('/report/sent', reportSentPage)
    .get('/settings/blocks', refusalsPage)
    .get('/settings/filters', filtersPage)
    .post('/settings/filters', addFilter)
    .get('/settings/filters/new', newFilterPage)
    .post('/settings/filters/ai', saveAiDisplay)
    .get('/settings/filters/:id', filterPage)
    .post('/settings/filters/:id', saveFilter)
    .post('/settings/filters/:id/delete', takeAwayFilter)
    .post('/domain-blocks', blockDomain)
    .post('/domain-blocks/remove', unblockDomain)
    .post('/accounts/:id/mute', mute)
    .post('/accounts/:id/unmute', doTo('unmute'))
    .post('/accounts/:id/block', doTo('block'))
    .post('/accounts/:id/unblock', doTo('unblock'))
    .post('/accounts/:id/remove-follower', doTo('remove-follower'))
}
