import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inboxActivities } from '#federation/inbox/index.ts'
import type { Note } from '#src/db/notes.ts'
import { followAccount } from '#src/relationships/follow.ts'
import {
  type ForeignActor,
  type ForeignServer,
  type JsonObject,
  startForeignServer,
} from '#tests/support/foreign-server.ts'
import { activityOf, useNeighbours } from './inbox/setup.ts'

// FEP-fe34: whoever sends what, from wherever, only says what is theirs to say. A row for each activity that is heard:
// what its actor may do, and what nobody else may, nor its actor about anything else.

const near = useNeighbours()
const as = (term: string) => `https://www.w3.org/ns/activitystreams#${term}`
const fep044f = (term: string) => `https://w3id.org/fep/044f#${term}`
const litepub = (term: string) => `http://litepub.social/ns#${term}`

let other: ForeignServer
/** Of the same server as Bob, and of another. */
let mallory: ForeignActor
let olga: ForeignActor
let secret: Note
beforeAll(async () => {
  other = await startForeignServer()
  mallory = near.foreign.addActor('mallory')
  olga = other.addActor('olga')
  near.bob.document['http://joinmastodon.org/ns#featured'] = { '@id': featured() }
  await meet(near.bob, mallory, olga)
  secret = await near.post('For nobody', { visibility: 'direct' })
  await follow(near.bob)
})
afterAll(() => other.close())

const featured = () => `${near.bob.uri}/featured`

async function meet(...actors: ForeignActor[]) {
  for (const { uri } of actors) expect(await near.server.app.lookup.account(uri)).toBeDefined()
  await near.server.settle()
}

/** Alice asks to follow someone. Answers the address of the follow. */
async function follow(actor: ForeignActor): Promise<unknown> {
  const account = await near.account(actor)
  await followAccount(near.server.app, near.alice.accountId, account?.id ?? '')
  await near.server.settle()
  return near.foreign.activities('Follow').find(({ object }) => object === actor.uri)?.id
}

/** Someone new on Bob's server. */
async function newcomer(name: string): Promise<ForeignActor> {
  const actor = near.foreign.addActor(name)
  await meet(actor)
  return actor
}

const noteOf = (actor: ForeignActor, changes: JsonObject = {}) =>
  near.note(actor, crypto.randomUUID(), changes)

async function storedNote(actor: ForeignActor) {
  const note = noteOf(actor)
  await near.send(actor, near.create(actor, note))
  expect(await near.stored(note.id)).toBeDefined()
  return note
}

const later = () => new Date(Date.now() + 1_000).toISOString()
const elsewhere = () => `${other.url}/users/olga/notes/none`

type Sent = { by: ForeignActor; activity: JsonObject }
type Row = { good: Sent; bad: Record<string, Sent> }
const sent = (by: ForeignActor, type: string, object: unknown, more: JsonObject = {}): Sent => ({
  by,
  activity: { ...activityOf(by, type, object), to: [as('Public')], ...more },
})

