// What whoever runs the server switches on and off.

export const englishServerSettings = {
  title: 'Other servers',
  lead: 'What they may read of this server, and how pictures are labelled for them',
  fields: {
    authorized_fetch: {
      label: 'Only answer servers that say who they are',
      hint: 'Profiles, posts and lists are then read only by servers that sign their requests, so that blocked ones get nothing. Some older software can no longer read them. The pages of this server stay public.',
    },
    label_pictures: {
      label: 'Say below pictures made with AI that they are',
      hint: 'A line and a hashtag, for servers that cannot show where a picture comes from.',
    },
  },
}

type ServerSettingsWords = typeof englishServerSettings

export const germanServerSettings: ServerSettingsWords = {
  title: 'Andere Server',
  lead: 'Was sie von hier lesen dürfen, und wie Bilder für sie gekennzeichnet werden',
  fields: {
    authorized_fetch: {
      label: 'Nur Servern antworten, die sagen, wer sie sind',
      hint: 'Profile, Beiträge und Listen lesen dann nur Server, die ihre Anfragen signieren; gesperrte bekommen so nichts. Manche ältere Software kann sie dann nicht mehr lesen. Die Seiten dieses Servers bleiben öffentlich.',
    },
    label_pictures: {
      label: 'Unter Bilder von KI schreiben, dass sie es sind',
      hint: 'Eine Zeile und ein Hashtag, für Server, die nicht zeigen können, woher ein Bild kommt.',
    },
  },
}

export const italianServerSettings: ServerSettingsWords = {
  title: 'Altri server',
  lead: 'Che cosa possono leggere di questo server, e come si etichettano per loro le immagini',
  fields: {
    authorized_fetch: {
      label: 'Rispondi solo ai server che dicono chi sono',
      hint: 'Profili, post ed elenchi saranno letti solo dai server che firmano le richieste, così quelli bloccati non ricevono nulla. Alcuni programmi più vecchi non potranno più leggerli. Le pagine di questo server restano pubbliche.',
    },
    label_pictures: {
      label: 'Scrivi sotto le immagini fatte con l’IA che lo sono',
      hint: 'Una riga e un hashtag, per i server che non possono mostrare da dove viene un’immagine.',
    },
  },
}

export const koreanServerSettings: ServerSettingsWords = {
  title: '다른 서버',
  lead: '다른 서버가 무엇을 읽을 수 있는지, 그림에 어떤 표시를 붙일지',
  fields: {
    authorized_fetch: {
      label: '신원을 밝히는 서버에만 응답하기',
      hint: '요청에 서명하는 서버만 프로필과 게시물, 목록을 읽을 수 있어 차단한 서버는 아무것도 받지 못합니다. 일부 오래된 소프트웨어는 더 이상 읽을 수 없습니다. 이 서버의 웹 페이지는 계속 공개됩니다.',
    },
    label_pictures: {
      label: 'AI로 만든 그림 아래에 그 사실을 적기',
      hint: '그림의 출처를 보여 줄 수 없는 서버를 위해 한 줄과 해시태그를 덧붙입니다.',
    },
  },
}
