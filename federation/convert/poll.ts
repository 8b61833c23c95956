import type { Poll } from '#src/db/polls.ts'
import type { PollDraft } from '#src/notes/draft.ts'
import {
  as,
  booleanOf,
  dateOf,
  hasType,
  idsOf,
  type Node,
  nodesOf,
  numbersOf,
  textOf,
  toot,
} from '../remote/linked-data.ts'
import { type JsonObject, timestamp } from './vocabulary.ts'

/** What makes a `Question` of a note: its options with their counts, and when it ends. */
export function toPoll(poll: Poll): JsonObject {
  const options = poll.options.map(({ title, votes }) => ({
    type: 'Note',
    name: title,
    replies: { type: 'Collection', totalItems: votes },
  }))
  return {
    [poll.is_multiple ? 'anyOf' : 'oneOf']: options,
    ...(poll.ends_at && { endTime: timestamp(poll.ends_at) }),
    ...(poll.closed_at && { closed: timestamp(poll.closed_at) }),
    votersCount: poll.voters_count,
  }
}

const mostOptions = 20
const longestTitle = 500
const mostVotes = 1_000_000_000
// A poll that ends later than this has no end.
const longestMs = 10 * 365 * 24 * 3_600_000

/** The poll of an incoming `Question`, drawn into what can be stored and shown; null where nothing is asked. */
export function pollFrom(node: Node, now: Date): PollDraft | null {
  if (!hasType(node, as('Question'))) return null
  const any = nodesOf(node, as('anyOf'))
  const options = new Map<string, number>()
  for (const option of any.length > 0 ? any : nodesOf(node, as('oneOf'))) {
    const title = titleFrom(option)
    if (title === '' || options.has(title)) continue
    options.set(title, countOf(nodesOf(option, as('replies'))[0], as('totalItems')))
    if (options.size === mostOptions) break
  }
  if (options.size === 0) return null
  const votes = [...options.values()]
  const { endsAt, closedAt } = endFrom(node, now)
  // Who does not say how many people voted has had as many as the best option at least.
  const fewest = any.length > 0 ? Math.max(...votes) : votes.reduce((sum, count) => sum + count, 0)
  const voters = Math.max(countOf(node, toot('votersCount')), Math.min(fewest, mostVotes))
  return {
    titles: [...options.keys()],
    isMultiple: any.length > 0,
    endsAt,
    counts: { votes, voters, closedAt },
  }
}

function titleFrom(option: Node): string {
  return (textOf(option, as('name')) ?? '').slice(0, longestTitle).trim()
}

function countOf(node: Node | undefined, property: string): number {
  const [count = 0] = node ? numbersOf(node, property) : []
  return Math.floor(Math.min(mostVotes, Math.max(0, count)))
}

/** `closed` is the moment it ended, or only that it has; Mastodon takes one to come for the end. */
function endFrom(node: Node, now: Date): { endsAt: Date | null; closedAt: Date | null } {
  const closed = dateOf(node, as('closed')) ?? (booleanOf(node, as('closed')) ? now : undefined)
  const latest = new Date(now.getTime() + longestMs)
  const end = dateOf(node, as('endTime')) ?? closed
  const endsAt = end && end <= latest ? end : null
  if (closed && closed <= now) return { endsAt, closedAt: closed }
  return { endsAt, closedAt: endsAt && endsAt <= now ? endsAt : null }
}

/** The name of the option that a note without words votes for, and in which poll; undefined for every other note. */
export function voteFrom(node: Node): { name: string; pollUri: string } | undefined {
  const name = textOf(node, as('name'))
  const [pollUri, ...others] = idsOf(node, as('inReplyTo'))
  if (!hasType(node, as('Note')) || !name || pollUri === undefined || others.length > 0) return undefined
  return textOf(node, as('content')) ? undefined : { name: name.slice(0, longestTitle).trim(), pollUri }
}

export type Voting = { uri: string; actor: string; pollUri: string; authorUri: string; title: string }

/** A vote, as Mastodon reads it: a note that has a name instead of words, for the poll's author alone. */
export function toVote({ uri, actor, pollUri, authorUri, title }: Voting): JsonObject {
  return {
    id: uri,
    type: 'Note',
    name: title,
    attributedTo: actor,
    inReplyTo: pollUri,
    to: [authorUri],
    cc: [],
  }
}
