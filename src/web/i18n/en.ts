import { englishAccount } from './account.ts'
import { englishAnnouncements } from './announcements.ts'
import { englishApps } from './apps.ts'
import { englishBluesky } from './bluesky.ts'
import { englishCompose } from './compose.ts'
import { englishDeliveries } from './deliveries.ts'
import { englishEdits } from './edits.ts'
import { englishEmojis } from './emojis.ts'
import { englishFilters } from './filters.ts'
import { englishIdentity } from './identity.ts'
import { englishKeys } from './keys.ts'
import { englishNote } from './note.ts'
import { englishNotifications } from './notifications.ts'
import { counter } from './plurals.ts'
import { englishPolls } from './polls.ts'
import { englishProfile } from './profile.ts'
import { englishProvenance } from './provenance.ts'
import { englishQuotes } from './quotes.ts'
import { englishReactions } from './reactions.ts'
import { englishRefusals } from './refusals.ts'
import { englishRemixes } from './remixes.ts'
import { englishReports } from './reports.ts'
import { englishRetention } from './retention.ts'
import { englishServerSettings } from './server-settings.ts'
import { englishServerWords } from './server-words.ts'
import { englishSettings } from './settings.ts'
import { englishSignUp } from './sign-up.ts'

const count = counter('en')

/** What is said in English; the other languages say the same, and the compiler holds them to it. */
export const english = {
  languageName: 'English',
  slogan: 'A gallery you can talk in.',
  skipToContent: 'Skip to content',
  nav: {
    label: 'Main',
    home: 'Home',
    local: 'This server',
    federated: 'Everywhere',
    search: 'Search',
    create: 'Create',
    notifications: 'Notifications',
    profile: 'Profile',
    settings: 'Settings',
    about: 'About',
    signIn: 'Sign in',
    signOut: 'Sign out',
    more: 'More',
  },
  unread: (n: number) => count(n, { one: '# new', other: '# new' }),
  welcome: {
    lead: 'Paint a picture, say something about it, and it is seen on every server that follows you.',
    newest: 'Newest pictures and words',
    nothing: 'Nothing has been posted here yet.',
  },
  owner: {
    title: 'Make this server yours',
    lead: 'You are the first one here. Choose a name and a password; a picture can wait.',
    permanent: (host: string) => `Your name is permanent: others will know you as @name@${host}.`,
    submit: 'Begin',
    goneTitle: 'This link no longer works',
    gone: 'It was used already or is older than a day. On the server, this makes another:',
  },
  fields: {
    username: 'Name',
    usernameHint: 'Letters, digits and _, at most 30.',
    password: 'Password',
    passwordHint: 'At least 8 characters; a few words are best.',
    login: 'Name or e-mail',
  },
  signIn: {
    title: 'Sign in',
    submit: 'Sign in',
    wrong: 'Wrong name, e-mail or password.',
    tooMany: 'Too many attempts. Try again later.',
    refused: 'This account may not sign in at present.',
    needed: 'Sign in to go on.',
    signUp: 'How to join',
    signOutQuestion: 'Sign out of this browser?',
  },
  signUp: englishSignUp,
  home: {
    title: 'Home',
    prompt: 'What shall we paint?',
    empty: 'Your home is quiet still.',
    emptyLead: 'Paint a first picture, or find people to follow.',
    paintFirst: 'Paint a first picture',
    findPeople: 'Find people',
  },
  feed: {
    local: 'This server',
    localLead: (host: string) => `What people on ${host} post for everyone.`,
    federated: 'Everywhere',
    federatedLead: 'What this server hears from all the others it knows.',
    tag: (name: string) => `#${name}`,
    older: 'Older',
    newer: 'Back to the newest',
    empty: 'Nothing here yet.',
    label: 'Posts',
  },
  note: englishNote,
  reactions: englishReactions,
  emojis: englishEmojis,
  provenance: englishProvenance,
  profile: englishProfile,
  notifications: englishNotifications,
  compose: englishCompose,
  search: {
    title: 'Search',
    label: 'People, @names or addresses',
    submit: 'Search',
    hint: 'A name, @someone@another.server, or the address of a post.',
    people: 'People',
    none: (text: string) => `Nobody and nothing found for “${text}”.`,
  },
  interact: {
    title: 'Open here',
    none: 'There is nothing at this address that this server could open.',
  },
  about: {
    title: 'About this server',
    lead: (host: string) =>
      `${host} runs Pinxit, a social network for pictures made with care and labelled with honesty.`,
    pictures:
      'Pictures made with AI always carry their label, their maker and their model; the prompt, if its author wishes. Sketches say that they are not AI.',
    follow: 'Everyone here can be followed from Mastodon and other servers that speak ActivityPub.',
    software: 'The software is free (AGPL-3.0).',
    people: (n: number) => count(n, { one: '# person lives here', other: '# people live here' }),
    rules: 'Rules',
    privacy: 'Privacy policy',
    terms: 'Terms of service',
    /** Days as `YYYY-MM-DD`. */
    since: (day: string, next: string | undefined) =>
      next === undefined ? `In force since ${day}.` : `In force since ${day}. From ${next} on others hold.`,
  },
  settings: englishSettings,
  account: englishAccount,
  apps: englishApps,
  announcements: englishAnnouncements,
  bluesky: englishBluesky,
  deliveries: englishDeliveries,
  quotes: englishQuotes,
  remixes: englishRemixes,
  refusals: englishRefusals,
  reports: englishReports,
  retention: englishRetention,
  serverSettings: englishServerSettings,
  serverWords: englishServerWords,
  filters: englishFilters,
  identity: englishIdentity,
  polls: englishPolls,
  edits: englishEdits,
  errors: {
    title: 'This does not work',
    notFound: 'There is nothing here, or it is not for you to see.',
    gone: 'This is gone.',
    forbidden: 'This is not allowed.',
    csrf: 'This page is too old, or the request came from elsewhere. Go back, reload and try again.',
    tooLarge: 'That is too large.',
    tooMany: 'Too much at once. Try again in a moment.',
    invalid: 'That cannot be used as it is.',
    unavailable: 'Something we depend on does not answer. Try again in a moment.',
    failed: 'Something went wrong on our end. Try again in a moment.',
    back: 'Go back',
    home: 'To the first page',
  },
  accounts: {
    nameTaken: 'This name is taken.',
    nameReserved: 'This name is reserved.',
    nameInvalid: 'A name has letters, digits and _, at most 30.',
    passwordShort: 'The password is too short.',
    passwordInvalid: 'This password cannot be used.',
    emailInvalid: 'This e-mail address cannot be used.',
    nameLong: 'This name is too long.',
    bioLong: 'This text is too long.',
  },
  keys: englishKeys,
}

export type Messages = typeof english
