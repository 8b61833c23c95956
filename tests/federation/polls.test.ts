import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findNoteRowByUri } from '#src/db/notes.ts'
import { editNote } from '#src/notes/create.ts'
import { type PollForm, voteInPoll } from '#src/notes/poll.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { kindsOf } from '#tests/support/notifications.ts'
import { countsOf, pollAt } from '#tests/support/polls.ts'
import { settle, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { copyOf, startTwoServers } from '#tests/support/two-servers.ts'

const form = (changes: Partial<PollForm> = {}): PollForm => ({
  titles: ['Oil', 'Ink', 'Chalk'],
  isMultiple: false,
  expiresInSeconds: 3600,
  ...changes,
})

async function countNotes({ app }: TestServer): Promise<number> {
  const { count } = await app.db
    .selectFrom('notes')
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

describe('between two servers of ours', () => {
  let here: TestServer
  let there: TestServer
  let alice: TestPerson
  let bob: TestPerson

  beforeAll(async () => {
    ;({ here, there, alice, bob } = await startTwoServers())
  })
  afterAll(() => Promise.all([here.close(), there.close()]))

  const advance = (ms: number) => {
    for (const server of [here, there]) server.clock.advance(ms)
  }

  async function ask(changes: Partial<PollForm> = {}) {
    const { note } = await post(here, alice, { text: 'With what?', poll: form(changes) })
    await settle(here, there)
    return { note, copy: await copyOf(there, note.uri) }
  }

  it('a question arrives as it was asked', async () => {
    const { note, copy } = await ask({ isMultiple: true })
    expect(copy.object_type).toBe('Question')
    const [own, other] = await Promise.all([pollAt(here, note.uri), pollAt(there, note.uri)])
    expect(other).toEqual({ ...own, note_id: copy.id })
    expect(other).toMatchObject({
      is_multiple: true,
      options: [{ title: 'Oil' }, { title: 'Ink' }, { title: 'Chalk' }],
    })
  })

  it('a vote goes to its author, and the counts come back, to no one as a note', async () => {
    const { note, copy } = await ask()
    const notesHere = await countNotes(here)
    await voteInPoll(there.app, bob.accountId, copy.id, [1])
    expect(countsOf(await pollAt(there, note.uri))).toEqual([0, 1, 0, 1])
    await settle(here, there)
    expect(countsOf(await pollAt(here, note.uri))).toEqual([0, 1, 0, 1])
    expect(await countNotes(here)).toBe(notesHere)
    expect(await kindsOf(here, alice)).toEqual(['follow'])
    const carol = await here.person(`carol${note.id}`)
    await voteInPoll(here.app, carol.accountId, note.id, [2])
    await settle(here, there)
    expect(countsOf(await pollAt(there, note.uri))).toEqual([0, 1, 0, 1])
    advance(180_000)
    await settle(here, there)
    expect(countsOf(await pollAt(there, note.uri))).toEqual([0, 1, 1, 2])
    expect(await findNoteRowByUri(there.app.db, note.uri)).toMatchObject({ edited_at: null })
    expect((await pollAt(there, note.uri, bob.accountId)).own_votes).toEqual([1])
  })

  it('several choices arrive one by one', async () => {
    const { note, copy } = await ask({ isMultiple: true })
    await voteInPoll(there.app, bob.accountId, copy.id, [0, 2])
    await settle(here, there)
    expect(countsOf(await pollAt(here, note.uri))).toEqual([1, 0, 1, 1])
  })

  it('the end is told to those who voted, here and there, with the last counts', async () => {
    const { note, copy } = await ask({ expiresInSeconds: 600 })
    await voteInPoll(there.app, bob.accountId, copy.id, [0])
    const dora = await here.person(`dora${note.id}`)
    await settle(here, there)
    await voteInPoll(here.app, dora.accountId, note.id, [0])
    advance(601_000)
    await settle(here, there)
    expect(await pollAt(here, note.uri)).toMatchObject({ closed_at: expect.any(Date) })
    expect(countsOf(await pollAt(there, note.uri))).toEqual([2, 0, 0, 2])
    expect(await kindsOf(here, dora)).toEqual(['poll'])
    expect((await kindsOf(here, alice)).at(-1)).toBe('poll')
    expect(await kindsOf(there, bob)).toEqual(['poll'])
    advance(120_000)
    await settle(here, there)
    expect(await kindsOf(there, bob)).toEqual(['poll'])
    await expect(voteInPoll(there.app, bob.accountId, copy.id, [0])).rejects.toThrow('already ended')
  })

  it('an edit that asks something else begins anew on both', async () => {
    const { note, copy } = await ask()
    await voteInPoll(there.app, bob.accountId, copy.id, [0])
    await settle(here, there)
    advance(1_000)
    await editNote(
      here.app,
      alice.accountId,
      note.id,
      noteForm({ text: 'Or?', poll: form({ titles: ['Yes', 'No'] }) }),
    )
    await settle(here, there)
    const other = await pollAt(there, note.uri, bob.accountId)
    expect(other).toMatchObject({
      own_votes: [],
      options: [
        { title: 'Yes', votes: 0 },
        { title: 'No', votes: 0 },
      ],
    })
    await voteInPoll(there.app, bob.accountId, copy.id, [1])
    await settle(here, there)
    expect(countsOf(await pollAt(here, note.uri))).toEqual([0, 1, 1])
  })
})
