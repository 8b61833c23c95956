import { beforeEach, describe, expect, it } from 'vitest'
import { sessionCookie, startSession } from '#src/auth/sessions.ts'
import { findAccountByUri } from '#src/db/accounts.ts'
import { insertFollow } from '#src/db/follows.ts'
import { listMentions } from '#src/db/mentions.ts'
import { type Note, newId } from '#src/db/notes.ts'
import { threadFreshForMs } from '#src/notes/want-replies.ts'
import { type ForeignActor, type JsonObject, startForeignServer } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { activityStreams, useNeighbours } from './inbox/setup.ts'

const near = useNeighbours()
let name = 0
function newName(): string {
  name += 1
  return `n${name}`
}

beforeEach(() => {
  near.foreign.requests.length = 0
})

/** A public note of a foreign actor that nobody here was sent; it stands at its id. */
function shown(actor: ForeignActor, changes: JsonObject = {}) {
  const note = near.note(actor, newName(), { tag: [], cc: [], ...changes })
  show(note.id, note)
  return note
}

const show = (id: string, document: JsonObject) =>
  near.foreign.documents.set(new URL(id).pathname, { '@context': activityStreams, ...document })

/** A collection of replies at the note's id with `/replies`, in pages of these items. */
function answered(note: { id: string }, ...pages: unknown[][]) {
  const collection = `${note.id}/replies`
  const pageId = (index: number) => `${collection}/${index}`
  show(collection, { id: collection, type: 'Collection', first: pageId(0) })
  for (const [index, items] of pages.entries()) {
    const next = index + 1 < pages.length ? { next: pageId(index + 1) } : {}
    show(pageId(index), { id: pageId(index), type: 'CollectionPage', partOf: collection, items, ...next })
  }
}

const repliesOf = (id: string) => ({ replies: `${id}/replies` })

/** A note that came here, and has `replies`. */
async function delivered(changes: JsonObject = {}, actor = near.bob) {
  const note = near.note(actor, newName(), changes)
  const whole = { ...note, ...repliesOf(note.id), ...changes }
  show(whole.id, whole)
  await near.send(actor, near.create(actor, whole))
  return whole
}

async function rowOf(uri: string): Promise<Note> {
  const row = await near.stored(uri)
  if (!row) throw new Error(`${uri} is not here`)
  return row
}

async function openThread(uri: string, { isStranger = false } = {}) {
  const { id } = await rowOf(uri)
  const as = isStranger ? undefined : near.alice
  const response = await near.server.fetch(`/api/v1/statuses/${id}/context`, { as })
  expect(response.status).toBe(200)
  const { ancestors, descendants }: { ancestors: { uri: string }[]; descendants: { uri: string }[] } =
    JSON.parse(await response.text())
  await near.server.settle()
  return { ancestors: ancestors.map(({ uri }) => uri), descendants: descendants.map(({ uri }) => uri) }
}

const asked = (path: RegExp) => near.foreign.requests.filter((request) => path.test(request.path)).length

