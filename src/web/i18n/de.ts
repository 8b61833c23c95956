import { germanAccount } from './account.ts'
import { germanAnnouncements } from './announcements.ts'
import { germanApps } from './apps.ts'
import { germanBluesky } from './bluesky.ts'
import { germanCompose } from './compose.ts'
import { germanDeliveries } from './deliveries.ts'
import { germanEdits } from './edits.ts'
import { germanEmojis } from './emojis.ts'
import type { Messages } from './en.ts'
import { germanFilters } from './filters.ts'
import { germanIdentity } from './identity.ts'
import { germanKeys } from './keys.ts'
import { germanNote } from './note.ts'
import { germanNotifications } from './notifications.ts'
import { counter } from './plurals.ts'
import { germanPolls } from './polls.ts'
import { germanProfile } from './profile.ts'
import { germanProvenance } from './provenance.ts'
import { germanQuotes } from './quotes.ts'
import { germanReactions } from './reactions.ts'
import { germanRefusals } from './refusals.ts'
import { germanRemixes } from './remixes.ts'
import { germanReports } from './reports.ts'
import { germanRetention } from './retention.ts'
import { germanServerSettings } from './server-settings.ts'
import { germanServerWords } from './server-words.ts'
import { germanSettings } from './settings.ts'
import { germanSignUp } from './sign-up.ts'

const count = counter('de')

