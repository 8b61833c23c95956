import { counter } from './plurals.ts'

// Quoting with consent.

const [en, de, it, ko] = [counter('en'), counter('de'), counter('it'), counter('ko')]

export const englishQuotes = {
  quote: 'Quote',
  quotes: (n: number) => en(n, { one: '# quote', other: '# quotes' }),
  title: (name: string) => `Quote ${name}`,
  quoted: (name: string) => `Quoted post by ${name}`,
  pending: 'The author has not allowed this quote yet.',
  rejected: 'The author does not allow this quote.',
  revoked: 'The author no longer allows this quote.',
  deleted: 'The quoted post was deleted.',
  unavailable: 'The quoted post is not available to you.',
  open: 'Open the quoted post',
  withdraw: 'Withdraw my post from this quote',
  policy: 'Who may quote it',
  policies: { public: 'Anyone', followers: 'Followers', nobody: 'Only me' },
  notAllowed: 'This post can no longer be quoted.',
}

type QuotesWords = typeof englishQuotes

export const germanQuotes: QuotesWords = {
  quote: 'Zitieren',
  quotes: (n) => de(n, { one: '# Zitat', other: '# Zitate' }),
  title: (name) => `${name} zitieren`,
  quoted: (name) => `Zitierter Beitrag von ${name}`,
  pending: 'Dieses Zitat ist noch nicht erlaubt worden.',
  rejected: 'Dieses Zitat ist nicht erlaubt worden.',
  revoked: 'Dieses Zitat ist nicht mehr erlaubt.',
  deleted: 'Der zitierte Beitrag wurde gelöscht.',
  unavailable: 'Der zitierte Beitrag ist für dich nicht zugänglich.',
  open: 'Den zitierten Beitrag öffnen',
  withdraw: 'Meinen Beitrag aus diesem Zitat zurückziehen',
  policy: 'Wer ihn zitieren darf',
  policies: { public: 'Alle', followers: 'Follower', nobody: 'Nur ich' },
  notAllowed: 'Dieser Beitrag lässt sich nicht mehr zitieren.',
}

export const italianQuotes: QuotesWords = {
  quote: 'Cita',
  quotes: (n) => it(n, { one: '# citazione', other: '# citazioni' }),
  title: (name) => `Cita ${name}`,
  quoted: (name) => `Post citato di ${name}`,
  pending: 'L’autore non ha ancora permesso questa citazione.',
  rejected: 'L’autore non permette questa citazione.',
  revoked: 'L’autore non permette più questa citazione.',
  deleted: 'Il post citato è stato eliminato.',
  unavailable: 'Il post citato non ti è accessibile.',
  open: 'Apri il post citato',
  withdraw: 'Ritira il mio post da questa citazione',
  policy: 'Chi può citarlo',
  policies: { public: 'Chiunque', followers: 'I follower', nobody: 'Solo io' },
  notAllowed: 'Questo post non si può più citare.',
}

export const koreanQuotes: QuotesWords = {
  quote: '인용',
  quotes: (n) => ko(n, { other: '인용 #회' }),
  title: (name) => `${name} 님의 글 인용하기`,
  quoted: (name) => `인용된 ${name} 님의 글`,
  pending: '작성자가 아직 이 인용을 허락하지 않았습니다.',
  rejected: '작성자가 이 인용을 허락하지 않았습니다.',
  revoked: '작성자가 더 이상 이 인용을 허락하지 않습니다.',
  deleted: '인용된 글이 삭제되었습니다.',
  unavailable: '인용된 글을 볼 수 없습니다.',
  open: '인용된 글 열기',
  withdraw: '이 인용에서 내 글 빼기',
  policy: '누가 인용할 수 있나요',
  policies: { public: '누구나', followers: '팔로워', nobody: '나만' },
  notAllowed: '이 글은 더 이상 인용할 수 없습니다.',
}
