import { koreanAccount } from './account.ts'
import { koreanAnnouncements } from './announcements.ts'
import { koreanApps } from './apps.ts'
import { koreanBluesky } from './bluesky.ts'
import { koreanCompose } from './compose.ts'
import { koreanDeliveries } from './deliveries.ts'
import { koreanEdits } from './edits.ts'
import { koreanEmojis } from './emojis.ts'
import type { Messages } from './en.ts'
import { koreanFilters } from './filters.ts'
import { koreanIdentity } from './identity.ts'
import { koreanKeys } from './keys.ts'
import { koreanNote } from './note.ts'
import { koreanNotifications } from './notifications.ts'
import { counter } from './plurals.ts'
import { koreanPolls } from './polls.ts'
import { koreanProfile } from './profile.ts'
import { koreanProvenance } from './provenance.ts'
import { koreanQuotes } from './quotes.ts'
import { koreanReactions } from './reactions.ts'
import { koreanRefusals } from './refusals.ts'
import { koreanRemixes } from './remixes.ts'
import { koreanReports } from './reports.ts'
import { koreanRetention } from './retention.ts'
import { koreanServerSettings } from './server-settings.ts'
import { koreanServerWords } from './server-words.ts'
import { koreanSettings } from './settings.ts'
import { koreanSignUp } from './sign-up.ts'

const count = counter('ko')

