// The apps a person let in, and the browsers they are signed in with.

export const englishApps = {
  title: 'Apps and browsers',
  lead: 'Who may act in your name, and where you are signed in',
  apps: 'Apps',
  noApps: 'You have let no app in.',
  since: 'Let in',
  lastUsed: 'Last used',
  neverUsed: 'Not used yet',
  revoke: 'Take back',
  revokeFrom: (app: string) => `Take back what ${app} may do`,
  browsers: 'Browsers',
  thisBrowser: 'This browser',
  unknownBrowser: 'A browser that does not say its name',
  signedIn: 'Signed in',
  end: 'Sign out',
  endOf: (browser: string) => `Sign out of ${browser}`,
}

type AppsWords = typeof englishApps

export const germanApps: AppsWords = {
  title: 'Apps und Browser',
  lead: 'Wer in deinem Namen handeln darf, und wo du angemeldet bist',
  apps: 'Apps',
  noApps: 'Du hast keine App zugelassen.',
  since: 'Zugelassen',
  lastUsed: 'Zuletzt verwendet',
  neverUsed: 'Noch nicht verwendet',
  revoke: 'Zurücknehmen',
  revokeFrom: (app) => `Zurücknehmen, was ${app} darf`,
  browsers: 'Browser',
  thisBrowser: 'Dieser Browser',
  unknownBrowser: 'Ein Browser, der sich nicht nennt',
  signedIn: 'Angemeldet',
  end: 'Abmelden',
  endOf: (browser) => `Abmelden: ${browser}`,
}

export const italianApps: AppsWords = {
  title: 'App e browser',
  lead: 'Chi può agire a tuo nome, e dove hai fatto l’accesso',
  apps: 'App',
  noApps: 'Non hai autorizzato nessuna app.',
  since: 'Autorizzata',
  lastUsed: 'Ultimo uso',
  neverUsed: 'Non ancora usata',
  revoke: 'Revoca',
  revokeFrom: (app) => `Revoca ciò che ${app} può fare`,
  browsers: 'Browser',
  thisBrowser: 'Questo browser',
  unknownBrowser: 'Un browser che non dice il suo nome',
  signedIn: 'Accesso',
  end: 'Esci',
  endOf: (browser) => `Esci da ${browser}`,
}

export const koreanApps: AppsWords = {
  title: '앱과 브라우저',
  lead: '내 이름으로 활동할 수 있는 앱과 로그인한 곳',
  apps: '앱',
  noApps: '허용한 앱이 없습니다.',
  since: '허용한 때',
  lastUsed: '마지막 사용',
  neverUsed: '아직 사용하지 않음',
  revoke: '허용 취소',
  revokeFrom: (app) => `${app} 앱의 허용 취소`,
  browsers: '브라우저',
  thisBrowser: '이 브라우저',
  unknownBrowser: '이름을 밝히지 않은 브라우저',
  signedIn: '로그인한 때',
  end: '로그아웃',
  endOf: (browser) => `${browser}에서 로그아웃`,
}
