// This server’s own emoji, for those who run it.

export const englishEmojis = {
  title: 'Custom emoji',
  lead: 'Little pictures of your own, to write and react with',
  explain:
    'Small pictures that people here can write as :name: and react with. Of an animated picture the first frame is kept.',
  none: 'There are none yet.',
  shortcode: 'Name',
  shortcodeHint: '2 to 64 letters, digits and _.',
  category: 'Category (optional)',
  file: 'Picture',
  fileHint: 'PNG, WebP, GIF, JPEG or AVIF; it is made no larger than 128 pixels.',
  add: 'Add',
  removeOne: (name: string) => `Remove :${name}:`,
  refused: {
    taken: 'There is an emoji of this name already; remove it first.',
    shortcode: 'A name has 2 to 64 letters, digits and _.',
    file: 'This picture cannot be used.',
  },
}

type EmojisWords = typeof englishEmojis

export const germanEmojis: EmojisWords = {
  title: 'Eigene Emojis',
  lead: 'Eigene kleine Bilder, zum Schreiben und Reagieren',
  explain:
    'Kleine Bilder, die man hier als :name: schreiben und mit denen man reagieren kann. Von einem bewegten Bild bleibt das erste Einzelbild.',
  none: 'Noch gibt es keine.',
  shortcode: 'Name',
  shortcodeHint: '2 bis 64 Buchstaben, Ziffern und _.',
  category: 'Kategorie (freiwillig)',
  file: 'Bild',
  fileHint: 'PNG, WebP, GIF, JPEG oder AVIF; es wird höchstens 128 Pixel groß.',
  add: 'Hinzufügen',
  removeOne: (name) => `:${name}: entfernen`,
  refused: {
    taken: 'Ein Emoji mit diesem Namen gibt es schon; entferne es zuerst.',
    shortcode: 'Ein Name hat 2 bis 64 Buchstaben, Ziffern und _.',
    file: 'Dieses Bild lässt sich nicht verwenden.',
  },
}

export const italianEmojis: EmojisWords = {
  title: 'Emoji personalizzate',
  lead: 'Piccole immagini tutte vostre, per scrivere e reagire',
  explain:
    'Piccole immagini che qui si possono scrivere come :nome: e usare per reagire. Di un’immagine animata resta il primo fotogramma.',
  none: 'Non ce ne sono ancora.',
  shortcode: 'Nome',
  shortcodeHint: 'Da 2 a 64 lettere, cifre e _.',
  category: 'Categoria (facoltativa)',
  file: 'Immagine',
  fileHint: 'PNG, WebP, GIF, JPEG o AVIF; viene ridotta a 128 pixel al massimo.',
  add: 'Aggiungi',
  removeOne: (name) => `Rimuovi :${name}:`,
  refused: {
    taken: 'Esiste già un’emoji con questo nome; prima rimuovila.',
    shortcode: 'Un nome ha da 2 a 64 lettere, cifre e _.',
    file: 'Questa immagine non si può usare.',
  },
}

export const koreanEmojis: EmojisWords = {
  title: '커스텀 이모지',
  lead: '글과 반응에 쓰는 이 서버만의 작은 그림',
  explain:
    '이곳 사람들이 :이름:으로 쓰고 반응으로 남길 수 있는 작은 그림입니다. 움직이는 그림은 첫 장면만 남습니다.',
  none: '아직 없습니다.',
  shortcode: '이름',
  shortcodeHint: '영문자, 숫자, _ 2~64자.',
  category: '분류(선택)',
  file: '그림',
  fileHint: 'PNG, WebP, GIF, JPEG, AVIF. 128픽셀을 넘지 않게 줄입니다.',
  add: '추가',
  removeOne: (name) => `:${name}: 삭제`,
  refused: {
    taken: '같은 이름의 이모지가 이미 있습니다. 먼저 삭제하세요.',
    shortcode: '이름은 영문자, 숫자, _ 2~64자입니다.',
    file: '이 그림은 쓸 수 없습니다.',
  },
}
