import { wantExploration } from '#src/accounts/explore.ts'
import { notFound } from '#src/base/errors.ts'
import { htmlToPlainText } from '#src/base/html.ts'
import { type Account, findAccount } from '#src/db/accounts.ts'
import { listFeaturedTags } from '#src/db/featured-tags.ts'
import { type Follow, listFollowsBetween } from '#src/db/follows.ts'
import { listRefusals, type Refusals } from '#src/db/refusals.ts'
import { readPinned } from '#src/notes/pin.ts'
import type { NoteView } from '#src/notes/view.ts'
import { findByHandle } from '#src/search/search.ts'
import { readAccount } from '#src/timelines/read.ts'
import type { Slice } from '#src/timelines/slice.ts'
import { Avatar, avatarUrl } from '../components/Avatar.tsx'
import { BlueskyMark } from '../components/Bluesky.tsx'
import { EmojifiedHtml, EmojifiedText } from '../components/Emojified.tsx'
import { Feed, Paging, pageLength } from '../components/Feed.tsx'
import { FollowForm } from '../components/FollowForm.tsx'
import { displayName, handleOf, notePath, profilePath } from '../components/Names.tsx'
import { PictureImage } from '../components/Picture.tsx'
import { FeaturedTags, KindMark, MovedNotice, PinnedNotes, ProfileFields } from '../components/Profile.tsx'
import { ProfileMenu } from '../components/ProfileMenu.tsx'
import { askedFor } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { olderThan, type PageContext, type Visit, viewerId } from '../session.ts'

type Tab = 'posts' | 'pictures' | 'tagged'
type Ties = { mine: Follow | undefined; theirs: Follow | undefined; refusals: Refusals | undefined }

/** Someone, and what they post. */
export const profilePage = (c: PageContext) => showProfile(c, 'posts')

/** Someone's pictures alone, side by side. */
export const profilePictures = (c: PageContext) => showProfile(c, 'pictures')

/** What someone posted under one hashtag. */
export const profileTagged = (c: PageContext) => showProfile(c, 'tagged')

async function showProfile(c: PageContext, tab: Tab) {
  const { visit } = c.var
  const account = await findByHandle(visit.app, askedFor(c.req.param('handle')), false)
  if (!account) throw notFound()
  await wantExploration(visit.app, viewerId(c), account)
  const tag = tab === 'tagged' ? askedFor(c.req.param('tag')) : undefined
  const { slice, ties, tags, pinned, successor } = await loadProfile(c, account, { tab, tag })
  return renderPage(c, {
    title: `${displayName(account)} (${handleOf(account)})`,
    head: <ProfileHead account={account} visit={visit} />,
    isIndexable: account.domain === null && account.is_indexable,
    isWide: tab === 'pictures',
    children: (
      <>
        <MovedNotice account={account} successor={successor} visit={visit} />
        <ProfileTop account={account} ties={ties} visit={visit} />
        <FeaturedTags account={account} tags={tags} visit={visit} />
        <Tabs account={account} tab={tab} visit={visit} />
        {tag !== undefined && (
          <h2 class="section">
            <bdi>{visit.words.identity.tagged(displayName(account), tag)}</bdi>
          </h2>
        )}
        <PinnedNotes views={pinned} visit={visit} />
        {tab === 'pictures' ? (
          <Gallery slice={slice} visit={visit} />
        ) : (
          <Feed slice={slice} visit={visit} empty={<p>{visit.words.profile.empty}</p>} />
        )}
      </>
    ),
  })
}

type Wanted = { tab: Tab; tag: string | undefined }

async function loadProfile(c: PageContext, account: Account, { tab, tag }: Wanted) {
  const { visit } = c.var
  const { app } = visit
  const page = { limit: pageLength, maxId: olderThan(c) }
  const isTop = tab === 'posts' && page.maxId === undefined
  const [slice, ties, tags, pinned, successor] = await Promise.all([
    readAccount(app, viewerId(c), page, {
      accountId: account.id,
      onlyMedia: tab === 'pictures',
      excludeReplies: tab !== 'tagged',
      excludeBoosts: tab !== 'posts',
      tag,
    }),
    tiesBetween(visit, account),
    listFeaturedTags(app.db, account.id),
    isTop ? readPinned(app, viewerId(c), account.id) : [],
    account.moved_to_id === null ? undefined : findAccount(app.db, account.moved_to_id),
  ])
  const isAbove = new Set(pinned.map(({ note }) => note.id))
  const below = { ...slice, items: slice.items.filter(({ note }) => !isAbove.has(note.id)) }
  return { slice: below, ties, tags, pinned, successor }
}

async function tiesBetween({ app, viewer }: Visit, account: Account): Promise<Ties> {
  if (!viewer) return { mine: undefined, theirs: undefined, refusals: undefined }
  const [follows, [refusals]] = await Promise.all([
    listFollowsBetween(app.db, viewer.account.id, [account.id]),
    listRefusals(app.db, viewer.account.id, [account.id]),
  ])
  return {
    mine: follows.find((follow) => follow.follower_id === viewer.account.id),
    theirs: follows.find((follow) => follow.follower_id === account.id && follow.state === 'accepted'),
    refusals,
  }
}