export const german: Messages = {
  languageName: 'Deutsch',
  slogan: 'Eine Galerie, in der man redet.',
  skipToContent: 'Zum Inhalt springen',
  nav: {
    label: 'Hauptmenü',
    home: 'Start',
    local: 'Dieser Server',
    federated: 'Überall',
    search: 'Suche',
    create: 'Erstellen',
    notifications: 'Mitteilungen',
    profile: 'Profil',
    settings: 'Einstellungen',
    about: 'Über',
    signIn: 'Anmelden',
    signOut: 'Abmelden',
    more: 'Mehr',
  },
  unread: (n) => count(n, { one: '# neu', other: '# neu' }),
  welcome: {
    lead: 'Male ein Bild, sag etwas dazu, und es ist auf jedem Server zu sehen, der dir folgt.',
    newest: 'Die neuesten Bilder und Worte',
    nothing: 'Hier wurde noch nichts veröffentlicht.',
  },
  owner: {
    title: 'Mach diesen Server zu deinem',
    lead: 'Du bist als Erste oder Erster hier. Wähle Namen und Passwort; ein Bild hat Zeit.',
    permanent: (host) => `Der Name bleibt: Andere kennen dich als @name@${host}.`,
    submit: 'Beginnen',
    goneTitle: 'Dieser Link gilt nicht mehr',
    gone: 'Er wurde schon benutzt oder ist älter als ein Tag. Auf dem Server macht dies einen neuen:',
  },
  fields: {
    username: 'Name',
    usernameHint: 'Buchstaben, Ziffern und _, höchstens 30.',
    password: 'Passwort',
    passwordHint: 'Mindestens 8 Zeichen; am besten ein paar Wörter.',
    login: 'Name oder E-Mail',
  },
  signIn: {
    title: 'Anmelden',
    submit: 'Anmelden',
    wrong: 'Name, E-Mail oder Passwort stimmt nicht.',
    tooMany: 'Zu viele Versuche. Versuch es später noch einmal.',
    refused: 'Dieses Konto kann sich derzeit nicht anmelden.',
    needed: 'Melde dich an, um fortzufahren.',
    signUp: 'Wie man mitmacht',
    signOutQuestion: 'In diesem Browser abmelden?',
  },
  signUp: germanSignUp,
  home: {
    title: 'Start',
    prompt: 'Was malen wir?',
    empty: 'Hier ist es noch still.',
    emptyLead: 'Male ein erstes Bild oder finde Leute, denen du folgen magst.',
    paintFirst: 'Ein erstes Bild malen',
    findPeople: 'Leute finden',
  },
  feed: {
    local: 'Dieser Server',
    localLead: (host) => `Was Leute auf ${host} für alle veröffentlichen.`,
    federated: 'Überall',
    federatedLead: 'Was dieser Server von allen anderen hört, die er kennt.',
    tag: (name) => `#${name}`,
    older: 'Älteres',
    newer: 'Zurück zum Neuesten',
    empty: 'Noch nichts da.',
    label: 'Beiträge',
  },
  note: germanNote,
  reactions: germanReactions,
  emojis: germanEmojis,
  provenance: germanProvenance,
  profile: germanProfile,
  notifications: germanNotifications,
  compose: germanCompose,
  search: {
    title: 'Suche',
    label: 'Leute, @Namen oder Adressen',
    submit: 'Suchen',
    hint: 'Ein Name, @jemand@anderer.server oder die Adresse eines Beitrags.',
    people: 'Leute',
    none: (text) => `Niemand und nichts gefunden für „${text}“.`,
  },
  interact: {
    title: 'Hier öffnen',
    none: 'Unter dieser Adresse gibt es nichts, was dieser Server öffnen könnte.',
  },
  about: {
    title: 'Über diesen Server',
    lead: (host) =>
      `Auf ${host} läuft Pinxit, ein soziales Netz für Bilder, die mit Sorgfalt gemacht und ehrlich gekennzeichnet sind.`,
    pictures:
      'Mit KI gemachte Bilder tragen immer ihre Kennzeichnung, wer sie gemacht hat und mit welchem Modell; den Prompt, wenn die Autorin oder der Autor will. Skizzen sagen, dass sie keine KI sind.',
    follow: 'Allen hier kann man von Mastodon und anderen Servern aus folgen, die ActivityPub sprechen.',
    software: 'Die Software ist frei (AGPL-3.0).',
    people: (n) => count(n, { one: 'Hier wohnt # Mensch', other: 'Hier wohnen # Menschen' }),
    rules: 'Regeln',
    privacy: 'Datenschutzerklärung',
    terms: 'Nutzungsbedingungen',
    since: (day, next) =>
      next === undefined ? `In Kraft seit ${day}.` : `In Kraft seit ${day}. Ab ${next} gelten andere.`,
  },
  settings: germanSettings,
  account: germanAccount,
  apps: germanApps,
  announcements: germanAnnouncements,
  bluesky: germanBluesky,
  deliveries: germanDeliveries,
  quotes: germanQuotes,
  remixes: germanRemixes,
  refusals: germanRefusals,
  reports: germanReports,
  retention: germanRetention,
  serverSettings: germanServerSettings,
  serverWords: germanServerWords,
  filters: germanFilters,
  identity: germanIdentity,
  polls: germanPolls,
  edits: germanEdits,
  errors: {
    title: 'So geht es nicht',
    notFound: 'Hier ist nichts, oder es ist nicht für dich.',
    gone: 'Das gibt es nicht mehr.',
    forbidden: 'Das ist nicht erlaubt.',
    csrf: 'Diese Seite ist zu alt, oder die Anfrage kam von anderswo. Geh zurück, lade neu und versuch es noch einmal.',
    tooLarge: 'Das ist zu groß.',
    tooMany: 'Zu viel auf einmal. Versuch es gleich noch einmal.',
    invalid: 'So lässt sich das nicht verwenden.',
    unavailable: 'Etwas, worauf wir angewiesen sind, antwortet nicht. Versuch es gleich noch einmal.',
    failed: 'Bei uns ist etwas schiefgegangen. Versuch es gleich noch einmal.',
    back: 'Zurück',
    home: 'Zur ersten Seite',
  },
  accounts: {
    nameTaken: 'Dieser Name ist vergeben.',
    nameReserved: 'Dieser Name ist reserviert.',
    nameInvalid: 'Ein Name hat Buchstaben, Ziffern und _, höchstens 30.',
    passwordShort: 'Das Passwort ist zu kurz.',
    passwordInvalid: 'Dieses Passwort lässt sich nicht verwenden.',
    emailInvalid: 'Diese E-Mail-Adresse lässt sich nicht verwenden.',
    nameLong: 'Dieser Name ist zu lang.',
    bioLong: 'Dieser Text ist zu lang.',
  },
  keys: germanKeys,
}
