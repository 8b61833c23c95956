import { counter } from './plurals.ts'

// Changing a post that is out, and what it said before.

const [en, de, it, ko] = [counter('en'), counter('de'), counter('it'), counter('ko')]

export const englishEdits = {
  edit: 'Edit',
  title: 'Edit your post',
  lead: 'Everyone who can see the post can also see what it said before.',
  text: 'Text',
  save: 'Save changes',
  versions: (n: number) => en(n, { one: '# version', other: '# versions' }),
  first: 'As it was first posted',
}

type EditWords = typeof englishEdits

export const germanEdits: EditWords = {
  edit: 'Bearbeiten',
  title: 'Beitrag bearbeiten',
  lead: 'Wer den Beitrag sieht, kann auch sehen, was vorher darin stand.',
  text: 'Text',
  save: 'Änderungen speichern',
  versions: (n) => de(n, { one: '# Fassung', other: '# Fassungen' }),
  first: 'Wie zuerst veröffentlicht',
}

export const italianEdits: EditWords = {
  edit: 'Modifica',
  title: 'Modifica il tuo post',
  lead: 'Chi può vedere il post può vedere anche che cosa diceva prima.',
  text: 'Testo',
  save: 'Salva le modifiche',
  versions: (n) => it(n, { one: '# versione', other: '# versioni' }),
  first: 'Come è stato pubblicato',
}

export const koreanEdits: EditWords = {
  edit: '수정',
  title: '글 수정하기',
  lead: '글을 볼 수 있는 사람은 이전 내용도 볼 수 있습니다.',
  text: '내용',
  save: '변경 사항 저장',
  versions: (n) => ko(n, { other: '버전 #개' }),
  first: '처음 올린 내용',
}
