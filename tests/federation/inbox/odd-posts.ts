import { createHash, createPrivateKey, sign } from 'node:crypto'
import fc from 'fast-check'
import type { JsonObject } from '#tests/support/foreign-server.ts'

// Posts to an inbox that are signed, with something odd about each: before it was signed, so that the signature fits
// what is odd, or after it, so that it does not.

export type Post = { path: string; headers: [string, string][]; body: string }
export type Signer = { keyId: string; privateKeyPem: string }

type Draft = {
  path: string
  body: string
  date: string
  keyId: string
  digest: string
  covered: string[]
  /** Between the covered names. */
  gap: string
  parameters: string
}

const hash = (algorithm: string, body: string) => createHash(algorithm).update(body).digest('base64')

const cavageCovered = ['(request-target)', 'host', 'date', 'digest']
const messageCovered = ['@method', '@target-uri', 'content-digest']

function draftOf(scheme: 'cavage' | 'rfc9421', body: string, signer: Signer): Draft {
  const isCavage = scheme === 'cavage'
  return {
    path: '/ap/inbox',
    body,
    date: new Date().toUTCString(),
    keyId: signer.keyId,
    digest: isCavage ? `SHA-256=${hash('sha256', body)}` : `sha-256=:${hash('sha256', body)}:`,
    covered: isCavage ? cavageCovered : messageCovered,
    gap: ' ',
    parameters: isCavage
      ? 'algorithm="rsa-sha256",'
      : `;created=${Math.floor(Date.now() / 1000)};keyid="KEY";alg="rsa-v1_5-sha256"`,
  }
}

type Change = (draft: Draft) => Partial<Draft>

const shifted = (hours: number) => new Date(Date.now() + hours * 3_600_000)
const seconds = (hours: number) => Math.floor(shifted(hours).getTime() / 1000)
const without =
  (name: string): Change =>
  ({ covered }) => ({ covered: covered.filter((one) => one !== name) })
const adding =
  (name: string): Change =>
  ({ covered }) => ({ covered: [...covered, name] })
const swapped =
  (from: RegExp, to: string): Change =>
  ({ parameters }) => ({ parameters: parameters.replace(from, to) })