const rows: Record<string, () => Promise<Row>> = {
  [as('Follow')]: async () => {
    const fan = await newcomer('fan')
    return {
      good: sent(fan, 'Follow', near.alice.account.uri),
      bad: { 'someone of another server': sent(fan, 'Follow', olga.uri) },
    }
  },
  [as('Accept')]: async () => {
    const asked = await newcomer('asked')
    const uri = await follow(asked)
    const wrong = { id: uri, type: 'Follow', actor: near.alice.account.uri, object: mallory.uri }
    return {
      good: sent(asked, 'Accept', uri),
      bad: {
        'a follow of a neighbour': sent(mallory, 'Accept', uri),
        'a follow of a neighbour, said to be of oneself': sent(mallory, 'Accept', wrong),
        'a follow of another server': sent(olga, 'Accept', uri),
      },
    }
  },
  [as('Reject')]: async () => {
    const asked = await newcomer('asked-too')
    const uri = await follow(asked)
    return {
      good: sent(asked, 'Reject', uri),
      bad: {
        'a follow of a neighbour': sent(mallory, 'Reject', uri),
        'a follow of another server': sent(olga, 'Reject', uri),
      },
    }
  },
  [as('Undo')]: async () => {
    const mine = await near.post('Liked')
    const like = activityOf(near.bob, 'Like', mine.uri)
    await near.send(near.bob, like)
    return {
      good: sent(near.bob, 'Undo', like),
      bad: {
        'what a neighbour did': sent(mallory, 'Undo', like),
        'what a neighbour did, in one’s own name': sent(mallory, 'Undo', { ...like, actor: mallory.uri }),
        'what someone elsewhere did': sent(olga, 'Undo', like.id),
      },
    }
  },
  [as('Create')]: async () => ({
    good: { by: near.bob, activity: near.create(near.bob, noteOf(near.bob)) },
    bad: {
      'a note in a neighbour’s name': sent(mallory, 'Create', noteOf(near.bob)),
      'a note attributed to another server': sent(
        mallory,
        'Create',
        noteOf(mallory, { attributedTo: olga.uri }),
      ),
      'a note of another server': sent(near.bob, 'Create', { ...noteOf(olga), attributedTo: near.bob.uri }),
      'a note that its own server does not have': sent(near.bob, 'Create', noteOf(olga)),
      'a note of ours': sent(near.bob, 'Create', {
        ...noteOf(near.bob),
        id: `${near.server.url}/ap/notes/1`,
        attributedTo: near.alice.account.uri,
      }),
    },
  }),
  [as('Update')]: async () => {
    const note = await storedNote(near.bob)
    const forged = { ...note, content: 'Forged', updated: later() }
    return {
      good: sent(near.bob, 'Update', { ...note, content: 'Mine', updated: later() }),
      bad: {
        'a neighbour’s note': sent(mallory, 'Update', forged),
        'a neighbour’s note, said to be one’s own': sent(mallory, 'Update', {
          ...forged,
          attributedTo: mallory.uri,
        }),
        'a neighbour': sent(mallory, 'Update', { ...near.bob.document, name: 'Forged' }),
        'a note of another server': sent(olga, 'Update', { ...forged, attributedTo: olga.uri }),
        'one’s note, given away': sent(near.bob, 'Update', { ...forged, attributedTo: olga.uri }),
      },
    }
  },
  [as('Delete')]: async () => {
    const note = await storedNote(near.bob)
    const mine = await near.post('Mine')
    return {
      good: sent(near.bob, 'Delete', note.id),
      bad: {
        'a neighbour’s note': sent(mallory, 'Delete', note.id),
        'a neighbour': sent(mallory, 'Delete', near.bob.uri),
        'a note of another server': sent(olga, 'Delete', { id: note.id, type: 'Tombstone' }),
        'a note of ours': sent(near.bob, 'Delete', mine.uri),
      },
    }
  },
  [as('Like')]: async () => likings('Like'),
  [litepub('EmojiReact')]: async () => likings(litepub('EmojiReact'), { content: '🔥' }),
  [as('Announce')]: async () => {
    const { good, bad } = await likings('Announce')
    const forged = { ...noteOf(olga), content: 'Forged' }
    const given = { ...noteOf(mallory), attributedTo: mallory.uri }
    return {
      good,
      bad: {
        ...bad,
        'an embedded note that its own server does not have': sent(near.bob, 'Announce', forged),
        'an embedded note of a neighbour': sent(near.bob, 'Announce', given),
        'an embedded Create of another server': sent(near.bob, 'Announce', {
          ...near.create(olga, forged),
          object: forged,
        }),
      },
    }
  },
  [fep044f('QuoteRequest')]: async () => {
    const mine = await near.post('Quote me')
    const quoting = (actor: ForeignActor, quoted = mine.uri) =>
      noteOf(actor, { [fep044f('quote')]: { '@id': quoted } })
    const ask = (by: ForeignActor, instrument: JsonObject, quoted = mine.uri) =>
      sent(by, fep044f('QuoteRequest'), quoted, { instrument })
    return {
      good: ask(near.bob, quoting(near.bob)),
      bad: {
        'for a neighbour’s note': ask(mallory, quoting(near.bob)),
        'for a note of another server': ask(near.bob, quoting(olga)),
        'for a note that it gives away': ask(near.bob, { ...quoting(near.bob), attributedTo: olga.uri }),
        'about what it cannot see': ask(near.bob, quoting(near.bob, secret.uri), secret.uri),
      },
    }
  },
  [as('Block')]: async () => {
    const blocking = await newcomer('blocking')
    return {
      good: sent(blocking, 'Block', near.alice.account.uri),
      bad: { 'someone of another server': sent(blocking, 'Block', olga.uri) },
    }
  },
  [as('Flag')]: async () => ({
    good: sent(near.bob, 'Flag', near.alice.account.uri),
    bad: {
      'someone of another server': sent(near.bob, 'Flag', olga.uri),
      'a neighbour': sent(near.bob, 'Flag', [mallory.uri, elsewhere()]),
    },
  }),
  [as('Add')]: async () => {
    const note = await storedNote(near.bob)
    const theirs = await storedNote(mallory)
    const add = (by: ForeignActor, object: unknown, target = featured()) =>
      sent(by, 'Add', object, { target })
    return {
      good: add(near.bob, note.id),
      bad: {
        'to a neighbour’s collection': add(mallory, note.id),
        'to a collection of another server': add(olga, note.id),
        'a neighbour’s note': add(near.bob, theirs.id),
        'a note of another server': add(near.bob, elsewhere()),
        'to what is no collection of theirs': add(near.bob, note.id, `${near.bob.uri}/other`),
      },
    }
  },
  [as('Remove')]: async () => {
    const note = await storedNote(near.bob)
    await near.send(near.bob, sent(near.bob, 'Add', note.id, { target: featured() }).activity)
    const remove = (by: ForeignActor) => sent(by, 'Remove', note.id, { target: featured() })
    return {
      good: remove(near.bob),
      bad: {
        'from a neighbour’s collection': remove(mallory),
        'from a collection of another server': remove(olga),
      },
    }
  },
  [as('Move')]: async () => {
    const mover = await newcomer('mover')
    const target = await newcomer('target')
    target.document[as('alsoKnownAs')] = { '@id': mover.uri }
    const move = (by: ForeignActor, object: string, to: string) => sent(by, 'Move', object, { target: to })
    return {
      good: move(mover, mover.uri, target.uri),
      bad: {
        'a neighbour': move(mallory, near.bob.uri, mallory.uri),
        'someone of another server': move(olga, near.bob.uri, olga.uri),
        'to someone who does not say so': move(near.bob, near.bob.uri, olga.uri),
      },
    }
  },
}

