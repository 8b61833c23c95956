import type { RemoteDocument } from '@fedify/vocab-runtime'
import { describe, expect, test } from 'vitest'
import { accountFrom, type Server, toActor } from '#federation/convert/account.ts'
import {
  toAnnounce,
  toAnswer,
  toCreate,
  toDelete,
  toLike,
  toPollUpdate,
  toUndoAnnounce,
  toUndoFollow,
  toUndoLike,
  toUpdate,
  toVoteCreate,
} from '#federation/convert/activity.ts'
import { toAudience, visibilityFrom } from '#federation/convert/audience.ts'
import { type NoteOptions, noteFrom, toNote, toNoteDocument } from '#federation/convert/note.ts'
import { toVote, voteFrom } from '#federation/convert/poll.ts'
import { plainContext, publicAudience } from '#federation/convert/vocabulary.ts'
import { findPreloadedContext } from '#federation/remote/contexts.ts'
import { createExpansion } from '#federation/remote/expansion/expansion.ts'
import type { Node } from '#federation/remote/linked-data.ts'
import { createUris } from '#src/base/uris.ts'
import type { Account } from '#src/db/accounts.ts'
import type { Media } from '#src/db/media.ts'
import type { Visibility } from '#src/db/tables.ts'
import { digitalSourceTypes } from '#src/media/provenance.ts'
import type { NoteView } from '#src/notes/view.ts'

const server: Server = {
  uris: createUris('https://pinxit.example'),
  handleHost: 'pinxit.example',
  urlOfMedia: (key) => `https://pinxit.example/media/${key}`,
}
const { uris } = server
const publishedAt = new Date('2026-11-21T12:00:00.123Z')
const now = new Date('2026-11-22T12:00:00Z')

const account: Account = {
  id: '1',
  username: 'alice',
  domain: null,
  uri: uris.actor('1'),
  url: uris.profilePage('alice'),
  kind: 'Person',
  name: 'Alice',
  bio_text: 'I paint',
  bio_html: '<p>I paint</p>',
  fields: [{ name: 'Site', value: 'https://example.com', verifiedAt: null }],
  emojis: [],
  avatar_key: 'ab/cd/00112233445566778899aabbccddeeff.webp',
  avatar_remote_url: null,
  header_key: null,
  header_remote_url: null,
  is_locked: true,
  is_discoverable: true,
  is_indexable: false,
  inbox_uri: uris.inbox('1'),
  shared_inbox_uri: uris.sharedInbox,
  outbox_uri: uris.outbox('1'),
  followers_uri: uris.followers('1'),
  following_uri: uris.following('1'),
  featured_uri: uris.featured('1'),
  featured_tags_uri: uris.featuredTags('1'),
  also_known_as: ['https://old.example/users/alice'],
  followers_count: 0,
  following_count: 0,
  notes_count: 0,
  last_note_at: null,
  default_remix_policy: 'nobody',
  created_at: publishedAt,
  updated_at: publishedAt,
  fetched_at: null,
  explored_at: null,
  moved_to_id: null,
  moved_to_uri: null,
  moved_at: null,
  suspended_at: null,
  deleted_at: null,
}

const painting: Media = {
  id: '3',
  account_id: '1',
  note_id: '2',
  position: 0,
  kind: 'image',
  media_type: 'image/jpeg',
  original_key: null,
  file_key: 'ab/cd/00112233445566778899aabbccddeeff.jpg',
  small_key: null,
  remote_url: null,
  preview_remote_url: null,
  width: 1024,
  height: 768,
  small_width: null,
  small_height: null,
  blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
  focus_x: 0.5,
  focus_y: -0.25,
  description: 'A lighthouse <in> a storm',
  byte_size: null,
  sha256: null,
  digital_source_type: digitalSourceTypes.painting,
  generator_name: 'painter-1 (OpenAI)',
  generator_url: 'https://openai.com/',
  prompt: 'a lighthouse',
  generation_id: null,
  scheduled_note_id: null,
  created_at: publishedAt,
}

