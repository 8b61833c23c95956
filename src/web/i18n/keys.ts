// The help about the keyboard.

export const englishKeys = {
  title: 'Keyboard',
  close: 'Close',
  next: 'Next post',
  previous: 'Previous post',
  open: 'Open',
  reply: 'Reply',
  like: 'Like',
  boost: 'Boost',
  bookmark: 'Bookmark',
  compose: 'Write',
  paint: 'Paint',
  search: 'Search',
  newest: 'To the newest',
  post: 'Post',
  pick: 'Choose a picture',
  help: 'This help',
}

type KeysWords = typeof englishKeys

export const germanKeys: KeysWords = {
  title: 'Tastatur',
  close: 'Schließen',
  next: 'Nächster Beitrag',
  previous: 'Voriger Beitrag',
  open: 'Öffnen',
  reply: 'Antworten',
  like: 'Gefällt mir',
  boost: 'Teilen',
  bookmark: 'Merken',
  compose: 'Schreiben',
  paint: 'Malen',
  search: 'Suchen',
  newest: 'Zum Neuesten',
  post: 'Veröffentlichen',
  pick: 'Ein Bild wählen',
  help: 'Diese Hilfe',
}

export const italianKeys: KeysWords = {
  title: 'Tastiera',
  close: 'Chiudi',
  next: 'Post successivo',
  previous: 'Post precedente',
  open: 'Apri',
  reply: 'Rispondi',
  like: 'Mi piace',
  boost: 'Condividi',
  bookmark: 'Segnalibro',
  compose: 'Scrivi',
  paint: 'Dipingi',
  search: 'Cerca',
  newest: 'Ai più recenti',
  post: 'Pubblica',
  pick: 'Scegli un’immagine',
  help: 'Questo aiuto',
}

export const koreanKeys: KeysWords = {
  title: '키보드',
  close: '닫기',
  next: '다음 글',
  previous: '이전 글',
  open: '열기',
  reply: '답글',
  like: '좋아요',
  boost: '부스트',
  bookmark: '북마크',
  compose: '쓰기',
  paint: '그리기',
  search: '검색',
  newest: '최신 글로',
  post: '게시',
  pick: '그림 고르기',
  help: '이 도움말',
}
