import { knownScopes } from './scopes.ts'

type Thing =
  | 'accounts'
  | 'blocks'
  | 'bookmarks'
  | 'canonical_email_blocks'
  | 'collections'
  | 'conversations'
  | 'domain_allows'
  | 'domain_blocks'
  | 'email_domain_blocks'
  | 'favourites'
  | 'filters'
  | 'follows'
  | 'ip_blocks'
  | 'lists'
  | 'media'
  | 'mutes'
  | 'notifications'
  | 'reports'
  | 'search'
  | 'statuses'

type Whole = 'read' | 'write' | 'follow' | 'push' | 'profile' | 'admin:read' | 'admin:write'

/** What an app may do: with everything of a kind, or (`only`) with one thing of it. */
type ScopeWords = {
  whole: Record<Whole, string>
  only: Record<'read' | 'write' | 'admin:read' | 'admin:write', string>
  things: Record<Thing, string>
}

const english: ScopeWords = {
  whole: {
    read: 'see everything you can see',
    write: 'post and change things in your name',
    follow: 'manage whom you follow, mute and block',
    push: 'send you push notifications',
    profile: 'see your name and picture',
    'admin:read': 'see everything you can see as an administrator',
    'admin:write': 'administer this server',
  },
  only: {
    read: 'see this alone',
    write: 'change this alone',
    'admin:read': 'see this as an administrator',
    'admin:write': 'change this as an administrator',
  },
  things: {
    accounts: 'accounts and profiles',
    blocks: 'blocks',
    bookmarks: 'bookmarks',
    canonical_email_blocks: 'blocked e-mail addresses',
    collections: 'collections',
    conversations: 'conversations',
    domain_allows: 'allowed servers',
    domain_blocks: 'blocked servers',
    email_domain_blocks: 'blocked e-mail providers',
    favourites: 'favourites',
    filters: 'filters',
    follows: 'follows',
    ip_blocks: 'blocked network addresses',
    lists: 'lists',
    media: 'pictures and other media',
    mutes: 'mutes',
    notifications: 'notifications',
    reports: 'reports',
    search: 'search',
    statuses: 'posts',
  },
}

const italian: ScopeWords = {
  whole: {
    read: 'vedere tutto ciò che vedi tu',
    write: 'pubblicare e modificare a tuo nome',
    follow: 'gestire chi segui, silenzi e blocchi',
    push: 'inviarti notifiche push',
    profile: 'vedere il tuo nome e la tua immagine',
    'admin:read': 'vedere tutto ciò che vedi come amministratore',
    'admin:write': 'amministrare questo server',
  },
  only: {
    read: 'vedere soltanto questo',
    write: 'modificare soltanto questo',
    'admin:read': 'vedere questo come amministratore',
    'admin:write': 'modificare questo come amministratore',
  },
  things: {
    accounts: 'account e profili',
    blocks: 'blocchi',
    bookmarks: 'segnalibri',
    canonical_email_blocks: 'indirizzi e-mail bloccati',
    collections: 'raccolte',
    conversations: 'conversazioni',
    domain_allows: 'server ammessi',
    domain_blocks: 'server bloccati',
    email_domain_blocks: 'fornitori di e-mail bloccati',
    favourites: 'preferiti',
    filters: 'filtri',
    follows: 'chi segui e chi ti segue',
    ip_blocks: 'indirizzi di rete bloccati',
    lists: 'liste',
    media: 'immagini e altri media',
    mutes: 'silenzi',
    notifications: 'notifiche',
    reports: 'segnalazioni',
    search: 'ricerca',
    statuses: 'post',
  },
}

const german: ScopeWords = {
  whole: {
    read: 'alles sehen, was du siehst',
    write: 'in deinem Namen veröffentlichen und ändern',
    follow: 'verwalten, wem du folgst und wen du stummschaltest oder blockierst',
    push: 'dir Push-Mitteilungen senden',
    profile: 'deinen Namen und dein Bild sehen',
    'admin:read': 'alles sehen, was du als Verwalter siehst',
    'admin:write': 'diesen Server verwalten',
  },
  only: {
    read: 'nur dies sehen',
    write: 'nur dies ändern',
    'admin:read': 'dies als Verwalter sehen',
    'admin:write': 'dies als Verwalter ändern',
  },
  things: {
    accounts: 'Konten und Profile',
    blocks: 'Blockierungen',
    bookmarks: 'Lesezeichen',
    canonical_email_blocks: 'blockierte E-Mail-Adressen',
    collections: 'Sammlungen',
    conversations: 'Unterhaltungen',
    domain_allows: 'zugelassene Server',
    domain_blocks: 'blockierte Server',
    email_domain_blocks: 'blockierte E-Mail-Anbieter',
    favourites: 'Favoriten',
    filters: 'Filter',
    follows: 'wem du folgst und wer dir folgt',
    ip_blocks: 'blockierte Netzadressen',
    lists: 'Listen',
    media: 'Bilder und andere Medien',
    mutes: 'Stummschaltungen',
    notifications: 'Mitteilungen',
    reports: 'Meldungen',
    search: 'Suche',
    statuses: 'Beiträge',
  },
}

const korean: ScopeWords = {
  whole: {
    read: '내가 볼 수 있는 모든 것 보기',
    write: '내 이름으로 게시하고 변경하기',
    follow: '팔로우, 뮤트, 차단 관리하기',
    push: '푸시 알림 보내기',
    profile: '이름과 사진 보기',
    'admin:read': '관리자로서 볼 수 있는 모든 것 보기',
    'admin:write': '이 서버 관리하기',
  },
  only: {
    read: '다음만 보기',
    write: '다음만 변경하기',
    'admin:read': '관리자로서 다음 보기',
    'admin:write': '관리자로서 다음 변경하기',
  },
  things: {
    accounts: '계정과 프로필',
    blocks: '차단',
    bookmarks: '북마크',
    canonical_email_blocks: '차단한 이메일 주소',
    collections: '컬렉션',
    conversations: '대화',
    domain_allows: '허용한 서버',
    domain_blocks: '차단한 서버',
    email_domain_blocks: '차단한 이메일 제공자',
    favourites: '좋아요',
    filters: '필터',
    follows: '팔로우',
    ip_blocks: '차단한 네트워크 주소',
    lists: '리스트',
    media: '사진과 미디어',
    mutes: '뮤트',
    notifications: '알림',
    reports: '신고',
    search: '검색',
    statuses: '게시물',
  },
}

const wordsOf: Record<string, ScopeWords> = { en: english, it: italian, de: german, ko: korean }

/**
 * What a scope lets an app do, for the person who is asked or looks it up; as it is for an unknown one.
 * @param language one of our languages; English for any other
 */
export function describeScope(language: string, scope: string): string {
  if (!knownScopes.includes(scope)) return scope
  const {
    whole,
    only,
    things,
  }: Record<keyof ScopeWords, Record<string, string>> = (Object.hasOwn(wordsOf, language)
    ? wordsOf[language]
    : undefined) ?? english
  const end = scope.lastIndexOf(':')
  return whole[scope] ?? `${only[scope.slice(0, end)]}: ${things[scope.slice(end + 1)]}`
}