describe('someone who opens a thread of another server', () => {
  it('finds its answers, and theirs, the next time, and nobody is told', async () => {
    const gil = near.foreign.addActor('gil')
    const root = await delivered()
    const answer = shown(gil, { inReplyTo: root.id, cc: [near.alice.account.uri] })
    const deeper = shown(near.bob, { inReplyTo: answer.id })
    show(answer.id, { ...answer, ...repliesOf(answer.id) })
    answered(root, [answer.id], [])
    answered(answer, [deeper.id])
    const before = await near.notifications()
    expect(await openThread(root.id)).toEqual({ ancestors: [], descendants: [] })
    expect(await openThread(root.id)).toEqual({ ancestors: [], descendants: [answer.id, deeper.id] })
    expect(await near.notifications()).toEqual(before)
    const { db } = near.server.app
    const entries = await db
      .selectFrom('home_entries')
      .innerJoin('notes', 'notes.id', 'home_entries.note_id')
      .select('notes.uri')
      .where('notes.uri', 'in', [answer.id, deeper.id])
      .execute()
    expect(entries).toEqual([])
    expect(await rowOf(root.id)).toMatchObject({ replies_count: 1 })
  })

  it('asks once in a while, and only who is from here does', async () => {
    const root = await delivered()
    answered(root, [])
    await openThread(root.id, { isStranger: true })
    expect(asked(/replies$/)).toBe(0)
    await openThread(root.id)
    await openThread(root.id)
    expect(asked(/replies$/)).toBe(1)
    near.server.clock.advance(threadFreshForMs)
    await openThread(root.id)
    expect(asked(/replies$/)).toBe(2)
  })

  it('asks on the page as well', async () => {
    const root = await delivered()
    const answer = shown(near.bob, { inReplyTo: root.id })
    answered(root, [answer.id])
    const { id } = await rowOf(root.id)
    const page = (cookie?: string) =>
      near.server.fetch(`/@bob@${near.foreign.host}/${id}`, { headers: cookie ? { cookie } : {} })
    expect((await page()).status).toBe(200)
    await near.server.settle()
    expect(await near.stored(answer.id)).toBeUndefined()
    const token = await startSession(near.server.app, near.alice.userId, undefined)
    expect((await page(`${sessionCookie(near.server.app).name}=${token}`)).status).toBe(200)
    await near.server.settle()
    expect(await near.stored(answer.id)).toBeDefined()
  })

  it('sees what a page embeds of its own server, and what lies elsewhere only from there', async () => {
    const other = await startForeignServer()
    const olga = other.addActor('olga')
    const root = await delivered()
    const own = near.note(near.bob, newName(), { inReplyTo: root.id, tag: [], cc: [] })
    const real = near.note(olga, 'real', { inReplyTo: root.id, tag: [], cc: [], content: '<p>Real</p>' })
    other.documents.set('/users/olga/notes/real', { '@context': activityStreams, ...real })
    const invented = near.note(olga, 'invented', { inReplyTo: root.id, tag: [], cc: [] })
    answered(root, [own, { ...real, content: 'Forged' }, invented])
    await openThread(root.id)
    expect(await near.stored(own.id)).toBeDefined()
    expect(await near.stored(real.id)).toMatchObject({ content_html: '<p>Real</p>' })
    expect(await near.stored(invented.id)).toBeUndefined()
    await other.close()
  })

  it('sees nothing of what does not answer it, is not for all, or is another’s word', async () => {
    const mallory = near.foreign.addActor('mallory')
    const root = await delivered()
    const stray = shown(near.bob)
    const elsewhere = shown(near.bob, { inReplyTo: `${near.foreign.url}/nowhere` })
    const quiet = shown(near.bob, { inReplyTo: root.id, to: [`${near.bob.uri}/followers`] })
    const forged = shown(mallory, { inReplyTo: root.id, attributedTo: 'https://victim.example/users/1' })
    const good = shown(near.bob, { inReplyTo: root.id })
    answered(root, [stray.id, elsewhere.id, quiet.id, forged.id, 7, null, 'javascript:alert(1)', good.id])
    await openThread(root.id)
    for (const { id } of [stray, elsewhere, quiet, forged]) expect(await near.stored(id)).toBeUndefined()
    expect(await near.stored(good.id)).toBeDefined()
  })

  it('does not wait in vain for servers that fail', async () => {
    const root = await delivered()
    const good = shown(near.bob, { inReplyTo: root.id })
    const failing = `${near.foreign.url}/failing`
    near.foreign.documents.set('/failing', 500)
    answered(root, [failing, 'http://127.0.0.1:9/nobody', good.id])
    await openThread(root.id)
    expect(await near.stored(good.id)).toBeDefined()
    expect((await rowOf(root.id)).replies_fetched_at).not.toBeNull()
  })
})