export const korean: Messages = {
  languageName: '한국어',
  slogan: '이야기가 오가는 화랑.',
  skipToContent: '본문으로 건너뛰기',
  nav: {
    label: '주 메뉴',
    home: '홈',
    local: '이 서버',
    federated: '모든 서버',
    search: '검색',
    create: '만들기',
    notifications: '알림',
    profile: '프로필',
    settings: '설정',
    about: '소개',
    signIn: '로그인',
    signOut: '로그아웃',
    more: '더 보기',
  },
  unread: (n) => count(n, { other: '새 알림 #개' }),
  welcome: {
    lead: '그림을 그리고 한마디 덧붙이면, 당신을 팔로우하는 모든 서버에서 볼 수 있습니다.',
    newest: '새로운 그림과 글',
    nothing: '아직 게시된 것이 없습니다.',
  },
  owner: {
    title: '이 서버의 주인이 되세요',
    lead: '첫 번째로 오셨습니다. 이름과 비밀번호를 정하세요. 사진은 나중에 해도 됩니다.',
    permanent: (host) => `이름은 바꿀 수 없습니다. 다른 사람에게는 @이름@${host}(으)로 보입니다.`,
    submit: '시작하기',
    goneTitle: '이 링크는 더 이상 쓸 수 없습니다',
    gone: '이미 사용되었거나 하루가 지났습니다. 서버에서 다음 명령으로 새로 만들 수 있습니다:',
  },
  fields: {
    username: '이름',
    usernameHint: '영문자, 숫자, _를 30자까지 쓸 수 있습니다.',
    password: '비밀번호',
    passwordHint: '8자 이상. 단어 몇 개를 이어 쓰면 좋습니다.',
    login: '이름 또는 이메일',
  },
  signIn: {
    title: '로그인',
    submit: '로그인',
    wrong: '이름, 이메일 또는 비밀번호가 틀렸습니다.',
    tooMany: '시도가 너무 많습니다. 나중에 다시 시도하세요.',
    refused: '이 계정은 지금 로그인할 수 없습니다.',
    needed: '계속하려면 로그인하세요.',
    signUp: '참여하는 방법',
    signOutQuestion: '이 브라우저에서 로그아웃할까요?',
  },
  signUp: koreanSignUp,
  home: {
    title: '홈',
    prompt: '무엇을 그려 볼까요?',
    empty: '홈이 아직 조용합니다.',
    emptyLead: '첫 그림을 그리거나 팔로우할 사람을 찾아보세요.',
    paintFirst: '첫 그림 그리기',
    findPeople: '사람 찾기',
  },
  feed: {
    local: '이 서버',
    localLead: (host) => `${host}의 사람들이 모두에게 공개한 글입니다.`,
    federated: '모든 서버',
    federatedLead: '이 서버가 알고 있는 다른 모든 서버의 소식입니다.',
    tag: (name) => `#${name}`,
    older: '이전 글',
    newer: '최신 글로 돌아가기',
    empty: '아직 아무것도 없습니다.',
    label: '글',
  },
  note: koreanNote,
  reactions: koreanReactions,
  emojis: koreanEmojis,
  provenance: koreanProvenance,
  profile: koreanProfile,
  notifications: koreanNotifications,
  compose: koreanCompose,
  search: {
    title: '검색',
    label: '사람, @이름 또는 주소',
    submit: '검색',
    hint: '이름, @누구@다른.서버, 또는 글의 주소.',
    people: '사람',
    none: (text) => `“${text}”에 대한 결과가 없습니다.`,
  },
  interact: {
    title: '여기서 열기',
    none: '이 주소에는 이 서버가 열 수 있는 것이 없습니다.',
  },
  about: {
    title: '이 서버에 대하여',
    lead: (host) =>
      `${host}은(는) Pinxit으로 운영됩니다. 정성껏 만들고 정직하게 표시한 그림을 위한 소셜 네트워크입니다.`,
    pictures:
      'AI로 만든 그림에는 언제나 표시와 만든 사람, 모델이 붙습니다. 작성자가 원하면 프롬프트도 보입니다. 스케치는 AI가 아니라고 밝힙니다.',
    follow: '이곳의 누구든 Mastodon과 ActivityPub을 쓰는 다른 서버에서 팔로우할 수 있습니다.',
    software: '자유 소프트웨어입니다 (AGPL-3.0).',
    people: (n) => count(n, { other: '#명이 이곳에 있습니다' }),
    rules: '규칙',
    privacy: '개인정보 처리방침',
    terms: '이용 약관',
    since: (day, next) =>
      next === undefined
        ? `${day}부터 적용됩니다.`
        : `${day}부터 적용됩니다. ${next}부터는 새 약관이 적용됩니다.`,
  },
  settings: koreanSettings,
  account: koreanAccount,
  apps: koreanApps,
  announcements: koreanAnnouncements,
  bluesky: koreanBluesky,
  deliveries: koreanDeliveries,
  quotes: koreanQuotes,
  remixes: koreanRemixes,
  refusals: koreanRefusals,
  reports: koreanReports,
  retention: koreanRetention,
  serverSettings: koreanServerSettings,
  serverWords: koreanServerWords,
  filters: koreanFilters,
  identity: koreanIdentity,
  polls: koreanPolls,
  edits: koreanEdits,
  errors: {
    title: '진행할 수 없습니다',
    notFound: '아무것도 없거나, 볼 수 없는 것입니다.',
    gone: '이제 없습니다.',
    forbidden: '허용되지 않습니다.',
    csrf: '페이지가 너무 오래되었거나 요청이 다른 곳에서 왔습니다. 돌아가 새로 고친 뒤 다시 시도하세요.',
    tooLarge: '너무 큽니다.',
    tooMany: '한꺼번에 너무 많습니다. 잠시 후 다시 시도하세요.',
    invalid: '이대로는 쓸 수 없습니다.',
    unavailable: '필요한 서비스가 응답하지 않습니다. 잠시 후 다시 시도하세요.',
    failed: '서버에 문제가 생겼습니다. 잠시 후 다시 시도하세요.',
    back: '돌아가기',
    home: '첫 페이지로',
  },
  accounts: {
    nameTaken: '이미 쓰는 이름입니다.',
    nameReserved: '쓸 수 없는 이름입니다.',
    nameInvalid: '이름은 영문자, 숫자, _를 30자까지 쓸 수 있습니다.',
    passwordShort: '비밀번호가 너무 짧습니다.',
    passwordInvalid: '이 비밀번호는 쓸 수 없습니다.',
    emailInvalid: '이 이메일 주소는 쓸 수 없습니다.',
    nameLong: '이름이 너무 깁니다.',
    bioLong: '글이 너무 깁니다.',
  },
  keys: koreanKeys,
}
