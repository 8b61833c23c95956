import { counter } from './plurals.ts'

// Quoting with consent, remixing, and where a picture comes from.

const inEnglish = counter('en')
const inGerman = counter('de')
const inItalian = counter('it')
const inKorean = counter('ko')

export const englishQuotes = {
  quote: 'Quote',
  quotes: (n: number) => inEnglish(n, { one: '# quote', other: '# quotes' }),
  title: (name: string) => `Quote ${name}`,
  quoted: (name: string) => `Quoted post by ${name}`,
  pending: 'A quote that waits for its author’s leave.',
  rejected: 'Its author does not allow this quote.',
  revoked: 'Its author has withdrawn this quote.',
  deleted: 'The quoted post was deleted.',
  unavailable: 'The quoted post is not available to you.',
  open: 'Open the quoted post',
  withdraw: 'Withdraw my post from this quote',
  policy: 'Who may quote it',
  policies: { public: 'Anyone', followers: 'Followers', nobody: 'Only me' },
  notAllowed: 'This post can no longer be quoted.',
}

export const englishRemixes = {
  remix: 'Remix',
  remixes: (n: number) => inEnglish(n, { one: '# remix', other: '# remixes' }),
  title: (name: string) => `Remix a picture by ${name}`,
  of: (name: string) => `Remix of a picture by ${name}`,
  ofUnknown: 'Remix of another picture',
  lineage: 'Where it comes from, and what came of it',
  lineageTitle: (name: string) => `The lineage of a picture by ${name}`,
  ancestors: 'Made from',
  itself: 'This picture',
  madeFromIt: 'Made from it',
  first: 'It is the first of its line.',
  none: 'Nobody has remixed it yet.',
  deleted: 'A picture that was deleted',
  unavailable: 'A picture that is not available to you',
  notAllowed: 'Its author does not allow remixes of this picture, or no longer does.',
}

export const germanQuotes: typeof englishQuotes = {
  quote: 'Zitieren',
  quotes: (n) => inGerman(n, { one: '# Zitat', other: '# Zitate' }),
  title: (name) => `${name} zitieren`,
  quoted: (name) => `Zitierter Beitrag von ${name}`,
  pending: 'Ein Zitat, das auf die Erlaubnis wartet.',
  rejected: 'Dieses Zitat ist nicht erlaubt worden.',
  revoked: 'Die Erlaubnis für dieses Zitat ist zurückgezogen.',
  deleted: 'Der zitierte Beitrag wurde gelöscht.',
  unavailable: 'Der zitierte Beitrag ist für dich nicht zugänglich.',
  open: 'Den zitierten Beitrag öffnen',
  withdraw: 'Meinen Beitrag aus diesem Zitat zurückziehen',
  policy: 'Wer ihn zitieren darf',
  policies: { public: 'Alle', followers: 'Wer mir folgt', nobody: 'Nur ich' },
  notAllowed: 'Dieser Beitrag lässt sich nicht mehr zitieren.',
}

export const germanRemixes: typeof englishRemixes = {
  remix: 'Remixen',
  remixes: (n) => inGerman(n, { one: '# Remix', other: '# Remixe' }),
  title: (name) => `Ein Bild von ${name} remixen`,
  of: (name) => `Remix eines Bildes von ${name}`,
  ofUnknown: 'Remix eines anderen Bildes',
  lineage: 'Woher es kommt und was daraus wurde',
  lineageTitle: (name) => `Der Stammbaum eines Bildes von ${name}`,
  ancestors: 'Entstanden aus',
  itself: 'Dieses Bild',
  madeFromIt: 'Daraus entstanden',
  first: 'Es ist das erste seiner Reihe.',
  none: 'Noch niemand hat es geremixt.',
  deleted: 'Ein Bild, das gelöscht wurde',
  unavailable: 'Ein Bild, das für dich nicht zugänglich ist',
  notAllowed: 'Remixe dieses Bildes sind nicht oder nicht mehr erlaubt.',
}

export const italianQuotes: typeof englishQuotes = {
  quote: 'Cita',
  quotes: (n) => inItalian(n, { one: '# citazione', other: '# citazioni' }),
  title: (name) => `Cita ${name}`,
  quoted: (name) => `Post citato di ${name}`,
  pending: 'Una citazione che aspetta il permesso dell’autore.',
  rejected: 'L’autore non permette questa citazione.',
  revoked: 'L’autore ha ritirato questa citazione.',
  deleted: 'Il post citato è stato eliminato.',
  unavailable: 'Il post citato non ti è accessibile.',
  open: 'Apri il post citato',
  withdraw: 'Ritira il mio post da questa citazione',
  policy: 'Chi può citarlo',
  policies: { public: 'Chiunque', followers: 'Chi mi segue', nobody: 'Solo io' },
  notAllowed: 'Questo post non si può più citare.',
}

export const italianRemixes: typeof englishRemixes = {
  remix: 'Remix',
  remixes: (n) => inItalian(n, { one: '# remix', other: '# remix' }),
  title: (name) => `Fai un remix di un’immagine di ${name}`,
  of: (name) => `Remix di un’immagine di ${name}`,
  ofUnknown: 'Remix di un’altra immagine',
  lineage: 'Da dove viene, e che cosa ne è nato',
  lineageTitle: (name) => `La discendenza di un’immagine di ${name}`,
  ancestors: 'Nata da',
  itself: 'Questa immagine',
  madeFromIt: 'Nate da questa',
  first: 'È la prima della sua linea.',
  none: 'Nessuno ne ha ancora fatto un remix.',
  deleted: 'Un’immagine che è stata eliminata',
  unavailable: 'Un’immagine che non ti è accessibile',
  notAllowed: 'L’autore non permette remix di questa immagine, o non li permette più.',
}

export const koreanQuotes: typeof englishQuotes = {
  quote: '인용',
  quotes: (n) => inKorean(n, { other: '인용 #회' }),
  title: (name) => `${name} 님의 글 인용하기`,
  quoted: (name) => `인용된 ${name} 님의 글`,
  pending: '작성자의 허락을 기다리는 인용입니다.',
  rejected: '작성자가 이 인용을 허락하지 않았습니다.',
  revoked: '작성자가 이 인용의 허락을 거두었습니다.',
  deleted: '인용된 글이 삭제되었습니다.',
  unavailable: '인용된 글을 볼 수 없습니다.',
  open: '인용된 글 열기',
  withdraw: '이 인용에서 내 글 빼기',
  policy: '누가 인용할 수 있나요',
  policies: { public: '누구나', followers: '팔로워', nobody: '나만' },
  notAllowed: '이 글은 더 이상 인용할 수 없습니다.',
}

export const koreanRemixes: typeof englishRemixes = {
  remix: '리믹스',
  remixes: (n) => inKorean(n, { other: '리믹스 #개' }),
  title: (name) => `${name} 님의 그림 리믹스하기`,
  of: (name) => `${name} 님의 그림을 리믹스함`,
  ofUnknown: '다른 그림을 리믹스함',
  lineage: '어디에서 왔고 무엇이 되었는지',
  lineageTitle: (name) => `${name} 님의 그림의 계보`,
  ancestors: '바탕이 된 그림',
  itself: '이 그림',
  madeFromIt: '이 그림으로 만든 그림',
  first: '이 계보의 첫 그림입니다.',
  none: '아직 리믹스한 사람이 없습니다.',
  deleted: '삭제된 그림',
  unavailable: '볼 수 없는 그림',
  notAllowed: '작성자가 이 그림의 리믹스를 허락하지 않았거나 거두었습니다.',
}
