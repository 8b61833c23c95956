import type { LetterWords } from './en.ts'

export const italianLetters: LetterWords = {
  greeting: (username) => `Ciao ${username},`,
  footer: (host) => `Questa lettera è stata scritta da ${host}. Nessuno legge le risposte.`,
  confirm: ({ host }) => ({
    subject: `Conferma il tuo indirizzo e-mail per ${host}`,
    lines: [
      `Questo indirizzo è stato indicato per un account su ${host}. Conferma che è tuo; il link vale due giorni.`,
      'Se non sei stato tu, non fare nulla.',
    ],
    action: 'Conferma l’indirizzo',
  }),
  reset: ({ host }) => ({
    subject: `Una nuova password per ${host}`,
    lines: [
      `Qualcuno ha detto che hai dimenticato la password su ${host}. Con questo link ne scegli una nuova; vale una volta, per sei ore.`,
      'Se non sei stato tu, non fare nulla: la tua password resta com’è.',
    ],
    action: 'Scegli una nuova password',
  }),
  passwordChanged: ({ host }) => ({
    subject: `La tua password su ${host} è stata cambiata`,
    lines: ['La tua password è stata cambiata poco fa.', 'Se non sei stato tu, scegline subito una nuova.'],
    action: 'Non sono stato io',
  }),
  emailChanged: ({ host, detail }) => ({
    subject: `Il tuo indirizzo e-mail su ${host} è stato cambiato`,
    lines: [
      `Il tuo account ora ha l’indirizzo ${detail}.`,
      `Se non sei stato tu, cambialo di nuovo o scrivi a chi gestisce ${host}.`,
    ],
    action: 'Vedi il mio account',
  }),
  newApp: ({ host, detail }) => ({
    subject: `Una nuova app ha accesso al tuo account su ${host}`,
    lines: [
      `L’app «${detail}» ha ottenuto accesso al tuo account.`,
      'Se non sei stato tu, revocalo e cambia la password.',
    ],
    action: 'Vedi le app con accesso',
  }),
  approved: ({ host }) => ({
    subject: `Benvenuto su ${host}`,
    lines: [`Il tuo account su ${host} è pronto.`],
    action: 'Accedi',
  }),
}
