import fc from 'fast-check'
import type { JsonObject } from '#tests/support/foreign-server.ts'

const as = 'https://www.w3.org/ns/activitystreams'

const words = [
  ...[
    'id',
    'type',
    'actor',
    'object',
    'to',
    'content',
    'contentMap',
    'nameMap',
    'name',
    'tag',
    'url',
    'inReplyTo',
  ],
  ...[
    'items',
    'orderedItems',
    'first',
    'published',
    'sensitive',
    'proof',
    'signature',
    'focalPoint',
    'quote',
  ],
  ...[
    '@id',
    '@type',
    '@context',
    '@value',
    '@list',
    '@set',
    '@language',
    '@direction',
    '@graph',
    '@included',
  ],
  ...['@reverse', '@nest', '@index', '@none', '@json', '@odd', '@'],
  ...[
    'as:actor',
    'as:content',
    `${as}#actor`,
    `${as}#content`,
    'toot:focalPoint',
    'ostatus:x',
    '_:x',
    'unheard',
    'x',
  ],
  ...[
    '',
    ':',
    ':x',
    'a b',
    'a b:c',
    'x y://z',
    'http://x',
    'mailto:a',
    'constructor',
    'hasOwnProperty',
    '__proto__',
  ],
]

const values: unknown[] = [
  ...words,
  ...['as:Public', 'Public', `${as}#Public`, 'relative/path', '/root', '//host/x', '#part', '?query', '_:b0'],
  ...[
    'https://x.example/1',
    'HTTPS://X.example',
    'tag:x,2026:1',
    'javascript:x',
    'Note',
    'Create',
    'Hashtag',
    'as:Note',
  ],
  ...[null, true, false, 0, -1, 0.5, 1e21],
  ...[[], [null], [[]], [['x']], ['x', null, 'y'], [{}], [1, 'x', { id: 'https://x.example/2' }]],
  ...[{}, { id: 'https://x.example/3' }, { '@id': 'https://x.example/3' }, { type: 'Note' }, { type: [] }],
  ...[
    { '@value': 'x' },
    { '@value': 'x', '@language': 'en' },
    { '@list': ['x'] },
    { '@set': ['x'] },
    { '@language': 'en' },
  ],
  ...[
    { en: 'x', de: ['y', null], '': 'z' },
    { en: 1 },
    { en: [['x']] },
    { '@none': 'x' },
    { none: 'x', EN: 'y' },
  ],
  ...[{ '@context': { name: 'as:summary' }, name: 'x' }, { unheard: { '@value': 1 } }, { x: { '@id': 1 } }],
]

// What may be added to a context.
const contexts: unknown[] = [
  ...[null, 7, {}, [], as, 'https://w3id.org/security/v1', 'https://w3id.org/security/data-integrity/v1'],
  ...[
    'https://gotosocial.org/ns',
    'https://www.w3.org/ns/did/v1',
    'https://w3id.org/security/multikey/v1',
    'http://schema.org',
  ],
  ...[
    { '@vocab': 'https://x.example/' },
    { '@vocab': '' },
    { '@vocab': null },
    { '@vocab': 'as:' },
    { '@base': 'https://x.example/' },
  ],
  ...[
    { '@language': 'de' },
    { '@language': null },
    { '@direction': 'rtl' },
    { '@version': 1.1 },
    { '@version': 1 },
  ],
  ...[
    { '@propagate': false },
    { '@import': as },
    { '@protected': true, x: 'as:x' },
    { x: { '@id': 'as:x', '@protected': true } },
  ],
  ...[
    { actor: 'as:object' },
    { actor: null },
    { actor: '@id' },
    { x: '@type' },
    { x: '@id' },
    { none: '@none' },
    { x: '@value' },
  ],
  ...[
    { type: null },
    { id: 'as:id' },
    { Note: null },
    { Note: '@json' },
    { Note: { '@id': 'as:Note', '@context': { name: 'as:x' } } },
  ],
  ...[
    { x: { '@id': 'as:actor', '@type': '@id' } },
    { x: { '@id': 'as:x', '@type': '@vocab' } },
    { x: { '@id': 'as:x', '@type': '@json' } },
  ],
  ...[
    { x: { '@id': 'as:x', '@type': '@none' } },
    { x: { '@id': 'as:x', '@type': 'xsd:date' } },
    { x: { '@reverse': 'as:actor' } },
  ],
  ...['@list', '@set', '@language', '@index', '@id', '@type', '@graph'].map((container) => ({
    x: { '@id': 'as:x', '@container': container },
    content: { '@id': 'as:content', '@container': container },
  })),
  ...[
    { x: { '@id': 'as:x', '@container': ['@language', '@set'] } },
    { name: { '@id': 'as:name', '@language': 'en' } },
  ],
  ...[{ name: { '@id': 'as:name', '@language': null } }, { name: { '@id': 'as:name', '@direction': 'ltr' } }],
  ...[
    { x: { '@id': 'as:x', '@nest': '@nest' } },
    { x: '@nest' },
    { as: 'https://other.example/#' },
    { toot: 'as:' },
  ],
  ...[
    { x: { '@id': 'https://x.example/#', '@prefix': true } },
    { x: 'https://x.example/#' },
    { 'as:actor': 'as:actor' },
  ],
  ...[{ x: 'unheard' }, { x: {} }, { x: 7 }, { '': 'as:x' }, { '@odd': 'as:x' }, { x: { '@id': '@odd' } }],
  ...[
    { actor: { '@id': 'as:actor' } },
    { object: { '@id': 'as:object', '@type': '@id', '@container': '@list' } },
  ],
]