function view({
  note,
  ...rest
}: Partial<Omit<NoteView, 'note'>> & { note?: Partial<NoteView['note']> } = {}) {
  const whole: NoteView = {
    account,
    media: [],
    mentions: [],
    tags: [],
    boostOf: null,
    remixOf: null,
    quote: null,
    poll: null,
    reactions: [],
    card: null,
    viewer: null,
    application: null,
    ...rest,
    note: {
      id: '2',
      uri: uris.note('2'),
      url: uris.notePage('alice', '2'),
      account_id: '1',
      is_local: true,
      boost_of_id: null,
      in_reply_to_id: null,
      in_reply_to_account_id: null,
      in_reply_to_uri: null,
      conversation_uri: uris.conversation('2'),
      visibility: 'public',
      text: 'Storm',
      content_html: '<p>Storm</p>',
      summary: '',
      is_sensitive: false,
      language: 'en',
      emojis: [],
      application_id: null,
      replies_count: 0,
      boosts_count: 0,
      likes_count: 0,
      remixes_count: 0,
      object_type: 'Note',
      replies_uri: null,
      context_uri: null,
      replies_fetched_at: null,
      quote_of_id: null,
      quote_of_uri: null,
      quote_state: null,
      quote_authorization_uri: null,
      quote_is_legacy: false,
      quote_policy: 'public',
      quotes_count: 0,
      preview_card_id: null,
      prompt_visibility: 'public',
      remix_policy: 'followers',
      remix_of_id: null,
      remix_of_uri: null,
      published_at: publishedAt,
      stored_at: publishedAt,
      edited_at: null,
      deleted_at: null,
      ...note,
    },
  }
  return whole
}

const bob = {
  id: '9',
  username: 'bob',
  domain: 'peer.example',
  url: 'https://peer.example/@bob',
  uri: 'https://peer.example/users/bob',
  name: 'Bob',
  inbox_uri: 'https://peer.example/inbox',
}
const options: NoteOptions = { ownReplyUris: [], isLabelled: true }

/** Expands without the network: what is written may name no context that a peer would have to fetch. */
async function expand(document: object): Promise<Node> {
  const contextLoader = async (url: string): Promise<RemoteDocument> => {
    const document = await findPreloadedContext(url)
    if (!document) throw new Error(`${url} is not known everywhere`)
    return { contextUrl: null, documentUrl: url, document }
  }
  const node = await createExpansion({ contextLoader, isFast: true })(document)
  if (!node) throw new Error('Nothing to expand')
  return node
}

describe('an audience', () => {
  const followers = uris.followers('1')
  const table: [Visibility, string[], string[]][] = [
    ['public', [publicAudience], [followers, bob.uri]],
    ['unlisted', [followers], [publicAudience, bob.uri]],
    ['followers', [followers], [bob.uri]],
    ['direct', [bob.uri], []],
  ]
  test.each(table)('%s is addressed as Mastodon reads it', (visibility, to, cc) => {
    const audience = toAudience(visibility, followers, [bob.uri])
    expect(audience).toEqual({ to, cc })
    expect(visibilityFrom(audience, followers)).toBe(visibility)
  })

  test.each(table)('%s is the same on the activity and on its object', (visibility) => {
    const written = view({ note: { visibility, edited_at: now }, mentions: [bob] })
    const object = toNote(written, options, server)
    for (const activity of [toCreate(written.note, object), toUpdate(written.note, object)]) {
      expect(activity.to).toEqual(object.to)
      expect(activity.cc).toEqual(object.cc)
    }
  })
})

describe('a label', () => {
  const contentOf = (media: Media[], more: Partial<NoteOptions> = {}) => {
    const note = toNote(view({ media }), { ...options, ...more }, server)
    return { content: note.content, tags: JSON.stringify(note.tag) }
  }

  test('names a painting and tags it', () => {
    const { content, tags } = contentOf([painting])
    expect(content).toMatch(/^<p>Storm<\/p><p class="provenance-label">AI-generated picture <a /)
    expect(tags).toContain('#AIart')
  })

  test('says that a sketch is none, without a tag', () => {
    const { content, tags } = contentOf([{ ...painting, digital_source_type: digitalSourceTypes.sketch }])
    expect(content).toBe('<p>Storm</p><p class="provenance-label">Sketch, not AI</p>')
    expect(tags).not.toContain('AIart')
  })

  test('is not there for a photograph, nor where the operator wants none', () => {
    expect(contentOf([{ ...painting, digital_source_type: null }]).content).toBe('<p>Storm</p>')
    const silent = contentOf([painting], { isLabelled: false })
    expect(silent.content).toBe('<p>Storm</p>')
    expect(silent.tags).not.toContain('AIart')
  })

  test('does not repeat a tag that the author gave', () => {
    const note = toNote(view({ media: [painting], tags: ['aiart'] }), options, server)
    expect(JSON.stringify(note.tag).match(/Hashtag/g)).toHaveLength(1)
  })
})

