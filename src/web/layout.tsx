import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { Avatar } from './components/Avatar.tsx'
import { Icon, type IconName } from './components/Icon.tsx'
import { KeyboardHelp } from './components/KeyboardHelp.tsx'
import type { PageContext, Visit } from './session.ts'

export type Page = {
  title: string
  children: Child
  status?: ContentfulStatusCode
  /** For `<head>`: OpenGraph, alternates. */
  head?: Child
  /** Files of `islands/` this page needs besides `page.ts`. */
  islands?: string[]
  /** For a page that is not done: seconds until a browser without JavaScript looks again. */
  refreshSeconds?: number | undefined
  /** Not to be kept by anyone, such as an error. */
  isForNow?: boolean
  /** Whether search engines may list it. */
  isIndexable?: boolean
  /** For pages of one purpose, such as signing in: no rail, no bar. */
  isBare?: boolean
  /** A wide column, for a grid of pictures or the studio. */
  isWide?: boolean
}

/** Answers with a whole page in the reader's language. */
export function renderPage(c: PageContext, page: Page): Response | Promise<Response> {
  const { visit } = c.var
  c.header('vary', 'accept, cookie, accept-language')
  c.header('cache-control', visit.viewer || page.isForNow ? 'no-store' : 'no-cache')
  return c.html(
    <>
      {raw('<!doctype html>')}
      <Document visit={visit} page={page} />
    </>,
    page.status ?? 200,
  )
}

const Document = ({ visit, page }: { visit: Visit; page: Page }) => (
  <html lang={visit.language} data-user={visit.viewer?.account.id}>
    <Head visit={visit} page={page} />
    <body class={page.isBare ? 'bare' : undefined}>
      <a class="skip" href="#main">
        {visit.words.skipToContent}
      </a>
      {page.isBare ? (
        <header>
          <Brand />
        </header>
      ) : (
        <Rail visit={visit} />
      )}
      <main id="main" class={page.isWide ? 'wide' : undefined} tabindex={-1}>
        <MovedAway visit={visit} />
        {page.children}
      </main>
      {!page.isBare && <Bar visit={visit} />}
      {!page.isBare && <KeyboardHelp words={visit.words} />}
    </body>
  </html>
)

const Head = ({ visit, page }: { visit: Visit; page: Page }) => {
  const { assets, unread } = visit
  const styles = assets.urlOf('styles/main.css')
  const scripts = ['page.ts', ...(page.islands ?? [])].flatMap(
    (name) => assets.urlOf(`islands/${name}`) ?? [],
  )
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
      <meta name="color-scheme" content="light dark" />
      <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fbfaf7" />
      <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#141312" />
      {!page.isIndexable && <meta name="robots" content="noindex" />}
      {page.refreshSeconds && (
        <noscript>
          {/* With its address, or a browser that stands at a #place would only look for that place again. */}
          <meta http-equiv="refresh" content={`${page.refreshSeconds};url=${visit.here}`} />
        </noscript>
      )}
      <title>{`${unread > 0 ? `(${unread}) ` : ''}${page.title} · Pinxit`}</title>
      <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
      {styles && <link rel="stylesheet" href={styles} />}
      {scripts.map((url) => (
        <script type="module" src={url} />
      ))}
      {page.head}
    </head>
  )
}

/** Whoever moved away is told why nothing can be posted here, and where that is undone. */
const MovedAway = ({ visit }: { visit: Visit }) =>
  !visit.viewer || visit.viewer.account.moved_to_uri === null ? null : (
    <p class="notice">
      {visit.words.identity.youMoved} <a href="/settings/move">{visit.words.identity.move.title}</a>
    </p>
  )

const Brand = () => (
  <a class="brand" href="/">
    <Icon name="mark" />
    <span>Pinxit</span>
  </a>
)

type Place = { href: string; icon: IconName; label: string; count?: number | undefined; key?: string }

function placesOf({ words, viewer, unread }: Visit): Place[] {
  const feeds: Place[] = [
    { href: '/local', icon: 'people', label: words.nav.local },
    { href: '/federated', icon: 'globe', label: words.nav.federated },
    { href: '/search', icon: 'search', label: words.nav.search },
  ]
  const home: Place = { href: '/', icon: 'home', label: words.nav.home }
  if (!viewer) return [home, ...feeds, { href: '/about', icon: 'info', label: words.nav.about }]
  return [
    home,
    {
      href: '/notifications',
      icon: 'bell',
      label: words.nav.notifications,
      count: unread > 0 ? unread : undefined,
    },
    ...feeds,
    { href: `/@${viewer.account.username}`, icon: 'person', label: words.nav.profile },
    { href: '/settings', icon: 'settings', label: words.nav.settings },
  ]
}

const Rail = ({ visit }: { visit: Visit }) => {
  const { words, viewer } = visit
  return (
    <header class="rail">
      <Brand />
      <nav aria-label={words.nav.label}>
        <ul>
          {placesOf(visit).map((place) => (
            <li class={barOf(viewer).includes(place.href) ? 'in-bar' : undefined}>
              <PlaceLink place={place} visit={visit} />
            </li>
          ))}
        </ul>
      </nav>
      <a class="button primary" href={viewer ? '/compose' : '/sign-in'}>
        {viewer && <Icon name="brush" />}
        {viewer ? words.nav.create : words.nav.signIn}
      </a>
      {viewer && (
        <a class="me" href={`/@${viewer.account.username}`}>
          <Avatar account={viewer.account} visit={visit} size={36} />
          <span class="me-name">{viewer.account.name || viewer.account.username}</span>
          <span class="me-handle">@{viewer.account.username}</span>
        </a>
      )}
    </header>
  )
}

const PlaceLink = ({ place, visit }: { place: Place; visit: Visit }) => (
  <a href={place.href} aria-current={visit.here === place.href ? 'page' : undefined}>
    <Icon name={place.icon} />
    <span class="place-label">{place.label}</span>
    {place.count !== undefined && (
      <>
        <span class="count" aria-hidden="true">
          {place.count}
        </span>
        <span class="sr-only">{visit.words.unread(place.count)}</span>
      </>
    )}
  </a>
)

/** The places that a phone has at the bottom; the others stand at its top. */
const barOf = (viewer: Visit['viewer']): string[] =>
  viewer
    ? ['/', '/search', '/notifications', `/@${viewer.account.username}`]
    : ['/', '/local', '/federated', '/search']

/** On a phone: five places, Create in the middle. */
const Bar = ({ visit }: { visit: Visit }) => {
  const { words, viewer } = visit
  const places = placesOf(visit)
  const byHref = (href: string) => places.filter((place) => place.href === href)
  const create: Place = viewer
    ? { href: '/compose', icon: 'brush', label: words.nav.create }
    : { href: '/sign-in', icon: 'person', label: words.nav.signIn }
  const hrefs = barOf(viewer)
  const [left, right] = [hrefs.slice(0, 2), hrefs.slice(2)]
  return (
    <nav class="bar" aria-label={words.nav.more}>
      {left.flatMap(byHref).map((place) => (
        <PlaceLink place={place} visit={visit} />
      ))}
      <a class="create" href={create.href}>
        <Icon name={create.icon} />
        <span class="place-label">{create.label}</span>
      </a>
      {right.flatMap(byHref).map((place) => (
        <PlaceLink place={place} visit={visit} />
      ))}
    </nav>
  )
}