/** Likes, reactions and boosts alike. */
async function likings(type: string, more: JsonObject = {}): Promise<Row> {
  const mine = await near.post('For everyone')
  return {
    good: sent(near.bob, type, mine.uri, more),
    bad: {
      'what they cannot see': sent(near.bob, type, secret.uri, more),
      'what is not there': sent(near.bob, type, elsewhere(), more),
      'two things at once': sent(near.bob, type, [mine.uri, secret.uri], more),
    },
  }
}

/** Everything that any activity may change. */
async function world(): Promise<unknown> {
  const { rows: everything } = await sql`
    select
      (select json_agg(n order by n.uri) from (select uri, content_html, deleted_at, visibility, likes_count,
        boosts_count, replies_count, quotes_count, quote_state from notes) n) as notes,
      (select json_agg(f order by f.id) from (select id, state from follows) f) as follows,
      (select json_agg(l order by l.id) from (select id from likes) l) as likes,
      (select json_agg(r order by r.id) from (select id from reactions) r) as reactions,
      (select json_agg(b order by b.account_id, b.target_id) from (select account_id, target_id from blocks) b) as blocks,
      (select json_agg(r order by r.id) from (select id from reports) r) as reports,
      (select json_agg(p order by p.note_id) from (select note_id from pins) p) as pins,
      (select json_agg(q order by q.id) from (select id, state from quote_authorizations) q) as authorizations,
      (select json_agg(a order by a.uri) from (select uri, name, moved_to_uri, deleted_at, suspended_at
        from accounts) a) as accounts,
      (select json_agg(n order by n.id) from (select id from notifications) n) as notifications
  `.execute(near.server.app.db)
  return everything[0]
}

it('there is a row for every activity that is heard', () => {
  expect(Object.keys(rows).sort()).toEqual(Object.keys(inboxActivities).sort())
})

describe.each(Object.entries(rows))('%s', (_type, prepare) => {
  it('does what is its actor’s to do, and nothing else', async () => {
    const { good, bad } = await prepare()
    const { by, activity } = good
    const forgeries: Record<string, Sent> = {
      ...bad,
      'under an id of another server': {
        by,
        activity: { ...activity, id: `${other.url}/${crypto.randomUUID()}` },
      },
      'in the name of someone elsewhere': { by, activity: { ...activity, actor: olga.uri } },
      'signed by a neighbour': { by: mallory, activity },
      'signed by another server': { by: olga, activity },
    }
    for (const [name, forgery] of Object.entries(forgeries)) {
      const before = await world()
      await near.send(forgery.by, forgery.activity)
      expect(await world(), name).toEqual(before)
    }
    const before = await world()
    expect(await near.send(by, activity)).toBe(202)
    expect(await world()).not.toEqual(before)
  })
})