const ProfileTop = ({ account, ties, visit }: { account: Account; ties: Ties; visit: Visit }) => {
  const { words } = visit
  const { profile } = words
  return (
    <header class="profile">
      <div class="profile-face">
        <Avatar account={account} visit={visit} size={96} />
        <Standing account={account} ties={ties} visit={visit} />
      </div>
      <h1>
        <bdi>
          <EmojifiedText text={displayName(account)} emojis={account.emojis} visit={visit} />
        </bdi>
      </h1>
      <p class="handle">
        {account.domain === null ? `@${account.username}@${visit.app.handleHost}` : handleOf(account)}
        <KindMark account={account} visit={visit} />
        <BlueskyMark account={account} visit={visit} />
        {ties.theirs && <span class="tag">{profile.followsYou}</span>}
        <RefusalTags refusals={ties.refusals} visit={visit} />
      </p>
      {account.bio_html && (
        <div class="content bio" dir="auto">
          <EmojifiedHtml html={account.bio_html} emojis={account.emojis} visit={visit} />
        </div>
      )}
      <ProfileFields account={account} visit={visit} />
      <p class="counts">
        <span>{profile.noteCount(account.notes_count)}</span>
        <span>{profile.followers(account.followers_count)}</span>
        <span>{profile.followingCount(account.following_count)}</span>
      </p>
      {account.domain !== null && (
        <p class="hint">
          <a href={account.url} rel="nofollow noopener noreferrer" target="_blank">
            {profile.onOwnServer}
          </a>
        </p>
      )}
      {!visit.viewer && account.domain === null && (
        <p class="hint">{profile.followFromElsewhere(`@${account.username}@${visit.app.handleHost}`)}</p>
      )}
    </header>
  )
}

const RefusalTags = ({ refusals, visit }: { refusals: Refusals | undefined; visit: Visit }) => {
  const { refusals: words } = visit.words
  return (
    <>
      {refusals?.blocking && <span class="tag">{words.blocked}</span>}
      {refusals?.muting && <span class="tag">{words.muted}</span>}
      {refusals?.blocked_by && <span class="tag">{words.blocksYou}</span>}
    </>
  )
}

const Standing = ({ account, ties, visit }: { account: Account; ties: Ties; visit: Visit }) => {
  const { viewer, words } = visit
  if (!viewer) return null
  if (viewer.account.id !== account.id)
    return (
      <>
        {!ties.refusals?.blocking && <FollowForm account={account} follow={ties.mine} visit={visit} />}
        <ProfileMenu
          account={account}
          visit={visit}
          refusals={ties.refusals}
          isFollower={ties.theirs !== undefined}
        />
      </>
    )
  return (
    <a class="button" href="/settings/profile">
      {words.profile.edit}
    </a>
  )
}

const Tabs = ({ account, tab, visit }: { account: Account; tab: Tab; visit: Visit }) => {
  const { profile } = visit.words
  const path = profilePath(account)
  return (
    <nav class="tabs" aria-label={profile.posts}>
      <a href={path} aria-current={tab === 'posts' ? 'page' : undefined}>
        {profile.posts}
      </a>
      <a href={`${path}/pictures`} aria-current={tab === 'pictures' ? 'page' : undefined}>
        {profile.pictures}
      </a>
    </nav>
  )
}

const Gallery = ({ slice, visit }: { slice: Slice<NoteView>; visit: Visit }) => {
  const pictures = slice.items.flatMap((view) =>
    view.media
      .filter((media) => media.kind === 'image' && !view.note.is_sensitive)
      .map((media) => ({ media, href: notePath(view.account, view.note.id) })),
  )
  if (pictures.length === 0) return <p class="empty">{visit.words.profile.empty}</p>
  return (
    <>
      <div class="masonry">
        {pictures.map(({ media, href }, index) => (
          <a class="frame" href={href}>
            <PictureImage media={media} visit={visit} isFirst={index === 0} />
          </a>
        ))}
      </div>
      <Paging visit={visit} cursors={slice.cursors} />
    </>
  )
}

const ProfileHead = ({ account, visit }: { account: Account; visit: Visit }) => {
  const bio = htmlToPlainText(account.bio_html).slice(0, 300)
  const avatar = new URL(avatarUrl(visit, account), visit.app.publicUrl).href
  return (
    <>
      <link rel="canonical" href={account.url} />
      <link rel="alternate" type="application/activity+json" href={account.uri} />
      {bio && <meta name="description" content={bio} />}
      <meta property="og:type" content="profile" />
      <meta property="og:site_name" content={`Pinxit · ${visit.app.handleHost}`} />
      <meta property="og:title" content={`${displayName(account)} (${handleOf(account)})`} />
      {bio && <meta property="og:description" content={bio} />}
      <meta property="og:url" content={account.url} />
      {account.avatar_key && <meta property="og:image" content={avatar} />}
    </>
  )
}