describe('what has no end', () => {
  it('pages are read to the fifth', async () => {
    const root = await delivered()
    const collection = `${root.id}/replies`
    for (let index = 0; index < 12; index += 1) {
      const id = `${collection}/${index}`
      show(id, { id, type: 'CollectionPage', items: [], next: `${collection}/${index + 1}` })
    }
    show(collection, { id: collection, type: 'Collection', first: `${collection}/0` })
    await openThread(root.id)
    expect(asked(/replies/)).toBe(5)
  })

  it('pages that lead in a circle, or to another server, are left', async () => {
    const root = await delivered()
    const collection = `${root.id}/replies`
    show(collection, { id: collection, type: 'Collection', first: `${collection}/0` })
    show(`${collection}/0`, {
      id: `${collection}/0`,
      type: 'CollectionPage',
      items: [],
      next: `${collection}/1`,
    })
    show(`${collection}/1`, {
      id: `${collection}/1`,
      type: 'CollectionPage',
      items: [],
      next: `${collection}/0`,
    })
    await openThread(root.id)
    expect(asked(/replies/)).toBe(3)
    const other = await startForeignServer()
    const leading = await delivered()
    answered(leading, [])
    show(`${leading.id}/replies/0`, { type: 'CollectionPage', items: [], next: `${other.url}/page` })
    await openThread(leading.id)
    expect(other.requests).toEqual([])
    await other.close()
  })

  it('answers to answers are read to the fifth, and forty notes at most', async () => {
    const root = await delivered()
    let parent: { id: string } = root
    const chain: string[] = []
    for (let depth = 0; depth < 9; depth += 1) {
      const note = shown(near.bob, { inReplyTo: parent.id })
      show(note.id, { ...note, ...repliesOf(note.id) })
      answered(parent, [note.id])
      chain.push(note.id)
      parent = note
    }
    await openThread(root.id)
    const here = await Promise.all(chain.map(near.stored))
    expect(here.map((note) => note !== undefined)).toEqual([...Array(5).fill(true), ...Array(4).fill(false)])
    const wide = await delivered()
    const many = Array.from({ length: 70 }, () => shown(near.bob, { inReplyTo: wide.id }).id)
    answered(wide, many)
    await openThread(wide.id)
    expect(await rowOf(wide.id)).toMatchObject({ replies_count: 40 })
  })

  it('a chain of parents is followed for ten, and further when someone looks again', async () => {
    const chain = Array.from({ length: 30 }, newName)
    const idOf = (one: string) => `${near.bob.uri}/notes/${one}`
    for (const [index, one] of chain.entries())
      show(
        idOf(one),
        near.note(near.bob, one, { tag: [], cc: [], inReplyTo: idOf(chain[index + 1] ?? 'top') }),
      )
    const bottom = await delivered({ inReplyTo: idOf(chain[0] ?? '') })
    const count = async () =>
      (await Promise.all(chain.map((one) => near.stored(idOf(one))))).filter(Boolean).length
    expect(await count()).toBe(10)
    expect((await openThread(bottom.id)).ancestors).toHaveLength(10)
    await openThread(idOf(chain[9] ?? ''))
    expect(await count()).toBeGreaterThan(10)
    expect(await count()).toBeLessThanOrEqual(20)
  })

  it('notes that answer each other, or themselves, are shown once', async () => {
    const [one, two] = [newName(), newName()].map((each) => `${near.bob.uri}/notes/${each}`)
    const first = near.note(near.bob, 'x', { id: one, inReplyTo: two })
    const second = near.note(near.bob, 'x', { id: two, inReplyTo: one })
    for (const note of [first, second]) show(note.id, note)
    await near.send(near.bob, near.create(near.bob, first))
    const { ancestors, descendants } = await openThread(first.id)
    expect([...ancestors, ...descendants].length).toBeLessThanOrEqual(2)
    const selfId = `${near.bob.uri}/notes/${newName()}`
    await near.send(
      near.bob,
      near.create(near.bob, near.note(near.bob, 'x', { id: selfId, inReplyTo: selfId })),
    )
    expect(await openThread(selfId)).toEqual({ ancestors: [], descendants: [] })
  })
})

describe('a note that a look at a thread found', () => {
  it('is news when it is delivered after all, once', async () => {
    const root = await delivered()
    const answer = shown(near.bob, {
      inReplyTo: root.id,
      cc: [near.alice.account.uri],
      tag: [{ type: 'Mention', href: near.alice.account.uri }],
    })
    answered(root, [answer.id])
    await openThread(root.id)
    const { id } = await rowOf(answer.id)
    const told = async () => (await near.notifications()).filter(({ note_id }) => note_id === id).length
    expect(await told()).toBe(0)
    await near.send(near.bob, near.create(near.bob, answer))
    expect(await told()).toBe(1)
    await near.server.app.db.deleteFrom('notifications').execute()
    await near.send(near.bob, { ...near.create(near.bob, answer), id: `${answer.id}/again` })
    expect(await told()).toBe(0)
  })
})

