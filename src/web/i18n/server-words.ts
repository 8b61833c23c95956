// What a server says of itself and asks of its people.

export const englishServerWords = {
  title: 'What this server says',
  lead: 'Its name, what it is for, its rules and terms',
  wrong: 'That is too long, or empty.',
  wrongDay: 'Please give a day from today on. Terms that hold already stay as they are.',
  fields: {
    title: { label: 'Name', hint: 'Apps and lists of servers show it.' },
    description: { label: 'In a sentence or two', hint: 'What it is and for whom. At most 500 characters.' },
    about: { label: 'At length', hint: 'Stands on the page about this server. Blank lines make paragraphs.' },
    privacy: { label: 'Privacy policy', hint: 'What you keep of people, and for how long.' },
  },
  rules: 'Rules',
  rulesHint:
    'One each, and below it a hint if it needs one. An empty one goes; save to get more. A rule that is worded anew is a new one.',
  rule: (n: number) => `Rule ${n}`,
  ruleHint: (n: number) => `Hint for rule ${n}`,
  terms: 'Terms of service',
  termsHint:
    'They hold from a day on, until later ones do. What holds already is not changed: write it anew for a later day.',
  termsText: 'Terms',
  termsDay: 'Hold from',
}

type ServerWordsWords = typeof englishServerWords

export const germanServerWords: ServerWordsWords = {
  title: 'Was dieser Server sagt',
  lead: 'Sein Name, wozu er da ist, seine Regeln und Bedingungen',
  wrong: 'Das ist zu lang oder leer.',
  wrongDay: 'Bitte einen Tag ab heute angeben. Bedingungen, die schon gelten, bleiben, wie sie sind.',
  fields: {
    title: { label: 'Name', hint: 'Apps und Serverlisten zeigen ihn.' },
    description: { label: 'In ein, zwei Sätzen', hint: 'Was er ist und für wen. Höchstens 500 Zeichen.' },
    about: {
      label: 'Ausführlich',
      hint: 'Steht auf der Seite über diesen Server. Leerzeilen trennen Absätze.',
    },
    privacy: { label: 'Datenschutzerklärung', hint: 'Was von den Leuten aufbewahrt wird, und wie lange.' },
  },
  rules: 'Regeln',
  rulesHint:
    'Je eine, darunter bei Bedarf ein Hinweis. Leere entfallen; nach dem Speichern gibt es neue. Eine neu formulierte Regel ist eine neue.',
  rule: (n: number) => `Regel ${n}`,
  ruleHint: (n: number) => `Hinweis zu Regel ${n}`,
  terms: 'Nutzungsbedingungen',
  termsHint:
    'Sie gelten ab einem Tag, bis spätere gelten. Was schon gilt, wird nicht geändert: für einen späteren Tag neu schreiben.',
  termsText: 'Bedingungen',
  termsDay: 'Gelten ab',
}

export const italianServerWords: ServerWordsWords = {
  title: 'Che cosa dice questo server',
  lead: 'Il suo nome, a che cosa serve, le regole e le condizioni',
  wrong: 'È troppo lungo, o vuoto.',
  wrongDay: 'Indica un giorno da oggi in poi. Le condizioni già in vigore restano come sono.',
  fields: {
    title: { label: 'Nome', hint: 'Lo mostrano le app e gli elenchi di server.' },
    description: { label: 'In una o due frasi', hint: 'Che cos’è e per chi. Al massimo 500 caratteri.' },
    about: {
      label: 'Per esteso',
      hint: 'Sta nella pagina su questo server. Le righe vuote separano i paragrafi.',
    },
    privacy: { label: 'Informativa sulla privacy', hint: 'Che cosa conservi delle persone, e per quanto.' },
  },
  rules: 'Regole',
  rulesHint:
    'Una per volta e, se serve, sotto una nota. Quelle vuote spariscono; salvando se ne aggiungono altre. Una regola riscritta è una regola nuova.',
  rule: (n: number) => `Regola ${n}`,
  ruleHint: (n: number) => `Nota alla regola ${n}`,
  terms: 'Condizioni d’uso',
  termsHint:
    'Valgono da un certo giorno, finché non ne valgono altre. Ciò che vale già non si cambia: riscrivilo per un giorno successivo.',
  termsText: 'Condizioni',
  termsDay: 'Valgono dal',
}

export const koreanServerWords: ServerWordsWords = {
  title: '이 서버의 소개',
  lead: '이름, 목적, 규칙과 이용 약관',
  wrong: '너무 길거나 비어 있습니다.',
  wrongDay: '오늘 이후의 날짜를 적어 주세요. 이미 적용 중인 약관은 그대로 남습니다.',
  fields: {
    title: { label: '이름', hint: '앱과 서버 목록에 표시됩니다.' },
    description: { label: '한두 문장으로', hint: '어떤 곳이며 누구를 위한 곳인지. 최대 500자.' },
    about: { label: '자세한 소개', hint: '서버 소개 페이지에 표시됩니다. 빈 줄로 문단을 나눕니다.' },
    privacy: { label: '개인정보 처리방침', hint: '사람들에 대해 무엇을 얼마 동안 보관하는지.' },
  },
  rules: '규칙',
  rulesHint:
    '하나씩 적고 필요하면 아래에 설명을 붙입니다. 빈 칸은 사라지며 저장하면 새 칸이 생깁니다. 문구를 바꾼 규칙은 새 규칙이 됩니다.',
  rule: (n: number) => `규칙 ${n}`,
  ruleHint: (n: number) => `규칙 ${n}의 설명`,
  terms: '이용 약관',
  termsHint:
    '정한 날부터 다음 약관이 적용될 때까지 유효합니다. 이미 적용 중인 약관은 바꿀 수 없으니 이후 날짜로 새로 적어 주세요.',
  termsText: '약관',
  termsDay: '적용 시작일',
}
