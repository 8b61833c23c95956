import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getVisibleNote } from '#src/db/notes.ts'
import { findQuoteAuthorization } from '#src/db/quotes.ts'
import type { Id } from '#src/db/tables.ts'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { changeQuotePolicy, revokeQuote } from '#src/notes/quote.ts'
import { loadNoteView } from '#src/notes/view.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { settle, startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { copyOf, lookUp } from '#tests/support/two-servers.ts'

let here: TestServer
let there: TestServer
let third: TestServer
let alice: TestPerson
let bob: TestPerson
let carol: TestPerson
beforeAll(async () => {
  ;[here, there, third] = await Promise.all([startTestServer(), startTestServer(), startTestServer()])
  ;[alice, bob, carol] = await Promise.all([here.person('alice'), there.person('bob'), third.person('carol')])
  await follow(there, bob, alice)
  await follow(third, carol, bob)
})
afterAll(() => Promise.all([here.close(), there.close(), third.close()]))

const settleAll = () => settle(here, there, third)

async function follow(server: TestServer, follower: TestPerson, followee: TestPerson): Promise<Id> {
  const id = await lookUp(server, followee.account.uri)
  await followAccount(server.app, follower.accountId, id)
  await settleAll()
  return id
}

/** A note of Alice's, and Bob's quote of it on his own server. */
async function quoted(form: Parameters<typeof post>[2] = {}) {
  const { note } = await post(here, alice, { text: 'Look at the sea', ...form })
  await settleAll()
  const copy = await copyOf(there, note.uri)
  const { note: quoting } = await post(there, bob, { text: 'What she says', quoteOfId: copy.id })
  return { note, copy, quoting }
}

async function notificationsOf(person: TestPerson, server: TestServer) {
  const rows = await server.app.db
    .selectFrom('notifications')
    .select(['kind', 'note_id'])
    .where('account_id', '=', person.accountId)
    .where('kind', 'in', ['quote', 'quoted_update'])
    .execute()
  return rows
}

