import { counter } from './plurals.ts'

// Remixing, and where a picture comes from.

const [en, de, it, ko] = [counter('en'), counter('de'), counter('it'), counter('ko')]

export const englishRemixes = {
  remix: 'Remix',
  remixes: (n: number) => en(n, { one: '# remix', other: '# remixes' }),
  title: (name: string) => `Remix a picture by ${name}`,
  of: (name: string) => `Remix of a picture by ${name}`,
  ofUnknown: 'Remix of another picture',
  lineage: 'Where it comes from, and what came of it',
  lineageTitle: (name: string) => `The lineage of a picture by ${name}`,
  ancestors: 'Made from',
  itself: 'This picture',
  madeFromIt: 'Made from it',
  first: 'Nothing: it is the first.',
  none: 'Nobody has remixed it yet.',
  deleted: 'A picture that was deleted',
  unavailable: 'A picture that is not available to you',
  notAllowed: 'Its author does not allow remixes of this picture, or no longer does.',
}

type RemixesWords = typeof englishRemixes

export const germanRemixes: RemixesWords = {
  remix: 'Remixen',
  remixes: (n) => de(n, { one: '# Remix', other: '# Remixe' }),
  title: (name) => `Ein Bild von ${name} remixen`,
  of: (name) => `Remix eines Bildes von ${name}`,
  ofUnknown: 'Remix eines anderen Bildes',
  lineage: 'Woher es kommt und was daraus wurde',
  lineageTitle: (name) => `Der Stammbaum eines Bildes von ${name}`,
  ancestors: 'Entstanden aus',
  itself: 'Dieses Bild',
  madeFromIt: 'Daraus entstanden',
  first: 'Aus keinem anderen: Es ist das erste.',
  none: 'Noch niemand hat es geremixt.',
  deleted: 'Ein Bild, das gelöscht wurde',
  unavailable: 'Ein Bild, das für dich nicht zugänglich ist',
  notAllowed: 'Remixe dieses Bildes sind nicht oder nicht mehr erlaubt.',
}

export const italianRemixes: RemixesWords = {
  remix: 'Remix',
  remixes: (n) => it(n, { one: '# remix', other: '# remix' }),
  title: (name) => `Fai un remix di un’immagine di ${name}`,
  of: (name) => `Remix di un’immagine di ${name}`,
  ofUnknown: 'Remix di un’altra immagine',
  lineage: 'Da dove viene, e che cosa ne è nato',
  lineageTitle: (name) => `La discendenza di un’immagine di ${name}`,
  ancestors: 'Nata da',
  itself: 'Questa immagine',
  madeFromIt: 'Nate da questa',
  first: 'Da nessun’altra: è la prima.',
  none: 'Nessuno ne ha ancora fatto un remix.',
  deleted: 'Un’immagine che è stata eliminata',
  unavailable: 'Un’immagine che non ti è accessibile',
  notAllowed: 'L’autore non permette remix di questa immagine, o non li permette più.',
}

export const koreanRemixes: RemixesWords = {
  remix: '리믹스',
  remixes: (n) => ko(n, { other: '리믹스 #개' }),
  title: (name) => `${name} 님의 그림 리믹스하기`,
  of: (name) => `${name} 님의 그림을 리믹스함`,
  ofUnknown: '다른 그림을 리믹스함',
  lineage: '어디에서 왔고 무엇이 되었는지',
  lineageTitle: (name) => `${name} 님의 그림의 계보`,
  ancestors: '바탕이 된 그림',
  itself: '이 그림',
  madeFromIt: '이 그림으로 만든 그림',
  first: '없습니다. 첫 그림입니다.',
  none: '아직 리믹스한 사람이 없습니다.',
  deleted: '삭제된 그림',
  unavailable: '볼 수 없는 그림',
  notAllowed: '작성자가 이 그림의 리믹스를 허락하지 않았거나 거두었습니다.',
}
