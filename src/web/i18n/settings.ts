// What people set for themselves.

export const englishSettings = {
  title: 'Settings',
  profile: 'Profile',
  profileLead: 'Name, a few words, a picture',
  language: 'Language',
  languageLead: 'For these pages, on all your devices',
  browserLanguage: 'As my browser says',
  save: 'Save',
  saved: 'Saved.',
  remove: 'Remove',
  server: 'This server',
  name: 'Display name',
  bio: 'About you',
  bioHint: 'Links, @names and #tags work here.',
  picture: 'Picture',
  pictureHint: 'JPEG, PNG or WebP; square is best.',
}

type SettingsWords = typeof englishSettings

export const germanSettings: SettingsWords = {
  title: 'Einstellungen',
  profile: 'Profil',
  profileLead: 'Name, ein paar Worte, ein Bild',
  language: 'Sprache',
  languageLead: 'Für diese Seiten, auf allen deinen Geräten',
  browserLanguage: 'Wie mein Browser sagt',
  save: 'Speichern',
  saved: 'Gespeichert.',
  remove: 'Entfernen',
  server: 'Dieser Server',
  name: 'Anzeigename',
  bio: 'Über dich',
  bioHint: 'Links, @Namen und #Hashtags funktionieren hier.',
  picture: 'Bild',
  pictureHint: 'JPEG, PNG oder WebP; am besten quadratisch.',
}

export const italianSettings: SettingsWords = {
  title: 'Impostazioni',
  profile: 'Profilo',
  profileLead: 'Nome, qualche parola, un’immagine',
  language: 'Lingua',
  languageLead: 'Per queste pagine, su tutti i tuoi dispositivi',
  browserLanguage: 'Come dice il mio browser',
  save: 'Salva',
  saved: 'Salvato.',
  remove: 'Rimuovi',
  server: 'Questo server',
  name: 'Nome mostrato',
  bio: 'Su di te',
  bioHint: 'Qui funzionano link, @nomi e #hashtag.',
  picture: 'Immagine',
  pictureHint: 'JPEG, PNG o WebP; meglio se quadrata.',
}

export const koreanSettings: SettingsWords = {
  title: '설정',
  profile: '프로필',
  profileLead: '이름, 짧은 소개, 사진',
  language: '언어',
  languageLead: '모든 기기에서 이 페이지들의 언어',
  browserLanguage: '브라우저 설정대로',
  save: '저장',
  saved: '저장했습니다.',
  remove: '삭제',
  server: '이 서버',
  name: '표시 이름',
  bio: '소개',
  bioHint: '링크, @이름, #태그를 쓸 수 있습니다.',
  picture: '사진',
  pictureHint: 'JPEG, PNG 또는 WebP. 정사각형이 좋습니다.',
}
