import type { LetterName } from '#src/jobs/catalogue.ts'

type About = {
  host: string
  /** Whatever the letter is about: an app's name, a new address. */
  detail: string
}

type Written = {
  subject: string
  lines: string[]
  /** What its link is for. */
  action: string
}

/** What stands in the letters; the other languages say the same. */
export type LetterWords = Record<LetterName, (about: About) => Written> & {
  greeting: (username: string) => string
  footer: (host: string) => string
}

export const englishLetters: LetterWords = {
  greeting: (username) => `Hello ${username},`,
  footer: (host) => `This letter was written by ${host}. Nobody reads answers to it.`,
  confirm: ({ host }) => ({
    subject: `Confirm your e-mail address for ${host}`,
    lines: [
      `This address was given for an account on ${host}. Confirm that it is yours; the link works for two days.`,
      'If it was not you, do nothing.',
    ],
    action: 'Confirm this address',
  }),
  reset: ({ host }) => ({
    subject: `A new password for ${host}`,
    lines: [
      `Someone said that you forgot your password on ${host}. With this link you choose a new one; it works once, for six hours.`,
      'If it was not you, do nothing: your password stays as it is.',
    ],
    action: 'Choose a new password',
  }),
  passwordChanged: ({ host }) => ({
    subject: `Your password on ${host} was changed`,
    lines: ['Your password was changed just now.', 'If it was not you, choose a new one at once.'],
    action: 'It was not me',
  }),
  emailChanged: ({ host, detail }) => ({
    subject: `Your e-mail address on ${host} was changed`,
    lines: [
      `Your account now has the address ${detail}.`,
      `If it was not you, change it back or write to whoever runs ${host}.`,
    ],
    action: 'See my account',
  }),
  newApp: ({ host, detail }) => ({
    subject: `A new app has access to your account on ${host}`,
    lines: [
      `The app “${detail}” was given access to your account.`,
      'If it was not you, take it back and change your password.',
    ],
    action: 'See which apps have access',
  }),
  approved: ({ host }) => ({
    subject: `Welcome to ${host}`,
    lines: [`Your account on ${host} is ready.`],
    action: 'Sign in',
  }),
}
