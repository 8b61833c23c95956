import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listPolls } from '#src/db/polls.ts'
import type { Id } from '#src/db/tables.ts'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { closePoll, voteInPoll } from '#src/notes/poll.ts'
import { listVersions } from '#src/notes/versions.ts'
import { loadNoteView } from '#src/notes/view.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
let voters: TestPerson[]

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  voters = await Promise.all(Array.from({ length: 10 }, (_, index) => server.person(`voter${index}`)))
})
afterAll(() => server.close())

async function ask(isMultiple: boolean): Promise<Id> {
  const poll = { titles: ['Oil', 'Ink', 'Chalk'], isMultiple, expiresInSeconds: 600 }
  return (await post(server, alice, { text: 'With what?', poll })).note.id
}

async function countsOf(noteId: Id): Promise<number[]> {
  const [poll] = await listPolls(server.app.db, [noteId], null)
  if (!poll) throw new Error('There is no poll')
  return [...poll.options.map(({ votes }) => votes), poll.voters_count]
}

const jobsOf = (noteId: Id) =>
  server.app.db
    .selectFrom('jobs')
    .select('name')
    .where('dedupe_key', 'like', `${noteId}%`)
    .orderBy('name')
    .execute()

describe('votes', () => {
  it('are exact when fifty come at once', async () => {
    const single = await ask(false)
    const five = voters.flatMap((voter) => [0, 1, 2, 0, 1].map((choice) => ({ voter, choice })))
    const outcomes = await Promise.allSettled(
      five.map(({ voter, choice }) => voteInPoll(server.app, voter.accountId, single, [choice])),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(voters.length)
    const [oil = 0, ink = 0, chalk = 0, people] = await countsOf(single)
    expect([oil + ink + chalk, people]).toEqual([voters.length, voters.length])
    const rows = await server.app.db
      .selectFrom('poll_votes')
      .select('id')
      .where('note_id', '=', single)
      .execute()
    expect(rows).toHaveLength(voters.length)
  })

  it('of several choices are counted by option and by person', async () => {
    const multiple = await ask(true)
    await Promise.all(voters.map((voter) => voteInPoll(server.app, voter.accountId, multiple, [0, 2])))
    expect(await countsOf(multiple)).toEqual([10, 0, 10, 10])
  })

  it('are announced once in a while, however many there are', async () => {
    const id = await ask(true)
    for (const voter of voters) await voteInPoll(server.app, voter.accountId, id, [1])
    expect((await jobsOf(id)).map(({ name }) => name)).toEqual(['closePoll', 'deliverPollCounts'])
  })

  it('cannot be given in what was deleted', async () => {
    const id = await ask(false)
    await deleteNote(server.app, alice.accountId, id)
    const [voter] = voters
    await expect(voteInPoll(server.app, voter?.accountId ?? '', id, [0])).rejects.toThrow('Record not found')
    const titles = server.app.db.selectFrom('poll_options').select('title').where('note_id', '=', id)
    expect(await titles.execute()).toEqual([{ title: '' }, { title: '' }, { title: '' }])
  })
})

describe('the end', () => {
  it('comes once, not before its time, and not for what is gone', async () => {
    const id = await ask(false)
    await closePoll(server.app, id)
    expect(await listPolls(server.app.db, [id], null)).toMatchObject([{ closed_at: null }])
    server.clock.advance(601_000)
    await Promise.all([closePoll(server.app, id), closePoll(server.app, id)])
    const told = await server.app.db
      .selectFrom('notifications')
      .selectAll()
      .where('note_id', '=', id)
      .execute()
    expect(told).toMatchObject([
      { kind: 'poll', account_id: alice.accountId, from_account_id: alice.accountId },
    ])
    const [poll] = await listPolls(server.app.db, [id], null)
    expect(poll?.closed_at).toEqual(poll?.ends_at)
    await closePoll(server.app, '1')
  })
})

describe('an edit', () => {
  it('that leaves the poll alone keeps it, ended or not', async () => {
    const id = await ask(false)
    const [voter] = voters
    await voteInPoll(server.app, voter?.accountId ?? '', id, [0])
    server.clock.advance(601_000)
    await server.settle()
    await editNote(server.app, alice.accountId, id, noteForm({ text: 'With what, then?', poll: 'unchanged' }))
    expect(await countsOf(id)).toEqual([1, 0, 0, 1])
    expect(await listPolls(server.app.db, [id], null)).toMatchObject([{ closed_at: expect.any(Date) }])
  })

  it('is kept at most a hundred times, and the first for ever', async () => {
    const { note } = await post(server, alice, { text: 'Version 0' })
    for (let index = 1; index <= 105; index += 1)
      await editNote(server.app, alice.accountId, note.id, noteForm({ text: `Version ${index}` }))
    const view = await loadNoteView(server.app.db, note.id, null)
    const versions = await listVersions(server.app.db, view)
    expect(versions).toHaveLength(102)
    expect(versions[0]).toMatchObject({ contentHtml: '<p>Version 0</p>', writtenAt: note.published_at })
    expect(versions.at(-1)).toMatchObject({ contentHtml: '<p>Version 105</p>' })
  })
})
