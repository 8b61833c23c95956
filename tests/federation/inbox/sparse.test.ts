import { describe, expect, it } from 'vitest'
import { activityOf, activityStreams, everyone, useNeighbours } from './setup.ts'

const near = useNeighbours()
const mention = () => ({ type: 'Mention', href: near.alice.account.uri })

describe('an activity of few words', () => {
  it('says whose its note is and whom it is for', async () => {
    const note = { id: `${near.bob.uri}/notes/bare`, type: 'Note', content: 'Hello', tag: mention() }
    const create = { ...activityOf(near.bob, 'Create', note), to: everyone }
    expect(await near.send(near.bob, create)).toBe(202)
    const bob = await near.account(near.bob)
    expect(await near.stored(note.id)).toMatchObject({ account_id: bob?.id, visibility: 'public' })
    const updated = new Date().toISOString()
    await near.send(near.bob, activityOf(near.bob, 'Update', { ...note, content: 'Good bye', updated }))
    expect(await near.stored(note.id)).toMatchObject({ content_html: 'Good bye', visibility: 'public' })
  })

  it('leaves a note for one person with that person', async () => {
    const to = near.alice.account.uri
    const note = { id: `${near.bob.uri}/notes/direct`, type: 'Note', content: 'Psst', to, tag: mention() }
    await near.send(near.bob, { ...activityOf(near.bob, 'Create', note), to: everyone })
    expect(await near.stored(note.id)).toMatchObject({ visibility: 'direct' })
  })

  it.each(['Follow', 'Like', 'Announce'])('that is a %s without an id is 400', async (type) => {
    const note = await near.post('mine')
    const object = type === 'Follow' ? near.alice.account.uri : note.uri
    const said = { '@context': activityStreams, type, actor: near.bob.uri, object }
    expect(await near.send(near.bob, said)).toBe(400)
    expect(await near.send(near.bob, { ...said, id: `${near.bob.uri}/${type}` })).toBe(202)
  })

  it.each(['Undo', 'Delete'])('that is an %s needs no id', async (type) => {
    const like = activityOf(near.bob, 'Like', (await near.post('to be liked')).uri)
    await near.send(near.bob, like)
    const said = { '@context': activityStreams, type, actor: near.bob.uri, object: like }
    expect(await near.send(near.bob, said)).toBe(202)
  })
})

describe('an actor of few words', () => {
  it('can follow, is accepted at its own inbox, and is told what is written', async () => {
    const min = near.foreign.addActor('min')
    const { id, type, preferredUsername, inbox, publicKey, '@context': context } = min.document
    near.foreign.documents.set(new URL(min.uri).pathname, {
      '@context': context,
      ...{ id, type, preferredUsername, inbox, publicKey },
    })
    expect(await near.send(min, activityOf(min, 'Follow', near.alice.account.uri))).toBe(202)
    const { uri } = await near.post('For all who follow')
    const came = near.foreign.received.filter(({ path }) => path === new URL(min.inbox).pathname)
    expect(came.map(({ activity }) => activity.type)).toEqual(['Accept', 'Create'])
    expect(came[1]?.activity.object).toMatchObject({ id: uri })
  })

  it('may say in the Update itself what changed', async () => {
    const nan = near.foreign.addActor('nan')
    await near.send(nan, activityOf(nan, 'Follow', near.alice.account.uri))
    const changed = { ...nan.document, name: 'Nanette' }
    await near.send(nan, { ...activityOf(nan, 'Update', changed), '@context': nan.document['@context'] })
    expect(await near.account(nan)).toMatchObject({ name: 'Nanette' })
  })

  it('may have been born before there was anything', async () => {
    const old = near.foreign.addActor('old')
    old.document.published = '-200000-01-01T00:00:00Z'
    expect(await near.send(old, activityOf(old, 'Follow', near.alice.account.uri))).toBe(202)
    expect(await near.account(old)).toMatchObject({ username: 'old' })
  })
})
