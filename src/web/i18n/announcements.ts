// What those who run the server tell everyone here.

export const englishAnnouncements = {
  title: 'Announcements',
  lead: 'What apps show to everyone here',
  text: 'What you have to say',
  textHint: 'Blank lines make paragraphs. Whoever has read it can set it aside.',
  starts: 'From',
  ends: 'Until',
  timeHint: 'Both may be left out. Times are UTC.',
  wrong: 'That is too long, or empty.',
  wrongTime: 'Please give times that there are, the end after the beginning.',
  add: 'Announce',
  withdraw: 'Withdraw',
  none: 'There are no announcements.',
}

type AnnouncementsWords = typeof englishAnnouncements

export const germanAnnouncements: AnnouncementsWords = {
  title: 'Ankündigungen',
  lead: 'Was Apps allen hier zeigen',
  text: 'Was du zu sagen hast',
  textHint: 'Leerzeilen trennen Absätze. Wer es gelesen hat, kann es weglegen.',
  starts: 'Ab',
  ends: 'Bis',
  timeHint: 'Beides kann entfallen. Zeiten sind UTC.',
  wrong: 'Das ist zu lang oder leer.',
  wrongTime: 'Bitte Zeiten angeben, die es gibt, das Ende nach dem Anfang.',
  add: 'Ankündigen',
  withdraw: 'Zurückziehen',
  none: 'Es gibt keine Ankündigungen.',
}

export const italianAnnouncements: AnnouncementsWords = {
  title: 'Annunci',
  lead: 'Quello che le app mostrano a tutti qui',
  text: 'Che cosa hai da dire',
  textHint: 'Le righe vuote separano i paragrafi. Chi l’ha letto può metterlo da parte.',
  starts: 'Dal',
  ends: 'Fino al',
  timeHint: 'Si possono omettere entrambi. Gli orari sono UTC.',
  wrong: 'È troppo lungo, o vuoto.',
  wrongTime: 'Indica orari che esistono, la fine dopo l’inizio.',
  add: 'Annuncia',
  withdraw: 'Ritira',
  none: 'Non ci sono annunci.',
}

export const koreanAnnouncements: AnnouncementsWords = {
  title: '공지',
  lead: '앱이 이곳의 모두에게 보여 주는 글',
  text: '알릴 내용',
  textHint: '빈 줄로 문단을 나눕니다. 읽은 사람은 치워 둘 수 있습니다.',
  starts: '시작',
  ends: '끝',
  timeHint: '둘 다 비워 둘 수 있습니다. 시간은 UTC입니다.',
  wrong: '너무 길거나 비어 있습니다.',
  wrongTime: '있는 시간을 적어 주세요. 끝은 시작보다 늦어야 합니다.',
  add: '알리기',
  withdraw: '거두기',
  none: '공지가 없습니다.',
}
