import { counter } from './plurals.ts'

// The page about what goes to other servers.

const [en, de, it, ko] = [counter('en'), counter('de'), counter('it'), counter('ko')]

export const englishDeliveries = {
  title: 'Deliveries',
  lead: 'What waits for other servers, and what was given up',
  waiting: (n: number) => en(n, { one: '# delivery on its way', other: '# deliveries on their way' }),
  hosts: 'Servers that give trouble',
  noHosts: 'None: all that was sent was taken.',
  host: 'Server',
  count: 'Waiting',
  tries: 'Tries',
  next: 'Next try',
  error: 'What happened',
  dead: (n: number) => en(n, { one: '# given up', other: '# given up' }),
  deadHint: 'What failed for seven days, or for good. Replayed, it has all its tries again.',
  what: 'What',
  died: 'Given up',
  replay: 'Replay',
  drop: 'Drop',
  replayAll: 'Replay all',
  dropAll: 'Drop all',
  all: 'everything given up',
}

type DeliveriesWords = typeof englishDeliveries

export const germanDeliveries: DeliveriesWords = {
  title: 'Zustellungen',
  lead: 'Was auf andere Server wartet, und was aufgegeben wurde',
  waiting: (n) => de(n, { one: '# Zustellung unterwegs', other: '# Zustellungen unterwegs' }),
  hosts: 'Server mit Schwierigkeiten',
  noHosts: 'Keine: Alles Gesendete wurde angenommen.',
  host: 'Server (Adresse)',
  count: 'Es warten',
  tries: 'Versuche',
  next: 'Nächster Versuch',
  error: 'Was geschah',
  dead: (n) => de(n, { one: '# aufgegeben', other: '# aufgegeben' }),
  deadHint: 'Was sieben Tage lang oder endgültig scheiterte. Wiederholt hat es alle Versuche von neuem.',
  what: 'Was',
  died: 'Aufgegeben',
  replay: 'Wiederholen',
  drop: 'Verwerfen',
  replayAll: 'Alle wiederholen',
  dropAll: 'Alle verwerfen',
  all: 'alles Aufgegebene',
}

export const italianDeliveries: DeliveriesWords = {
  title: 'Consegne',
  lead: 'Ciò che attende altri server, e ciò che è stato abbandonato',
  waiting: (n) => it(n, { one: '# consegna in viaggio', other: '# consegne in viaggio' }),
  hosts: 'Server con difficoltà',
  noHosts: 'Nessuno: tutto ciò che è partito è stato accolto.',
  host: 'Indirizzo',
  count: 'In attesa',
  tries: 'Tentativi',
  next: 'Prossimo tentativo',
  error: 'Che cosa è successo',
  dead: (n) => it(n, { one: '# abbandonata', other: '# abbandonate' }),
  deadHint: 'Ciò che è fallito per sette giorni, o per sempre. Ripetuto, ha di nuovo tutti i tentativi.',
  what: 'Che cosa',
  died: 'Abbandonata',
  replay: 'Ripeti',
  drop: 'Elimina',
  replayAll: 'Ripeti tutte',
  dropAll: 'Elimina tutte',
  all: 'tutto ciò che è stato abbandonato',
}

export const koreanDeliveries: DeliveriesWords = {
  title: '전달',
  lead: '다른 서버를 기다리는 것과 포기한 것',
  waiting: (n) => ko(n, { other: '전달 중 #건' }),
  hosts: '문제가 있는 서버',
  noHosts: '없습니다. 보낸 것은 모두 받아들여졌습니다.',
  host: '서버',
  count: '대기',
  tries: '시도',
  next: '다음 시도',
  error: '무슨 일이 있었나',
  dead: (n) => ko(n, { other: '포기한 것 #건' }),
  deadHint: '이레 동안, 또는 영영 실패한 것입니다. 다시 보내면 처음부터 모두 다시 시도합니다.',
  what: '무엇',
  died: '포기한 때',
  replay: '다시 보내기',
  drop: '버리기',
  replayAll: '모두 다시 보내기',
  dropAll: '모두 버리기',
  all: '포기한 모든 것',
}
