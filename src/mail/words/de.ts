import type { LetterWords } from './en.ts'

export const germanLetters: LetterWords = {
  greeting: (username) => `Hallo ${username},`,
  footer: (host) => `Diesen Brief hat ${host} geschrieben. Antworten darauf liest niemand.`,
  confirm: ({ host }) => ({
    subject: `Bestätige deine E-Mail-Adresse für ${host}`,
    lines: [
      `Diese Adresse wurde für ein Konto auf ${host} angegeben. Bestätige, dass sie dir gehört; der Link gilt zwei Tage.`,
      'Wenn du das nicht warst, tu nichts.',
    ],
    action: 'Adresse bestätigen',
  }),
  reset: ({ host }) => ({
    subject: `Ein neues Passwort für ${host}`,
    lines: [
      `Jemand sagte, du habest dein Passwort auf ${host} vergessen. Mit diesem Link wählst du ein neues; er gilt einmal, sechs Stunden lang.`,
      'Wenn du das nicht warst, tu nichts: Dein Passwort bleibt, wie es ist.',
    ],
    action: 'Neues Passwort wählen',
  }),
  passwordChanged: ({ host }) => ({
    subject: `Dein Passwort auf ${host} wurde geändert`,
    lines: ['Dein Passwort wurde gerade geändert.', 'Wenn du das nicht warst, wähle sofort ein neues.'],
    action: 'Das war nicht ich',
  }),
  emailChanged: ({ host, detail }) => ({
    subject: `Deine E-Mail-Adresse auf ${host} wurde geändert`,
    lines: [
      `Dein Konto hat jetzt die Adresse ${detail}.`,
      `Wenn du das nicht warst, ändere sie zurück oder schreib denen, die ${host} betreiben.`,
    ],
    action: 'Mein Konto ansehen',
  }),
  newApp: ({ host, detail }) => ({
    subject: `Eine neue App hat Zugriff auf dein Konto auf ${host}`,
    lines: [
      `Die App „${detail}“ hat Zugriff auf dein Konto bekommen.`,
      'Wenn du das nicht warst, nimm ihn zurück und ändere dein Passwort.',
    ],
    action: 'Apps mit Zugriff ansehen',
  }),
  approved: ({ host }) => ({
    subject: `Willkommen auf ${host}`,
    lines: [`Dein Konto auf ${host} ist bereit.`],
    action: 'Anmelden',
  }),
}