describe('a note', () => {
  test('carries no more than four attachments', () => {
    const note = toNote(view({ media: Array.from({ length: 6 }, () => painting) }), options, server)
    expect(note.attachment).toHaveLength(4)
  })

  test('with words that are not yet a paragraph becomes one', () => {
    expect(toNote(view({ note: { content_html: 'Bare' } }), options, server).content).toBe('<p>Bare</p>')
  })

  test('without a description says so with null, and leaves out what is unknown', () => {
    const bare = { ...painting, description: '', width: null, blurhash: null, focus_x: null }
    const { attachment } = toNote(view({ media: [bare] }), options, server)
    const [document] = Array.isArray(attachment) ? attachment : []
    expect(document).toMatchObject({ name: null, summary: null })
    for (const name of ['width', 'height', 'blurhash', 'focalPoint'])
      expect(document).not.toHaveProperty(name)
  })

  test('names what it was made from', () => {
    const note = toNote(
      view({ media: [painting], note: { remix_of_uri: 'https://peer.example/notes/1' } }),
      options,
      server,
    )
    expect(note.tag).toContainEqual({
      type: 'Link',
      href: 'https://peer.example/notes/1',
      mediaType: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
      rel: 'https://w3id.org/pinxit/provenance#remixOf',
      name: 'Remix of',
    })
  })

  test('links only as FEP-e232 has it, and first to what it was made from', () => {
    const written = view({ media: [painting], note: { remix_of_uri: 'https://peer.example/notes/1' } })
    const { tag } = toNote(written, options, server)
    const links = Array.isArray(tag) ? tag.filter(({ type }: { type: string }) => type === 'Link') : []
    // Pleroma drops a note with any other, and may take the first for a quote.
    expect(links).toMatchObject([
      { mediaType: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"', name: 'Remix of' },
      {
        mediaType: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        rel: 'https://w3id.org/pinxit/provenance#remixPolicy',
      },
    ])
  })

  test('comes back as it was, after another Pinxit has read it', async () => {
    const written = view({
      media: [painting],
      mentions: [bob],
      tags: ['sea'],
      note: {
        visibility: 'unlisted',
        summary: 'Weather',
        is_sensitive: true,
        in_reply_to_uri: 'https://peer.example/notes/1',
        remix_of_uri: 'https://peer.example/notes/2',
        edited_at: now,
      },
    })
    const node = await expand(toNoteDocument(written, options, server))
    expect(noteFrom(node, { followers_uri: uris.followers('1') }, now)).toMatchObject({
      uri: written.note.uri,
      url: written.note.url,
      visibility: 'unlisted',
      contentHtml: '<p>Storm</p>',
      summary: 'Weather',
      isSensitive: true,
      language: 'en',
      inReplyToUri: 'https://peer.example/notes/1',
      conversationUri: written.note.conversation_uri,
      mentionUris: [bob.uri],
      tagNames: ['sea', 'aiart'],
      remixPolicy: 'followers',
      remixOfUri: 'https://peer.example/notes/2',
      publishedAt,
      updatedAt: now,
      attachments: [
        {
          kind: 'image',
          media_type: 'image/jpeg',
          remote_url: server.urlOfMedia(painting.file_key ?? ''),
          width: 1024,
          height: 768,
          blurhash: painting.blurhash,
          focus_x: 0.5,
          focus_y: -0.25,
          description: 'A lighthouse <in> a storm',
          digital_source_type: digitalSourceTypes.painting,
          generator_name: 'painter-1 (OpenAI)',
          generator_url: 'https://openai.com/',
          prompt: 'a lighthouse',
        },
      ],
    })
  })
})

test('an account comes back as it was, after another Pinxit has read it', async () => {
  const document = toActor(account, { rsaPem: 'PEM', ed25519Multibase: 'z6Mk' }, server)
  expect(accountFrom(await expand(document), now)).toMatchObject({
    uri: account.uri,
    url: account.url,
    username: 'alice',
    kind: 'Person',
    name: 'Alice',
    bio_html: '<p>I paint</p>',
    is_locked: true,
    is_discoverable: true,
    is_indexable: false,
    inbox_uri: account.inbox_uri,
    shared_inbox_uri: uris.sharedInbox,
    followers_uri: account.followers_uri,
    featured_uri: account.featured_uri,
    also_known_as: account.also_known_as,
  })
})

describe('a poll', () => {
  const poll = {
    note_id: '2',
    is_own: false,
    is_multiple: false,
    ends_at: new Date('2026-11-23T12:00:00Z'),
    closed_at: null,
    voters_count: 7,
    options: [
      { title: 'Oil & ink', votes: 3 },
      { title: '<b>Chalk</b>', votes: 4 },
    ],
    own_votes: [1],
  }

  test.each([
    {},
    { is_multiple: true, voters_count: 5 },
    { ends_at: null },
    { closed_at: new Date('2026-11-22T11:00:00Z'), ends_at: new Date('2026-11-22T11:00:00Z') },
  ])('is read as it was written: %j', async (changes) => {
    const asked = { ...poll, ...changes }
    const document = toNoteDocument(view({ poll: asked }), options, server)
    expect(document.type).toBe('Question')
    expect(document).not.toHaveProperty('updated')
    expect(JSON.stringify(document)).not.toContain('own_votes')
    expect(noteFrom(await expand(document), { followers_uri: null }, now)?.poll).toEqual({
      titles: asked.options.map(({ title }) => title),
      isMultiple: asked.is_multiple,
      endsAt: asked.ends_at,
      counts: { votes: [3, 4], voters: asked.voters_count, closedAt: asked.closed_at },
    })
  })

  test('has a vote that is read as it was written, and is no note', async () => {
    const vote = {
      uri: uris.vote('1', '9'),
      actor: uris.actor('1'),
      pollUri: 'https://there.example/q',
      authorUri: 'https://there.example/bob',
      title: '<b>Chalk</b>',
    }
    const node = await expand({ '@context': plainContext, ...toVote(vote) })
    expect(voteFrom(node)).toEqual({ name: vote.title, pollUri: vote.pollUri })
    expect(noteFrom(node, { followers_uri: null }, now)).toBeUndefined()
    expect(toVoteCreate(toVote(vote))).toMatchObject({
      id: `${vote.uri}/activity`,
      actor: vote.actor,
      to: [vote.authorUri],
      cc: [],
    })
  })

  test('sends its counts under an id that changes with them alone', () => {
    const object = toNote(view({ poll }), options, server)
    const first = toPollUpdate(poll, object)
    expect(toPollUpdate(poll, object).id).toBe(first.id)
    const ids = [
      { ...poll, closed_at: now },
      { ...poll, options: [{ title: 'Oil & ink', votes: 4 }] },
    ].map((one) => toPollUpdate(one, object).id)
    const edited = toNote(view({ poll, note: { edited_at: now } }), options, server)
    expect(new Set([first.id, ...ids, toPollUpdate(poll, edited).id]).size).toBe(4)
    expect(first).toMatchObject({ type: 'Update', to: object.to, cc: object.cc })
  })
})

describe('activities', () => {
  const { note } = view({ note: { edited_at: now } })
  const object = toNote(view(), options, server)
  const boost = { ...note, uri: uris.note('4') }
  const boosted = { uri: 'https://peer.example/notes/1', authorUri: bob.uri }
  const liking = { uri: uris.like('1', '5'), actor: account.uri, noteUri: boosted.uri }
  const following = { uri: 'https://peer.example/follows/1', follower: bob.uri, followee: account.uri }
  const all = () => [
    toCreate(note, object),
    toUpdate(note, object),
    toDelete(note, account.uri),
    toAnnounce(boost, account, boosted, server),
    toUndoAnnounce(boost, account, boosted, server),
    toLike(liking),
    toUndoLike(liking),
    toUndoFollow({ ...following, uri: uris.follow('1', '7') }),
    toAnswer('Accept', uris.accept('1', '7'), following),
  ]

  test('have ids that follow from what they say, each its own', () => {
    const ids = all().map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(all().map(({ id }) => id)).toEqual(ids)
    expect(ids.every((id) => id.startsWith('https://pinxit.example/'))).toBe(true)
  })

  test('say nothing that a peer would have to fetch a context for', async () => {
    for (const activity of all()) {
      const node = await expand(activity)
      expect(node['@type']).toEqual([`https://www.w3.org/ns/activitystreams#${activity.type}`])
      expect(JSON.stringify(node)).not.toContain('_:')
    }
  })
})
