import type { App } from '#src/app.ts'
import { scopeAllows } from '#src/auth/scopes.ts'
import { AppError } from '#src/base/errors.ts'
import { normalizeTag } from '#src/base/text.ts'
import { ownsList } from '#src/db/lists.ts'
import type { StreamedNote } from '#src/db/streams.ts'
import type { Id } from '#src/db/tables.ts'

/** Who listens, and what their token lets them hear. */
export type Listener = { accountId: Id; tokenId: Id; scopes: readonly string[] }

/** What somebody asks for, by Mastodon's name of it. */
export type StreamRequest = { stream: string; tag?: string | undefined; list?: string | undefined }

/** One kind of thing that is told of, about one subject: a person, a tag, or a part of what is public. */
export type Channel =
  | `${'home' | 'notifications' | 'direct' | 'list'}:${Id}`
  | `public:${string}`
  | `tag:${string}`

export type Stream = {
  /** As it is named with everything that is told in it. */
  name: readonly string[]
  channels: readonly Channel[]
}

const publicStreams = [
  'public',
  'public:media',
  'public:local',
  'public:local:media',
  'public:remote',
  'public:remote:media',
]

/**
 * https://docs.joinmastodon.org/methods/streaming/#streams. What is public takes a token too, of any scope, as Mastodon
 * has had it since 4.2.
 * @throws AppError malformed, unauthenticated, in Mastodon's words
 */
export async function openStream(
  { db }: Pick<App, 'db'>,
  listener: Listener,
  { stream, tag, list }: StreamRequest,
): Promise<Stream> {
  const { accountId } = listener
  if (publicStreams.includes(stream)) return { name: [stream], channels: [`public:${stream}`] }
  switch (stream) {
    case 'hashtag':
    case 'hashtag:local':
      if (!tag) throw new AppError('malformed', 'Missing tag name parameter')
      return { name: [stream, tag], channels: [tagChannel(normalizeTag(tag), stream === 'hashtag:local')] }
    case 'user':
      demandScope(listener, 'read:statuses')
      return {
        name: [stream],
        channels: [
          `home:${accountId}`,
          ...(scopeAllows(listener.scopes, 'read:notifications')
            ? [`notifications:${accountId}` as const]
            : []),
        ],
      }
    case 'user:notification':
      demandScope(listener, 'read:notifications')
      return { name: [stream], channels: [`notifications:${accountId}`] }
    case 'direct':
      demandScope(listener, 'read:statuses')
      return { name: [stream], channels: [`direct:${accountId}`] }
    case 'list':
      demandScope(listener, 'read:statuses')
      if (!list) throw new AppError('malformed', 'Missing list name parameter')
      await demandOwnList(db, accountId, list)
      return { name: [stream, list], channels: [`list:${list}`] }
    default:
      throw new AppError('malformed', 'Unknown stream type')
  }
}

function demandScope({ scopes }: Listener, scope: string): void {
  if (!scopeAllows(scopes, scope))
    throw new AppError('unauthenticated', 'Access token does not have the required scopes')
}

async function demandOwnList(db: App['db'], accountId: Id, listId: string): Promise<void> {
  const isId = /^\d{1,18}$/.test(listId)
  if (!isId || !(await ownsList(db, accountId, listId)))
    throw new AppError('unauthenticated', 'Not authorized to stream this list')
}

const tagChannel = (name: string, isLocal: boolean): Channel => `tag:${isLocal ? 'local' : 'all'}:${name}`

/** Where a note is told of to everyone who listens there. The lists of the same name hold the same. */
export function sharedChannels(note: StreamedNote): Channel[] {
  if (!note.is_public) return []
  const origin = note.is_local ? 'local' : 'remote'
  const tagged = note.tags.flatMap((name) => [
    tagChannel(name, false),
    ...(note.is_local ? [tagChannel(name, true)] : []),
  ])
  if (note.is_reply) return tagged
  const plain = ['public', `public:${origin}`]
  const names = note.has_media ? [...plain, ...plain.map((name) => `${name}:media`)] : plain
  return [...tagged, ...names.map((name): Channel => `public:${name}`)]
}