describe('an answer', () => {
  it('to someone here who is not mentioned is told all the same', async () => {
    const mine = await near.post('Who answers?')
    const answer = near.note(near.bob, newName(), { inReplyTo: mine.uri, tag: [], cc: [] })
    await near.send(near.bob, near.create(near.bob, answer))
    const { id } = await rowOf(answer.id)
    expect(await near.notifications()).toContainEqual({ kind: 'mention', note_id: id })
  })

  it('that they cannot see is not told, and one that mentions them is told once', async () => {
    const mine = await near.post('Who answers?')
    const hidden = near.note(near.bob, newName(), {
      inReplyTo: mine.uri,
      tag: [],
      to: [`${near.bob.uri}/followers`],
      cc: [],
    })
    await near.send(near.bob, near.create(near.bob, hidden))
    const plain = near.note(near.bob, newName(), { inReplyTo: mine.uri })
    await near.send(near.bob, near.create(near.bob, plain))
    const told = (await near.notifications()).map(({ note_id }) => note_id)
    expect(told).not.toContain((await rowOf(hidden.id)).id)
    const { id } = await rowOf(plain.id)
    expect(told.filter((noteId) => noteId === id)).toHaveLength(1)
  })

  it.each(['public', 'unlisted', 'private', 'direct'])(
    'of ours mentions whom it answers, whether their name is typed or not: %s',
    async (visibility) => {
      const theirs = await delivered()
      const { id } = await rowOf(theirs.id)
      const mine = await near.post('Thank you', { in_reply_to_id: id, visibility })
      const [create] = near.foreign.activities('Create').slice(-1)
      expect(create).toMatchObject({
        object: { id: mine.uri, tag: [{ type: 'Mention', href: near.bob.uri }], inReplyTo: theirs.id },
      })
      const { to, cc }: { to?: string[]; cc?: string[] } = { ...create }
      expect([...(to ?? []), ...(cc ?? [])]).toContain(near.bob.uri)
    },
  )

  it('of ours to ourselves mentions nobody', async () => {
    const { note: first } = await post(near.server, near.alice)
    const { note: second } = await post(near.server, near.alice, { inReplyToId: first.id })
    expect(await listMentions(near.server.app.db, [second.id])).toEqual([])
  })
})

describe('people a note mentions', () => {
  it('that nobody here knew are looked up, so that an answer speaks to them too', async () => {
    const hal = near.foreign.addActor('hal')
    const ghost = `${near.foreign.url}/users/ghost`
    const note = await delivered({
      tag: [near.alice.account.uri, hal.uri, ghost].map((href) => ({ type: 'Mention', href })),
    })
    const mentions = await listMentions(near.server.app.db, [(await rowOf(note.id)).id])
    expect(mentions.map(({ uri }) => uri).sort()).toEqual([hal.uri, near.alice.account.uri].sort())
  })

  it('are looked up ten at most', async () => {
    const crowd = Array.from({ length: 25 }, (_, index) => near.foreign.addActor(`crowd${index}`).uri)
    near.foreign.requests.length = 0
    await delivered({ tag: [near.alice.account.uri, ...crowd].map((href) => ({ type: 'Mention', href })) })
    expect(asked(/^\/users\/crowd\d+$/)).toBe(10)
  })
})

it('a note for few is not asked about', async () => {
  const { db } = near.server.app
  const bob = await findAccountByUri(db, near.bob.uri)
  const id = await newId(db)
  await db.transaction().execute((trx) =>
    insertFollow(trx, {
      follower_id: near.alice.accountId,
      followee_id: bob?.id ?? '',
      uri: near.server.app.uris.follow(near.alice.accountId, id),
      state: 'accepted',
    }),
  )
  const note = await delivered({ to: [`${near.bob.uri}/followers`], cc: [], tag: [] })
  expect(await rowOf(note.id)).toMatchObject({ visibility: 'followers' })
  await openThread(note.id)
  expect(asked(/replies/)).toBe(0)
})
