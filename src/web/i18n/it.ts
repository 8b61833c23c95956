import { italianAccount } from './account.ts'
import { italianAnnouncements } from './announcements.ts'
import { italianApps } from './apps.ts'
import { italianBluesky } from './bluesky.ts'
import { italianCompose } from './compose.ts'
import { italianDeliveries } from './deliveries.ts'
import { italianEdits } from './edits.ts'
import { italianEmojis } from './emojis.ts'
import type { Messages } from './en.ts'
import { italianFilters } from './filters.ts'
import { italianIdentity } from './identity.ts'
import { italianKeys } from './keys.ts'
import { italianNote } from './note.ts'
import { italianNotifications } from './notifications.ts'
import { counter } from './plurals.ts'
import { italianPolls } from './polls.ts'
import { italianProfile } from './profile.ts'
import { italianProvenance } from './provenance.ts'
import { italianQuotes } from './quotes.ts'
import { italianReactions } from './reactions.ts'
import { italianRefusals } from './refusals.ts'
import { italianRemixes } from './remixes.ts'
import { italianReports } from './reports.ts'
import { italianRetention } from './retention.ts'
import { italianServerSettings } from './server-settings.ts'
import { italianServerWords } from './server-words.ts'
import { italianSettings } from './settings.ts'
import { italianSignUp } from './sign-up.ts'

const count = counter('it')

export const italian: Messages = {
  languageName: 'Italiano',
  slogan: 'Una galleria in cui si conversa.',
  skipToContent: 'Vai al contenuto',
  nav: {
    label: 'Principale',
    home: 'Home',
    local: 'Questo server',
    federated: 'Ovunque',
    search: 'Cerca',
    create: 'Crea',
    notifications: 'Notifiche',
    profile: 'Profilo',
    settings: 'Impostazioni',
    about: 'Informazioni',
    signIn: 'Accedi',
    signOut: 'Esci',
    more: 'Altro',
  },
  unread: (n) => count(n, { one: '# nuova', other: '# nuove' }),
  welcome: {
    lead: 'Dipingi un’immagine, dille qualcosa accanto: la vedranno tutti i server che ti seguono.',
    newest: 'Le immagini e le parole più recenti',
    nothing: 'Qui non è ancora stato pubblicato nulla.',
  },
  owner: {
    title: 'Fai tuo questo server',
    lead: 'Sei il primo ad arrivare. Scegli un nome e una password; per l’immagine c’è tempo.',
    permanent: (host) => `Il nome è definitivo: gli altri ti conosceranno come @nome@${host}.`,
    submit: 'Comincia',
    goneTitle: 'Questo link non vale più',
    gone: 'È già stato usato o ha più di un giorno. Sul server, questo comando ne crea un altro:',
  },
  fields: {
    username: 'Nome',
    usernameHint: 'Lettere, cifre e _, al massimo 30.',
    password: 'Password',
    passwordHint: 'Almeno 8 caratteri; meglio alcune parole.',
    login: 'Nome o e-mail',
  },
  signIn: {
    title: 'Accedi',
    submit: 'Accedi',
    wrong: 'Nome, e-mail o password errati.',
    tooMany: 'Troppi tentativi. Riprova più tardi.',
    refused: 'Al momento questo account non può accedere.',
    needed: 'Accedi per continuare.',
    signUp: 'Come partecipare',
    signOutQuestion: 'Uscire da questo browser?',
  },
  signUp: italianSignUp,
  home: {
    title: 'Home',
    prompt: 'Che cosa dipingiamo?',
    empty: 'La tua home è ancora tranquilla.',
    emptyLead: 'Dipingi una prima immagine, o trova persone da seguire.',
    paintFirst: 'Dipingi la prima immagine',
    findPeople: 'Trova persone',
  },
  feed: {
    local: 'Questo server',
    localLead: (host) => `Ciò che le persone di ${host} pubblicano per tutti.`,
    federated: 'Ovunque',
    federatedLead: 'Ciò che questo server sente da tutti gli altri che conosce.',
    tag: (name) => `#${name}`,
    older: 'Meno recenti',
    newer: 'Torna ai più recenti',
    empty: 'Ancora nulla.',
    label: 'Post',
  },
  note: italianNote,
  reactions: italianReactions,
  emojis: italianEmojis,
  provenance: italianProvenance,
  profile: italianProfile,
  notifications: italianNotifications,
  compose: italianCompose,
  search: {
    title: 'Cerca',
    label: 'Persone, @nomi o indirizzi',
    submit: 'Cerca',
    hint: 'Un nome, @qualcuno@un.altro.server, o l’indirizzo di un post.',
    people: 'Persone',
    none: (text) => `Nessuno e nulla trovato per «${text}».`,
  },
  interact: {
    title: 'Apri qui',
    none: 'A questo indirizzo non c’è nulla che questo server possa aprire.',
  },
  about: {
    title: 'Su questo server',
    lead: (host) =>
      `Su ${host} c’è Pinxit, una rete sociale per immagini fatte con cura ed etichettate con onestà.`,
    pictures:
      'Le immagini fatte con l’IA portano sempre la loro etichetta, chi le ha fatte e il modello; il prompt, se l’autore vuole. Gli schizzi dicono di non essere IA.',
    follow: 'Chiunque qui può essere seguito da Mastodon e da altri server che parlano ActivityPub.',
    software: 'Il software è libero (AGPL-3.0).',
    people: (n) => count(n, { one: 'Qui vive # persona', other: 'Qui vivono # persone' }),
    rules: 'Regole',
    privacy: 'Informativa sulla privacy',
    terms: 'Condizioni d’uso',
    since: (day, next) =>
      next === undefined ? `In vigore dal ${day}.` : `In vigore dal ${day}. Dal ${next} ne valgono altre.`,
  },
  settings: italianSettings,
  account: italianAccount,
  apps: italianApps,
  announcements: italianAnnouncements,
  bluesky: italianBluesky,
  deliveries: italianDeliveries,
  quotes: italianQuotes,
  remixes: italianRemixes,
  refusals: italianRefusals,
  reports: italianReports,
  retention: italianRetention,
  serverSettings: italianServerSettings,
  serverWords: italianServerWords,
  filters: italianFilters,
  identity: italianIdentity,
  polls: italianPolls,
  edits: italianEdits,
  errors: {
    title: 'Così non funziona',
    notFound: 'Qui non c’è nulla, o non è per te.',
    gone: 'Non c’è più.',
    forbidden: 'Non è permesso.',
    csrf: 'La pagina è troppo vecchia, o la richiesta viene da altrove. Torna indietro, ricarica e riprova.',
    tooLarge: 'È troppo grande.',
    tooMany: 'Troppo in una volta. Riprova tra poco.',
    invalid: 'Così com’è non si può usare.',
    unavailable: 'Qualcosa da cui dipendiamo non risponde. Riprova tra poco.',
    failed: 'Qualcosa è andato storto da parte nostra. Riprova tra poco.',
    back: 'Torna indietro',
    home: 'Alla prima pagina',
  },
  accounts: {
    nameTaken: 'Questo nome è già preso.',
    nameReserved: 'Questo nome è riservato.',
    nameInvalid: 'Un nome ha lettere, cifre e _, al massimo 30.',
    passwordShort: 'La password è troppo corta.',
    passwordInvalid: 'Questa password non si può usare.',
    emailInvalid: 'Questo indirizzo e-mail non si può usare.',
    nameLong: 'Questo nome è troppo lungo.',
    bioLong: 'Questo testo è troppo lungo.',
  },
  keys: italianKeys,
}
