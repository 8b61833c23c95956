import { counter } from './plurals.ts'

// Emoji that people give a post.

const [en, de, it, ko] = [counter('en'), counter('de'), counter('it'), counter('ko')]

export const englishReactions = {
  label: 'Reactions',
  given: (name: string, n: number) => `${name}, ${en(n, { one: '# reaction', other: '# reactions' })}`,
  add: 'React',
  choose: 'Choose a reaction',
  give: (name: string) => `React with ${name}`,
}

type ReactionsWords = typeof englishReactions

export const germanReactions: ReactionsWords = {
  label: 'Reaktionen',
  given: (name, n) => `${name}, ${de(n, { one: '# Reaktion', other: '# Reaktionen' })}`,
  add: 'Reagieren',
  choose: 'Reaktion auswählen',
  give: (name) => `Mit ${name} reagieren`,
}

export const italianReactions: ReactionsWords = {
  label: 'Reazioni',
  given: (name, n) => `${name}, ${it(n, { one: '# reazione', other: '# reazioni' })}`,
  add: 'Reagisci',
  choose: 'Scegli una reazione',
  give: (name) => `Reagisci con ${name}`,
}

export const koreanReactions: ReactionsWords = {
  label: '반응',
  given: (name, n) => `${name}, ${ko(n, { other: '반응 #개' })}`,
  add: '반응하기',
  choose: '반응 고르기',
  give: (name) => `${name} 반응 남기기`,
}
