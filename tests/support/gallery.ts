import { updateProfile } from '#src/accounts/profile.ts'
import { updateOwnMedia } from '#src/db/media.ts'
import type { Id } from '#src/db/tables.ts'
import { boostNote } from '#src/notes/boost.ts'
import { editNote } from '#src/notes/create.ts'
import { likeNote } from '#src/notes/like.ts'
import { voteInPoll } from '#src/notes/poll.ts'
import type { NoteView } from '#src/notes/view.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { requestGeneration } from '#src/studio/request.ts'
import { loadGeneration } from '#src/studio/view.ts'
import { noteForm, post } from './notes.ts'
import type { TestPerson, TestServer } from './test-server.ts'

export type Gallery = {
  alice: TestPerson
  bob: TestPerson
  painted: NoteView
  answer: NoteView
  /** A question of Bob's. */
  edited: NoteView
}

/** A server with a little life in it: two people, paintings, an answer, a warning, likes and boosts. */
export async function furnish(server: TestServer): Promise<Gallery> {
  const { app } = server
  const alice = await server.person('alice', { role: 'owner' })
  const bob = await server.person('bob')
  await updateProfile(app, alice.accountId, {
    name: 'Alice Marchetti',
    bio: 'Painter of harbours and other quiet places.\n#watercolour by heart.',
  })
  await updateProfile(app, bob.accountId, { name: 'Bob' })
  await followAccount(app, alice.accountId, bob.accountId)
  await followAccount(app, bob.accountId, alice.accountId)
  await post(server, bob, { text: 'Every picture begins with a question. What is yours?' })
  const sea = await paint(server, bob, 'waves under a low sun', 'landscape')
  await post(server, bob, { text: 'The sea, again. #sea', mediaIds: [sea] })
  const veiled = await paint(server, alice, 'a red room', 'square')
  await post(server, alice, { text: 'Behind the curtain', summary: 'Very red', mediaIds: [veiled] })
  const harbour = await paint(server, alice, 'a quiet harbour at first light', 'portrait')
  const painted = await post(server, alice, {
    text: 'First light over the harbour. Nobody was awake but the gulls.',
    mediaIds: [harbour],
    promptVisibility: 'public',
  })
  await likeNote(app, bob.accountId, painted.note.id)
  await boostNote(app, bob.accountId, painted.note.id, 'public')
  const answer = await post(server, bob, {
    text: '@alice The gulls never sleep. Wonderful light.',
    inReplyToId: painted.note.id,
  })
  await post(server, bob, { text: 'Light as it should be.', quoteOfId: painted.note.id })
  await likeNote(app, alice.accountId, answer.note.id)
  const asked = await ask(server, bob)
  await voteInPoll(app, alice.accountId, asked.open, [1])
  await server.settle()
  return { alice, bob, painted, answer, edited: asked.edited }
}

/** One question that can be voted in, and one that was edited. */
async function ask(server: TestServer, author: TestPerson): Promise<{ open: Id; edited: NoteView }> {
  const poll = {
    titles: ['Oil', 'Ink', 'A brush of one’s own hair'],
    isMultiple: false,
    expiresInSeconds: 86_400,
  }
  const open = await post(server, author, { text: 'What do you paint with?', poll })
  const { note } = await post(server, author, { text: 'And whne?', poll: { ...poll, isMultiple: true } })
  const form = noteForm({ text: 'And when?', poll: 'unchanged' })
  return { open: open.note.id, edited: await editNote(server.app, author.accountId, note.id, form) }
}

/** The id of one painted picture, described by its prompt. */
async function paint(server: TestServer, person: TestPerson, prompt: string, aspect: string) {
  const { app } = server
  const painter = { accountId: person.accountId, role: 'owner' } as const
  const { id } = await requestGeneration(app, painter, { prompt, aspect })
  await server.settle()
  const { media } = await loadGeneration(app, person.accountId, id)
  const [picture] = media
  if (!picture) throw new Error('Nothing was painted')
  await updateOwnMedia(app.db, picture.id, person.accountId, { description: `A sketch of ${prompt}` })
  return picture.id
}