type Edit =
  | { kind: 'set'; place: number; word: string; value: unknown }
  | { kind: 'drop' | 'list' | 'nest' | 'hoist'; place: number; member: number }
  | { kind: 'rename'; place: number; member: number; word: string }
  | { kind: 'replace'; place: number; member: number; value: unknown }
  | { kind: 'context'; value: unknown; isFirst: boolean }

const place = fc.nat(40)
const member = fc.nat(30)
const word = fc.constantFrom(...words)
const value = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...values) }, fc.jsonValue({ maxDepth: 2 }))

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), place, word, value }),
  fc.record({
    kind: fc.constantFrom('drop' as const, 'list' as const, 'nest' as const, 'hoist' as const),
    place,
    member,
  }),
  fc.record({ kind: fc.constant('rename' as const), place, member, word }),
  fc.record({ kind: fc.constant('replace' as const), place, member, value }),
  fc.record({
    kind: fc.constant('context' as const),
    value: fc.constantFrom(...contexts),
    isFirst: fc.boolean(),
  }),
)

/** One of these documents with one to three things in it changed. */
export function mutantsOf(documents: readonly JsonObject[]): fc.Arbitrary<JsonObject> {
  const edits = fc.array(edit, { minLength: 1, maxLength: 3 })
  return fc.record({ document: fc.constantFrom(...documents), edits }).map(({ document, edits }) => {
    const copy = structuredClone(document)
    for (const one of edits) apply(copy, structuredClone(one))
    return copy
  })
}

function apply(document: JsonObject, edit: Edit): void {
  if (edit.kind === 'context') {
    const present = [document['@context'] ?? []].flat()
    document['@context'] = edit.isFirst ? [edit.value, ...present] : [...present, edit.value]
    return
  }
  const places = objectsIn(document)
  const target = places[edit.place % places.length] ?? document
  if (edit.kind === 'set') define(target, edit.word, edit.value)
  else editMember(document, target, edit)
}

function editMember(
  document: JsonObject,
  target: JsonObject,
  edit: Exclude<Edit, { kind: 'context' | 'set' }>,
) {
  const names = Object.keys(target)
  const name = names[edit.member % Math.max(names.length, 1)]
  if (name === undefined) return
  const { [name]: present } = target
  if (edit.kind === 'list') define(target, name, [present, present])
  else if (edit.kind === 'nest') define(target, name, { id: 'https://x.example/nest', name: present })
  else if (edit.kind === 'replace') define(target, name, edit.value)
  else {
    delete target[name]
    if (edit.kind === 'rename') define(target, edit.word, present)
    if (edit.kind === 'hoist') define(document, name, present)
  }
}

/** As JSON.parse does it: `__proto__` is a word like any other. */
function define(target: JsonObject, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

function objectsIn(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  if (!isObject(value)) return []
  return [
    value,
    ...Object.entries(value).flatMap(([key, inner]) => (key === '@context' ? [] : objectsIn(inner))),
  ]
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
