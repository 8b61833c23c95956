// How long things are kept, for those who run the server.

export const englishRetention = {
  title: 'What is kept',
  lead: 'How long this server keeps what others sent',
  explain:
    'What people here wrote, liked, boosted, bookmarked, answered or were told of is not deleted by this.',
  forever: '0 keeps it for ever.',
  days: 'days',
  megabytes: 'megabytes',
  wrong: (least: string, most: string) => `Please give a whole number from ${least} to ${most}.`,
  used: (used: string, most: string) => `${used} of ${most} megabytes are in use.`,
  fields: {
    remoteNotesDays: {
      label: 'Posts of other servers',
      hint: 'Those that nobody here did anything with. If somebody opens one again, it is fetched again.',
    },
    followedNotesDays: {
      label: 'Posts of people who are followed here',
      hint: 'The same, when somebody here follows who wrote them.',
    },
    notificationsDays: { label: 'Notifications', hint: 'Read or not.' },
    accountsDays: {
      label: 'People of other servers',
      hint: 'Those with whom nobody here has anything to do.',
    },
    cardsDays: { label: 'Link previews', hint: 'Those that no post shows any more.' },
    deadJobsDays: { label: 'Failed work', hint: 'Deliveries and other jobs that were given up.' },
    remoteMediaMb: {
      label: 'Room for pictures of other servers',
      hint: 'When it is full, those that were not looked at for longest are deleted. They come back when somebody looks.',
    },
  },
}

type RetentionWords = typeof englishRetention

export const germanRetention: RetentionWords = {
  title: 'Was aufbewahrt wird',
  lead: 'Wie lange dieser Server behält, was andere geschickt haben',
  explain:
    'Was Menschen hier geschrieben, favorisiert, geteilt, gemerkt oder beantwortet haben oder was ihnen gemeldet wurde, wird dadurch nicht gelöscht.',
  forever: 'Bei 0 bleibt es für immer.',
  days: 'Tage',
  megabytes: 'Megabyte',
  wrong: (least, most) => `Bitte eine ganze Zahl von ${least} bis ${most} angeben.`,
  used: (used, most) => `${used} von ${most} Megabyte sind belegt.`,
  fields: {
    remoteNotesDays: {
      label: 'Beiträge anderer Server',
      hint: 'Solche, mit denen hier niemand etwas gemacht hat. Öffnet jemand einen davon wieder, wird er neu geholt.',
    },
    followedNotesDays: {
      label: 'Beiträge von Menschen, denen hier gefolgt wird',
      hint: 'Dasselbe, wenn jemand hier der Verfasserin oder dem Verfasser folgt.',
    },
    notificationsDays: { label: 'Mitteilungen', hint: 'Ob gelesen oder nicht.' },
    accountsDays: {
      label: 'Menschen auf anderen Servern',
      hint: 'Solche, mit denen hier niemand etwas zu tun hat.',
    },
    cardsDays: { label: 'Linkvorschauen', hint: 'Solche, die kein Beitrag mehr zeigt.' },
    deadJobsDays: { label: 'Gescheiterte Arbeit', hint: 'Zustellungen und anderes, das aufgegeben wurde.' },
    remoteMediaMb: {
      label: 'Platz für Bilder anderer Server',
      hint: 'Ist er voll, werden die gelöscht, die am längsten niemand angesehen hat. Sie kommen wieder, wenn jemand hinsieht.',
    },
  },
}

export const italianRetention: RetentionWords = {
  title: 'Che cosa si conserva',
  lead: 'Per quanto tempo questo server tiene ciò che gli altri hanno inviato',
  explain:
    'Ciò che le persone di qui hanno scritto, apprezzato, condiviso, salvato o a cui hanno risposto, e ciò di cui sono state avvisate, non viene eliminato.',
  forever: 'Con 0 resta per sempre.',
  days: 'giorni',
  megabytes: 'megabyte',
  wrong: (least, most) => `Indica un numero intero da ${least} a ${most}.`,
  used: (used, most) => `Sono occupati ${used} megabyte su ${most}.`,
  fields: {
    remoteNotesDays: {
      label: 'Post di altri server',
      hint: 'Quelli con cui qui nessuno ha fatto nulla. Se qualcuno ne riapre uno, viene recuperato di nuovo.',
    },
    followedNotesDays: {
      label: 'Post di persone seguite da qui',
      hint: 'Lo stesso, quando qualcuno di qui segue chi li ha scritti.',
    },
    notificationsDays: { label: 'Notifiche', hint: 'Lette o no.' },
    accountsDays: {
      label: 'Persone di altri server',
      hint: 'Quelle con cui qui nessuno ha a che fare.',
    },
    cardsDays: { label: 'Anteprime dei link', hint: 'Quelle che nessun post mostra più.' },
    deadJobsDays: { label: 'Lavori falliti', hint: 'Consegne e altri lavori a cui si è rinunciato.' },
    remoteMediaMb: {
      label: 'Spazio per le immagini di altri server',
      hint: 'Quando è pieno, si eliminano quelle che nessuno guarda da più tempo. Tornano quando qualcuno le guarda.',
    },
  },
}

export const koreanRetention: RetentionWords = {
  title: '보관 기간',
  lead: '다른 서버에서 온 것을 이 서버가 얼마나 오래 보관하는지 정합니다',
  explain:
    '이곳 사람들이 쓰거나, 좋아하거나, 부스트하거나, 북마크하거나, 답하거나, 알림을 받은 것은 이 설정으로 삭제되지 않습니다.',
  forever: '0이면 계속 보관합니다.',
  days: '일',
  megabytes: '메가바이트',
  wrong: (least, most) => `${least}부터 ${most}까지의 정수를 입력하세요.`,
  used: (used, most) => `${most}메가바이트 중 ${used}메가바이트를 쓰고 있습니다.`,
  fields: {
    remoteNotesDays: {
      label: '다른 서버의 글',
      hint: '이곳에서 아무도 반응하지 않은 글입니다. 누군가 다시 열면 다시 가져옵니다.',
    },
    followedNotesDays: {
      label: '이곳에서 팔로우하는 사람의 글',
      hint: '위와 같지만, 이곳의 누군가가 글쓴이를 팔로우하는 경우입니다.',
    },
    notificationsDays: { label: '알림', hint: '읽었는지와 관계없습니다.' },
    accountsDays: { label: '다른 서버의 사람', hint: '이곳의 누구와도 관계가 없는 사람입니다.' },
    cardsDays: { label: '링크 미리 보기', hint: '더 이상 어느 글에도 나오지 않는 것입니다.' },
    deadJobsDays: { label: '실패한 작업', hint: '포기한 배달과 그 밖의 작업입니다.' },
    remoteMediaMb: {
      label: '다른 서버의 그림을 위한 공간',
      hint: '가득 차면 가장 오랫동안 보지 않은 그림부터 지웁니다. 누군가 보면 다시 가져옵니다.',
    },
  },
}
