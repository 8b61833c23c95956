import { counter } from './plurals.ts'

// Questions with options, in the composer and under a post.

const [en, de, it, ko] = [counter('en'), counter('de'), counter('it'), counter('ko')]

export const englishPolls = {
  poll: 'Poll',
  add: 'Ask a question with options',
  option: (n: number) => `Option ${n}`,
  optionHint: 'Two to four options, at most 50 characters each. A poll has no pictures.',
  isMultiple: 'Several may be chosen',
  duration: 'How long',
  minutes: (n: number) => en(n, { one: '# minute', other: '# minutes' }),
  hours: (n: number) => en(n, { one: '# hour', other: '# hours' }),
  days: (n: number) => en(n, { one: '# day', other: '# days' }),
  invalid: 'A poll needs two to four different options of at most 50 characters, and no pictures.',
  chooseOne: 'Choose one',
  chooseSome: 'Choose one or more',
  vote: 'Vote',
  votes: (n: number) => en(n, { one: '# vote', other: '# votes' }),
  people: (n: number) => en(n, { one: '# person', other: '# people' }),
  chosen: 'Your choice',
  ends: 'Ends',
  ended: 'Ended',
}

type PollWords = typeof englishPolls

export const germanPolls: PollWords = {
  poll: 'Umfrage',
  add: 'Eine Frage mit Antworten stellen',
  option: (n) => `Antwort ${n}`,
  optionHint: 'Zwei bis vier Antworten, jede höchstens 50 Zeichen. Eine Umfrage hat keine Bilder.',
  isMultiple: 'Mehrere dürfen gewählt werden',
  duration: 'Wie lange',
  minutes: (n) => de(n, { one: '# Minute', other: '# Minuten' }),
  hours: (n) => de(n, { one: '# Stunde', other: '# Stunden' }),
  days: (n) => de(n, { one: '# Tag', other: '# Tage' }),
  invalid:
    'Eine Umfrage braucht zwei bis vier verschiedene Antworten mit höchstens 50 Zeichen und keine Bilder.',
  chooseOne: 'Wähle eine',
  chooseSome: 'Wähle eine oder mehrere',
  vote: 'Abstimmen',
  votes: (n) => de(n, { one: '# Stimme', other: '# Stimmen' }),
  people: (n) => de(n, { one: '# Person', other: '# Personen' }),
  chosen: 'Deine Wahl',
  ends: 'Endet',
  ended: 'Beendet',
}

export const italianPolls: PollWords = {
  poll: 'Sondaggio',
  add: 'Fai una domanda con risposte',
  option: (n) => `Risposta ${n}`,
  optionHint: 'Da due a quattro risposte, al massimo 50 caratteri ciascuna. Un sondaggio non ha immagini.',
  isMultiple: 'Se ne possono scegliere più di una',
  duration: 'Per quanto tempo',
  minutes: (n) => it(n, { one: '# minuto', other: '# minuti' }),
  hours: (n) => it(n, { one: '# ora', other: '# ore' }),
  days: (n) => it(n, { one: '# giorno', other: '# giorni' }),
  invalid:
    'Un sondaggio vuole da due a quattro risposte diverse di al massimo 50 caratteri, e nessuna immagine.',
  chooseOne: 'Scegline una',
  chooseSome: 'Scegline una o più',
  vote: 'Vota',
  votes: (n) => it(n, { one: '# voto', other: '# voti' }),
  people: (n) => it(n, { one: '# persona', other: '# persone' }),
  chosen: 'La tua scelta',
  ends: 'Finisce',
  ended: 'Finito',
}

export const koreanPolls: PollWords = {
  poll: '투표',
  add: '보기가 있는 질문하기',
  option: (n) => `보기 ${n}`,
  optionHint: '보기는 두 개에서 네 개까지, 각각 최대 50자입니다. 투표에는 그림을 넣을 수 없습니다.',
  isMultiple: '여러 개 선택 가능',
  duration: '기간',
  minutes: (n) => ko(n, { other: '#분' }),
  hours: (n) => ko(n, { other: '#시간' }),
  days: (n) => ko(n, { other: '#일' }),
  invalid: '투표에는 최대 50자의 서로 다른 보기가 두 개에서 네 개까지 필요하고, 그림은 넣을 수 없습니다.',
  chooseOne: '하나를 고르세요',
  chooseSome: '하나 이상 고르세요',
  vote: '투표하기',
  votes: (n) => ko(n, { other: '#표' }),
  people: (n) => ko(n, { other: '#명' }),
  chosen: '내 선택',
  ends: '마감',
  ended: '마감됨',
}