describe('a quote of a note on another server', () => {
  it('is asked for, accepted, proved and seen on both, and by who follows', async () => {
    const { note, copy, quoting } = await quoted()
    expect(quoting).toMatchObject({ quote_of_id: copy.id, quote_state: 'pending' })
    await settleAll()
    const proof = expect.stringMatching(new RegExp(`^${here.url}/ap/quote-authorizations/\\d+$`))
    expect(await copyOf(there, quoting.uri)).toMatchObject({
      quote_state: 'accepted',
      quote_authorization_uri: proof,
    })
    expect(await copyOf(there, note.uri)).toMatchObject({ quotes_count: 1 })
    const heard = await copyOf(here, quoting.uri)
    expect(heard).toMatchObject({
      quote_of_id: note.id,
      quote_state: 'accepted',
      quote_authorization_uri: proof,
    })
    expect(await copyOf(here, note.uri)).toMatchObject({ quotes_count: 1 })
    expect(await notificationsOf(alice, here)).toContainEqual({ kind: 'quote', note_id: heard.id })
    // Carol’s server never heard of Alice: it fetched the note and the proof.
    const seen = await copyOf(third, quoting.uri)
    const view = await loadNoteView(third.app.db, seen.id, carol.accountId)
    expect(view).toMatchObject({
      note: { quote_state: 'accepted' },
      quote: { state: 'available', view: { note: { uri: note.uri } } },
    })
  })

  it('shows the quoted note in the API, without the line that stands for it elsewhere', async () => {
    const { note, quoting } = await quoted()
    await settleAll()
    const seen = await copyOf(third, quoting.uri)
    const status = await (await third.fetch(`/api/v1/statuses/${seen.id}`, { as: carol })).json()
    expect(status).toMatchObject({
      content: '<p>What she says</p>',
      quote: { state: 'accepted', quoted_status: { uri: note.uri, quotes_count: 1, quote: null } },
    })
    const document = await (
      await there.fetch(`/ap/notes/${quoting.id}`, { headers: { accept: 'application/activity+json' } })
    ).json()
    expect(document).toMatchObject({
      quote: note.uri,
      quoteUri: note.uri,
      quoteUrl: note.uri,
      _misskey_quote: note.uri,
      quoteAuthorization: expect.stringContaining('/ap/quote-authorizations/'),
      content: `<p class="quote-inline">RE: <a href="${note.url}">${note.url}</a></p><p>What she says</p>`,
      interactionPolicy: {
        canQuote: { automaticApproval: ['https://www.w3.org/ns/activitystreams#Public'] },
      },
    })
    expect(document.tag).toContainEqual(
      expect.objectContaining({
        type: 'Link',
        href: note.uri,
        rel: 'https://misskey-hub.net/ns#_misskey_quote',
      }),
    )
  })

  it('is refused where the author lets nobody quote', async () => {
    const { note, quoting } = await quoted()
    await settleAll()
    const { note: other } = await post(here, alice, { text: 'Mine alone', quotePolicy: 'nobody' })
    await settleAll()
    const closed = await copyOf(there, other.uri)
    expect(closed).toMatchObject({ quote_policy: 'nobody' })
    await expect(post(there, bob, { text: 'x', quoteOfId: closed.id })).rejects.toMatchObject({
      kind: 'notFound',
    })
    // A server that asks all the same, since it heard another policy.
    await there.app.db
      .updateTable('notes')
      .set({ quote_policy: 'public' })
      .where('id', '=', closed.id)
      .execute()
    const { note: asking } = await post(there, bob, { text: 'x', quoteOfId: closed.id })
    await settleAll()
    expect(await copyOf(there, asking.uri)).toMatchObject({ quote_state: 'rejected' })
    expect(await copyOf(here, other.uri)).toMatchObject({ quotes_count: 0 })
    expect(await copyOf(there, quoting.uri)).toMatchObject({ quote_state: 'accepted' })
    expect(note.id).not.toBe(other.id)
    const document = await (
      await there.fetch(`/ap/notes/${asking.id}`, { headers: { accept: 'application/activity+json' } })
    ).json()
    expect(document).not.toHaveProperty('_misskey_quote')
    expect(document.content).not.toContain('quote-inline')
  })

  it('is for followers where its author says so', async () => {
    const { note } = await post(here, alice, { text: 'For friends to quote', quotePolicy: 'followers' })
    await settleAll()
    const { note: quoting } = await post(there, bob, {
      text: 'I follow her',
      quoteOfId: (await copyOf(there, note.uri)).id,
    })
    await settleAll()
    expect(await copyOf(there, quoting.uri)).toMatchObject({ quote_state: 'accepted' })
    const id = await third.app.lookup.note(note.uri)
    await expect(post(third, carol, { text: 'I do not', quoteOfId: id ?? null })).rejects.toMatchObject({
      kind: 'notFound',
    })
  })

  it('is taken back by the quoted author, everywhere, and its proof is gone', async () => {
    const { note, quoting } = await quoted()
    await settleAll()
    const proof = new URL((await copyOf(there, quoting.uri)).quote_authorization_uri ?? '')
    const before = await here.fetch(proof.pathname)
    expect(before.status).toBe(200)
    expect(await before.json()).toMatchObject({
      type: 'QuoteAuthorization',
      attributedTo: alice.account.uri,
      interactingObject: quoting.uri,
      interactionTarget: note.uri,
    })
    const heard = await copyOf(here, quoting.uri)
    await revokeQuote(here.app, alice.accountId, note.id, heard.id)
    await settleAll()
    for (const server of [here, there, third])
      expect(await copyOf(server, quoting.uri)).toMatchObject({
        quote_state: 'revoked',
        quote_authorization_uri: null,
      })
    expect(await copyOf(here, note.uri)).toMatchObject({ quotes_count: 0 })
    expect(await copyOf(there, note.uri)).toMatchObject({ quotes_count: 0 })
    expect((await here.fetch(proof.pathname)).status).toBe(404)
    const status = await (
      await third.fetch(`/api/v1/statuses/${(await copyOf(third, quoting.uri)).id}`)
    ).json()
    expect(status.quote).toEqual({ state: 'revoked', quoted_status: null })
  })

  it('reaches its quoters when the note is edited or deleted', async () => {
    const { note, copy, quoting } = await quoted()
    await settleAll()
    await editNote(here.app, alice.accountId, note.id, noteForm({ text: 'Look at the sky' }))
    await settleAll()
    const quotingRow = await copyOf(there, quoting.uri)
    expect(await notificationsOf(bob, there)).toContainEqual({
      kind: 'quoted_update',
      note_id: quotingRow.id,
    })
    expect(await copyOf(there, note.uri)).toMatchObject({ content_html: '<p>Look at the sky</p>' })
    await deleteNote(here.app, alice.accountId, note.id)
    await settleAll()
    const view = await loadNoteView(there.app.db, quoting.id, bob.accountId)
    expect(view.quote).toMatchObject({ state: 'deleted' })
    const status = await (await there.fetch(`/api/v1/statuses/${quoting.id}`, { as: bob })).json()
    expect(status.quote).toEqual({ state: 'deleted', quoted_status: null })
    const proof = new URL(quotingRow.quote_authorization_uri ?? '').pathname
    expect((await here.fetch(proof)).status).toBe(404)
    expect(copy.uri).toBe(note.uri)
  })

  it('is uncounted with the note that quotes', async () => {
    const { note, quoting } = await quoted()
    await settleAll()
    expect(await copyOf(here, note.uri)).toMatchObject({ quotes_count: 1 })
    await deleteNote(there.app, bob.accountId, quoting.id)
    await settleAll()
    expect(await copyOf(here, note.uri)).toMatchObject({ quotes_count: 0 })
    expect(await copyOf(there, note.uri)).toMatchObject({ quotes_count: 0 })
  })

  it('of one’s own needs nobody’s leave', async () => {
    const { note } = await post(there, bob, { text: 'First', quotePolicy: 'nobody' })
    const { note: quoting } = await post(there, bob, { text: 'And more', quoteOfId: note.id })
    expect(quoting).toMatchObject({ quote_state: 'accepted', quote_authorization_uri: null })
    await settleAll()
    expect(await copyOf(third, quoting.uri)).toMatchObject({ quote_state: 'accepted' })
  })
})

