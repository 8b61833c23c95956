import { counter } from './plurals.ts'

// The page about what goes to other servers.

const [en, de, it, ko] = [counter('en'), counter('de'), counter('it'), counter('ko')]

export const englishDeliveries = {
  title: 'Deliveries',
  lead: 'What is still to be sent to other servers, and what could not be',
  waiting: (n: number) =>
    n === 0
      ? 'Nothing is waiting to be sent.'
      : en(n, { one: '# delivery waits.', other: '# deliveries wait.' }),
  hosts: 'Servers that cannot be reached',
  noHosts: 'All servers answer.',
  host: 'Server',
  count: 'Waiting',
  tries: 'Tries',
  next: 'Next try',
  error: 'What happened',
  dead: 'Given up',
  noDead: 'Nothing had to be given up.',
  deadHint: 'What failed for seven days, or was refused. Tried again, it starts afresh.',
  what: 'What',
  died: 'Given up',
  replay: 'Try again',
  drop: 'Delete',
  replayAll: (n: number) => en(n, { one: 'Try it again', other: 'Try all # again' }),
  dropAll: (n: number) => en(n, { one: 'Delete it', other: 'Delete all #' }),
  all: 'everything given up',
}

type DeliveriesWords = typeof englishDeliveries

export const germanDeliveries: DeliveriesWords = {
  title: 'Zustellungen',
  lead: 'Was noch an andere Server geht, und was nicht ankam',
  waiting: (n) =>
    n === 0
      ? 'Nichts wartet auf den Versand.'
      : de(n, { one: '# Zustellung wartet.', other: '# Zustellungen warten.' }),
  hosts: 'Server, die nicht erreichbar sind',
  noHosts: 'Alle Server antworten.',
  host: 'Server (Adresse)',
  count: 'Es warten',
  tries: 'Versuche',
  next: 'Nächster Versuch',
  error: 'Was geschah',
  dead: 'Aufgegeben',
  noDead: 'Nichts musste aufgegeben werden.',
  deadHint:
    'Was sieben Tage lang scheiterte oder abgelehnt wurde. Noch einmal versucht, beginnt es von vorn.',
  what: 'Was',
  died: 'Aufgegeben',
  replay: 'Noch einmal versuchen',
  drop: 'Löschen',
  replayAll: (n) => de(n, { one: 'Noch einmal versuchen', other: 'Alle # noch einmal versuchen' }),
  dropAll: (n) => de(n, { one: 'Löschen', other: 'Alle # löschen' }),
  all: 'alles Aufgegebene',
}

export const italianDeliveries: DeliveriesWords = {
  title: 'Consegne',
  lead: 'Ciò che è ancora da inviare ad altri server, e ciò che non è arrivato',
  waiting: (n) =>
    n === 0
      ? 'Nulla è in attesa di invio.'
      : it(n, { one: '# consegna in attesa.', other: '# consegne in attesa.' }),
  hosts: 'Server non raggiungibili',
  noHosts: 'Tutti i server rispondono.',
  host: 'Indirizzo',
  count: 'In attesa',
  tries: 'Tentativi',
  next: 'Prossimo tentativo',
  error: 'Che cosa è successo',
  dead: 'Invii abbandonati',
  noDead: 'Nessun invio è stato abbandonato.',
  deadHint: 'Ciò che è fallito per sette giorni o è stato rifiutato. Se si riprova, ricomincia da capo.',
  what: 'Che cosa',
  died: 'Abbandonato',
  replay: 'Riprova',
  drop: 'Elimina',
  replayAll: (n) => it(n, { one: 'Riprova', other: 'Riprova tutti e #' }),
  dropAll: (n) => it(n, { one: 'Elimina', other: 'Elimina tutti e #' }),
  all: 'tutto ciò che è stato abbandonato',
}

export const koreanDeliveries: DeliveriesWords = {
  title: '전송',
  lead: '다른 서버로 보낼 것과 보내지 못한 것',
  waiting: (n) => (n === 0 ? '보낼 것이 없습니다.' : ko(n, { other: '#건이 기다리고 있습니다.' })),
  hosts: '연결되지 않는 서버',
  noHosts: '모든 서버가 응답합니다.',
  host: '서버',
  count: '대기',
  tries: '시도',
  next: '다음 시도',
  error: '오류',
  dead: '포기한 전송',
  noDead: '포기한 전송이 없습니다.',
  deadHint: '7일 동안 실패했거나 거부된 것입니다. 다시 보내면 처음부터 새로 시도합니다.',
  what: '무엇',
  died: '포기한 때',
  replay: '다시 보내기',
  drop: '삭제',
  replayAll: (n) => ko(n, { other: '#건 모두 다시 보내기' }),
  dropAll: (n) => ko(n, { other: '#건 모두 삭제' }),
  all: '포기한 모든 것',
}
