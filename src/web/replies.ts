import type { NoteView } from '#src/notes/view.ts'
import { handleOf } from './components/Names.tsx'
import { visibilities } from './drafts.ts'
import type { Viewer } from './session.ts'

/** Whom an answer speaks to: its author, and those who were in the conversation. */
export function greetingOf(parent: NoteView, viewer: Viewer): string {
  const people = [parent.account, ...parent.mentions].filter((one) => one.id !== viewer.account.id)
  const handles = [...new Set(people.map(handleOf))]
  return handles.map((handle) => `${handle} `).join('')
}

/** An answer is never for more people than what it answers. */
export function narrower<T extends (typeof visibilities)[number]>(one: T, other: T): T {
  return visibilities.indexOf(one) > visibilities.indexOf(other) ? one : other
}