describe('a quote between neighbours', () => {
  it('is accepted at once, with a proof for the world', async () => {
    const dora = await here.person('dora')
    const { note } = await post(here, alice, { text: 'Next door' })
    const { note: quoting } = await post(here, dora, { text: 'Yes', quoteOfId: note.id })
    expect(quoting.quote_state).toBe('accepted')
    const id = here.app.uris.quoteAuthorizationId(quoting.quote_authorization_uri ?? '')
    expect(await findQuoteAuthorization(here.app.db, id ?? '')).toMatchObject({ state: 'accepted' })
    expect(await notificationsOf(alice, here)).toContainEqual({ kind: 'quote', note_id: quoting.id })
    expect(await getVisibleNote(here.app.db, note.id, null)).toMatchObject({ quotes_count: 1 })
    await changeQuotePolicy(here.app, alice.accountId, note.id, 'nobody')
    await expect(post(here, dora, { text: 'Again', quoteOfId: note.id })).rejects.toMatchObject({
      kind: 'notFound',
    })
    await settleAll()
  })

  it('is counted exactly, however many quote and take back at once', async () => {
    const { note } = await post(here, alice, { text: 'Busy' })
    const eve = await here.person('eve')
    const quotes = await Promise.all(
      Array.from({ length: 12 }, (_, i) => post(here, eve, { text: `No. ${i}`, quoteOfId: note.id })),
    )
    await Promise.all(
      [
        ...quotes.slice(0, 6).map(({ note: own }) => revokeQuote(here.app, alice.accountId, note.id, own.id)),
        ...quotes.slice(3, 9).map(({ note: own }) => deleteNote(here.app, eve.accountId, own.id)),
      ].map((work) => work.catch(() => undefined)),
    )
    const { count } = await here.app.db
      .selectFrom('notes')
      .select((eb) => eb.fn.countAll<string>().as('count'))
      .where('quote_of_id', '=', note.id)
      .where('quote_state', '=', 'accepted')
      .where('deleted_at', 'is', null)
      .executeTakeFirstOrThrow()
    expect(await getVisibleNote(here.app.db, note.id, null)).toMatchObject({ quotes_count: Number(count) })
    expect(Number(count)).toBe(3)
  })

  it('does not carry what is for followers any further', async () => {
    const frank = await here.person('frank')
    await followAccount(here.app, frank.accountId, alice.accountId)
    const { note } = await post(here, alice, { text: 'For followers', visibility: 'followers' })
    await expect(post(here, frank, { text: 'Look', quoteOfId: note.id })).rejects.toMatchObject({
      kind: 'notFound',
    })
    const { note: own } = await post(here, alice, { text: 'Look again', quoteOfId: note.id })
    expect(own).toMatchObject({ visibility: 'followers', quote_state: 'accepted' })
  })

  it('is refused between people one of whom blocks the other', async () => {
    const [grace, heidi] = await Promise.all([here.person('grace'), here.person('heidi')])
    const { note } = await post(here, grace, { text: 'Not for everyone' })
    await post(here, heidi, { text: 'Still', quoteOfId: note.id })
    await here.app.db
      .insertInto('blocks')
      .values({ account_id: grace.accountId, target_id: heidi.accountId, uri: `${here.url}/blocks/1` })
      .execute()
    await expect(post(here, heidi, { text: 'No more', quoteOfId: note.id })).rejects.toMatchObject({
      kind: 'notFound',
    })
  })
})