/** Common to both schemes; what is done before signing. */
const commonChanges: Change[] = [
  () => ({}),
  () => ({}),
  () => ({}),
  ...['?', '?page=1', '/', '#x'].map(
    (end): Change =>
      ({ path }) => ({ path: path + end }),
  ),
  () => ({ path: '/ap/users/999999/inbox' }),
  () => ({ path: '/ap/../ap/inbox' }),
  ...[-13, -11, 0.5, 2].map(
    (hours): Change =>
      () => ({ date: shifted(hours).toUTCString() }),
  ),
  ...['yesterday', '', shifted(0).toISOString(), String(Date.now())].map(
    (date): Change =>
      () => ({ date }),
  ),
  ({ keyId }) => ({ keyId: keyId.replace('#', '?x#') }),
  ({ keyId }) => ({ keyId: keyId.toUpperCase() }),
  ({ keyId }) => ({ keyId: keyId.replace(':', '%3A') }),
  ({ keyId }) => ({ keyId: `${keyId} ` }),
  ({ keyId }) => ({ keyId: keyId.replace('main-key', 'other-key') }),
  ({ keyId }) => ({ keyId: keyId.replace(/#.*/, '') }),
  ({ keyId }) => ({ keyId: keyId.replace('/users', '/./users') }),
  ({ covered }) => ({ covered: covered.toReversed() }),
  ({ covered }) => ({ covered: [...covered, covered[0] ?? ''] }),
  ({ covered }) => ({ covered: covered.map((name) => name.toUpperCase()) }),
  ...['  ', '\t', ', '].map(
    (gap): Change =>
      () => ({ gap }),
  ),
  ...[
    'content-type',
    'host',
    'date',
    'x-unheard',
    'user-agent',
    '@path',
    '@authority',
    '@query',
    '@scheme',
  ].map(adding),
  ...['@status', '@request-target', '(created)', '(expires)', 'digest', 'content-digest', 'signature'].map(
    adding,
  ),
  ...[...cavageCovered, ...messageCovered].map(without),
  ({ body }) => ({ digest: `sha-512=${hash('sha512', body)}` }),
  ({ body }) => ({ digest: `SHA-512=${hash('sha512', body)}` }),
  ({ body }) => ({ digest: `sha-512=:${hash('sha512', body)}:` }),
  ({ digest }) => ({ digest: digest.toLowerCase() }),
  ({ digest }) => ({ digest: digest.replace(/sha/i, 'sHa') }),
  ({ digest }) => ({ digest: digest.replace('=', '') }),
  ({ digest }) => ({ digest: `${digest}, ${digest}` }),
  ({ digest }) => ({ digest: `${digest},MD5=eA==` }),
  ({ digest }) => ({ digest: digest.replace(/(.{10})$/, '!$1') }),
  ({ digest }) => ({ digest: digest.replace(/=:?$/, '') }),
  ({ digest }) => ({ digest: `${digest}x` }),
  () => ({ digest: '' }),
]

const cavageChanges: Change[] = [
  ...['rsa-sha1', 'hs2019', 'ed25519', 'RSA-SHA256', ''].map((name) => swapped(/rsa-sha256/, name)),
  ...['algorithm="rsa-sha256",algorithm="hs2019",', '', 'x=1,', 'version="1",', 'algorithm=rsa,', ',,'].map(
    (parameters): Change =>
      () => ({ parameters }),
  ),
  ...[-13, -1, 0, 2].flatMap((hours) => [
    swapped(/^/, `created=${seconds(hours)},`),
    swapped(/^/, `expires=${seconds(hours)},`),
    swapped(/^/, `created="${seconds(hours)}",`),
  ]),
]

const messageChanges: Change[] = [
  ...['ed25519', 'rsa-pss-sha512', 'rsa-v1_5-sha512', 'hmac-sha256', 'RSA-V1_5-SHA256', ''].map((name) =>
    swapped(/rsa-v1_5-sha256/, name),
  ),
  swapped(/;alg="[^"]*"/, ''),
  swapped(/;alg="([^"]*)"/, ';alg=$1'),
  swapped(/;created=\d+/, ''),
  ...[-13, -11, 2, 300_000].map((hours) => swapped(/created=\d+/, `created=${seconds(hours)}`)),
  swapped(/created=/, 'created=0'),
  swapped(/(;created=\d+)/, '$1$1'),
  swapped(/(;created=\d+)/, `;nonce="$1"${`;created=${seconds(-13)}`}`),
  swapped(/;created=\d+/, ';created'),
  swapped(/;keyid/, '; keyid'),
  ...[
    ';expires=1',
    `;expires=${seconds(1)}`,
    ';nonce="abc"',
    ';tag="x y"',
    ';x=1',
    ';nonce="é"',
    ';nonce=?1',
  ].map((more) => swapped(/$/, more)),
]

/** What is done to the headers after signing. */
type Spoiling = (post: Post) => void

const header = (post: Post, name: string) => post.headers.find(([given]) => given === name)
const spoil =
  (name: string, change: (value: string) => string): Spoiling =>
  (post) => {
    const found = header(post, name)
    if (found) found[1] = change(found[1])
  }
const headerNames = [
  'date',
  'digest',
  'content-digest',
  'signature',
  'signature-input',
  'host',
  'content-type',
]

const spoilings: Spoiling[] = [
  ...headerNames.flatMap((name): Spoiling[] => [
    (post) => {
      post.headers = post.headers.filter(([given]) => given !== name)
    },
    spoil(name, (value) => `${value}, ${value}`),
    spoil(name, (value) => ` ${value} `),
    spoil(name, (value) => `${value}x`),
    spoil(name, (value) => value.toLowerCase()),
  ]),
  spoil('signature', (value) => value.replaceAll(',', ' , ')),
  spoil('signature', (value) => value.replace(/(signature="|=:)(.)/, '$1$2!')),
  spoil('signature', (value) => value.replace(/(signature="|=:)(.)/, '$1$2 ')),
  spoil('signature', (value) => value.replace(/=+("|:)/, '$1')),
  spoil('signature', (value) => value.replaceAll('+', '-').replaceAll('/', '_')),
  spoil('signature', (value) => value.replace(/(signature="|=:)[^":]*/, '$1')),
  spoil('signature', (value) => value.replace(/(signature="|=:)[^":]*/, '$1eA==')),
  spoil('signature', (value) => value.replace('sig1', 'sig2')),
  spoil('signature', (value) => `${value}, sig2=:eA==:`),
  spoil('signature-input', (value) => `${value}, sig2=("date");created=1;keyid="x"`),
  spoil('signature-input', (value) => value.replace('sig1', 'sig2')),
  spoil('content-type', () => 'text/plain'),
  spoil('content-type', () => 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'),
  (post) => {
    post.headers.push(['content-encoding', 'gzip'])
  },
  (post) => {
    post.body = `${post.body} `
  },
  (post) => {
    post.body = post.body.replace('Like', 'Undo')
  },
  (post) => {
    post.path = '/ap/users/1/inbox'
  },
]

const bodies: ((activity: JsonObject, other: string) => unknown)[] = [
  ...Array.from({ length: 8 }, () => (activity: JsonObject) => activity),
  (activity, other) => ({ ...activity, actor: other }),
  (activity, other) => ({ ...activity, actor: [activity.actor, other] }),
  (activity, other) => ({ ...activity, 'as:actor': other }),
  (activity, other) => ({ ...activity, 'as:actor': other, actor: undefined }),
  (activity, other) => ({ ...activity, 'https://www.w3.org/ns/activitystreams#actor': { '@id': other } }),
  (activity, other) => ({
    ...activity,
    '@context': [activity['@context'], { doer: 'as:actor', actor: 'as:x' }],
    doer: other,
  }),
  (activity, other) => ({
    ...activity,
    '@context': [activity['@context'], { doer: { '@reverse': 'as:actor' } }],
    doer: other,
  }),
  (activity) => ({ ...activity, actor: { id: activity.actor, type: 'Person' } }),
  (activity) => ({ ...activity, actor: [activity.actor, activity.actor] }),
  (activity) => ({ ...activity, actor: `${activity.actor}#x` }),
  (activity) => ({ ...activity, actor: String(activity.actor).toUpperCase() }),
  (activity) => ({ ...activity, actor: undefined }),
  (activity) => ({ ...activity, id: 'https://elsewhere.example/1' }),
  (activity) => ({ ...activity, id: undefined }),
  (activity) => ({ ...activity, id: 7 }),
  (activity) => ({ ...activity, '@graph': [activity] }),
  (activity) => ({ '@context': activity['@context'], '@graph': [activity] }),
  (activity) => ({ ...activity, '@included': [activity] }),
  (activity) => ({ ...activity, '@context': { '@vocab': 'https://www.w3.org/ns/activitystreams#' } }),
  (activity) => ({ ...activity, '@context': undefined }),
  (activity) => ({ ...activity, '@context': 'https://w3id.org/security/v1' }),
  (activity) => [activity],
  (activity) => JSON.stringify(activity),
]

const change = (changes: Change[]) => fc.array(fc.constantFrom(...changes), { maxLength: 2 })
const cavage = fc.record({
  scheme: fc.constant('cavage' as const),
  changes: change([...commonChanges, ...cavageChanges]),
})
const message = fc.record({
  scheme: fc.constant('rfc9421' as const),
  changes: change([...commonChanges, ...messageChanges]),
})

/**
 * Posts by someone, mostly as odd as that.
 * @param origin they are sent to
 */
export function oddPosts(
  origin: string,
  { activity, signer, other }: { activity: () => JsonObject; signer: Signer; other: string },
): fc.Arbitrary<Post> {
  return fc
    .record({
      how: fc.oneof(cavage, message),
      body: fc.constantFrom(...bodies),
      spoiling: fc.option(fc.constantFrom(...spoilings), { freq: 3 }),
    })
    .map(({ how: { scheme, changes }, body, spoiling }) => {
      const text = JSON.stringify(body(activity(), other)) ?? ''
      let draft = draftOf(scheme, text, signer)
      for (const one of changes) draft = { ...draft, ...one(draft) }
      const post =
        scheme === 'cavage' ? signCavage(origin, draft, signer) : signMessage(origin, draft, signer)
      spoiling?.(post)
      return post
    })
}

function signCavage(origin: string, draft: Draft, signer: Signer): Post {
  const { host } = new URL(origin)
  const headers: [string, string][] = [
    ['host', host],
    ['date', draft.date],
    ['digest', draft.digest],
    ['content-type', 'application/activity+json'],
  ]
  const values = new Map([...headers, ['(request-target)', `post ${pathOf(draft)}`] as const])
  const text = draft.covered
    .map((name) => `${name.toLowerCase()}: ${values.get(name.toLowerCase()) ?? ''}`)
    .join('\n')
  const names = draft.covered.join(draft.gap)
  const value = `keyId="${draft.keyId}",${draft.parameters}headers="${names}",signature="${signed(text, signer)}"`
  return { path: draft.path, body: draft.body, headers: [...headers, ['signature', value]] }
}

function signMessage(origin: string, draft: Draft, signer: Signer): Post {
  const url = new URL(draft.path, origin)
  const headers: [string, string][] = [
    ['host', url.host],
    ['date', draft.date],
    ['content-digest', draft.digest],
    ['content-type', 'application/activity+json'],
  ]
  const derived = {
    '@method': 'POST',
    '@target-uri': url.href,
    '@path': url.pathname,
    '@authority': url.host,
  }
  const values = new Map([...headers, ...Object.entries({ ...derived, '@query': '', '@scheme': 'https' })])
  const lines = draft.covered.map(
    (name) => `"${name.toLowerCase()}": ${values.get(name.toLowerCase()) ?? ''}`,
  )
  const said = draft.parameters.replace('KEY', draft.keyId)
  const list = draft.covered.map((name) => `"${name}"`).join(draft.gap)
  const text = [...lines, `"@signature-params": (${list})${said}`].join('\n')
  const signature: [string, string][] = [
    ['signature-input', `sig1=(${list})${said}`],
    ['signature', `sig1=:${signed(text, signer)}:`],
  ]
  return { path: draft.path, body: draft.body, headers: [...headers, ...signature] }
}

const pathOf = ({ path }: Draft) => path.split('?', 1)[0]
const signed = (text: string, { privateKeyPem }: Signer) =>
  sign('sha256', Buffer.from(text), createPrivateKey(privateKeyPem)).toString('base64')
