export type OAuthMessages = typeof english

const english = {
  allowTitle: (app: string) => `Allow ${app}?`,
  allowLead: (app: string, handle: string) => `${app} asks to use your account ${handle} to:`,
  signInTitle: 'Sign in',
  signInLead: (app: string) => `${app} would like to use your account.`,
  login: 'Username or e-mail',
  password: 'Password',
  signIn: 'Sign in',
  allow: 'Allow',
  deny: 'Deny',
  otherAccount: 'Use another account',
  codeTitle: 'Copy this code',
  codeLead: (app: string) => `Paste it into ${app} to finish.`,
  errorTitle: 'This does not work',
  badClient: 'The app is not known here. Go back and let it sign you in again.',
  badRedirect: 'The app gave an address to return to that it did not register. Nothing was shared with it.',
  expired: 'This page is too old. Go back to the app and start again.',
  failed: 'Something went wrong on our end. Try again in a moment.',
  wrong: 'Wrong username, e-mail or password.',
  tooMany: 'Too many attempts. Try again later.',
  refused: 'This account may not sign in at present.',
}

const italian: OAuthMessages = {
  allowTitle: (app) => `Autorizzare ${app}?`,
  allowLead: (app, handle) => `${app} chiede di usare il tuo account ${handle} per:`,
  signInTitle: 'Accedi',
  signInLead: (app) => `${app} vorrebbe usare il tuo account.`,
  login: 'Nome utente o e-mail',
  password: 'Password',
  signIn: 'Accedi',
  allow: 'Autorizza',
  deny: 'Rifiuta',
  otherAccount: 'Usa un altro account',
  codeTitle: 'Copia questo codice',
  codeLead: (app) => `Incollalo in ${app} per finire.`,
  errorTitle: 'Così non funziona',
  badClient: 'Questa app non è conosciuta qui. Torna indietro e accedi di nuovo dall’app.',
  badRedirect: 'L’app ha indicato un indirizzo di ritorno non registrato. Non le è stato comunicato nulla.',
  expired: 'Questa pagina è troppo vecchia. Torna all’app e ricomincia.',
  failed: 'Qualcosa è andato storto da parte nostra. Riprova tra poco.',
  wrong: 'Nome utente, e-mail o password errati.',
  tooMany: 'Troppi tentativi. Riprova più tardi.',
  refused: 'Al momento questo account non può accedere.',
}

const german: OAuthMessages = {
  allowTitle: (app) => `${app} erlauben?`,
  allowLead: (app, handle) => `${app} möchte mit deinem Konto ${handle}:`,
  signInTitle: 'Anmelden',
  signInLead: (app) => `${app} möchte dein Konto verwenden.`,
  login: 'Benutzername oder E-Mail',
  password: 'Passwort',
  signIn: 'Anmelden',
  allow: 'Erlauben',
  deny: 'Ablehnen',
  otherAccount: 'Anderes Konto verwenden',
  codeTitle: 'Kopiere diesen Code',
  codeLead: (app) => `Füge ihn in ${app} ein, um abzuschließen.`,
  errorTitle: 'So geht es nicht',
  badClient: 'Diese App ist hier nicht bekannt. Geh zurück und melde dich in der App neu an.',
  badRedirect:
    'Die App nannte eine Rücksprungadresse, die sie nicht registriert hat. Sie hat nichts erfahren.',
  expired: 'Diese Seite ist zu alt. Geh zurück zur App und beginne von vorn.',
  failed: 'Bei uns ist etwas schiefgegangen. Versuche es gleich noch einmal.',
  wrong: 'Benutzername, E-Mail oder Passwort ist falsch.',
  tooMany: 'Zu viele Versuche. Versuche es später noch einmal.',
  refused: 'Dieses Konto darf sich zurzeit nicht anmelden.',
}

const korean: OAuthMessages = {
  allowTitle: (app) => `${app} 앱을 허용할까요?`,
  allowLead: (app, handle) => `${app} 앱이 ${handle} 계정으로 다음을 하려고 합니다:`,
  signInTitle: '로그인',
  signInLead: (app) => `${app} 앱이 계정을 사용하려고 합니다.`,
  login: '사용자 이름 또는 이메일',
  password: '비밀번호',
  signIn: '로그인',
  allow: '허용',
  deny: '거부',
  otherAccount: '다른 계정 사용',
  codeTitle: '이 코드를 복사하세요',
  codeLead: (app) => `${app} 앱에 붙여 넣으면 끝납니다.`,
  errorTitle: '진행할 수 없습니다',
  badClient: '이 서버가 모르는 앱입니다. 앱으로 돌아가 다시 로그인하세요.',
  badRedirect: '앱이 등록하지 않은 주소로 돌아가려고 했습니다. 앱에 아무것도 전달되지 않았습니다.',
  expired: '페이지가 너무 오래되었습니다. 앱으로 돌아가 다시 시작하세요.',
  failed: '서버에 문제가 생겼습니다. 잠시 후 다시 시도하세요.',
  wrong: '사용자 이름, 이메일 또는 비밀번호가 틀렸습니다.',
  tooMany: '시도가 너무 많습니다. 나중에 다시 시도하세요.',
  refused: '이 계정은 지금 로그인할 수 없습니다.',
}

const languages: Record<string, OAuthMessages> = { en: english, it: italian, de: german, ko: korean }

/** @param preferences an Accept-Language header, or one language */
export function chooseLanguage(preferences: string | undefined): {
  language: string
  messages: OAuthMessages
} {
  const ranked = (preferences ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', quality] = part.trim().split(/;\s*q=/)
      return { language: tag.toLowerCase().split('-')[0] ?? '', quality: Number(quality ?? 1) }
    })
    .sort((one, other) => other.quality - one.quality)
  for (const { language } of ranked) {
    const messages = Object.hasOwn(languages, language) ? languages[language] : undefined
    if (messages) return { language, messages }
  }
  return { language: 'en', messages: english }
}
