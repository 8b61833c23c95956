import { z } from 'zod'
import type { Backoff } from './backoff.ts'

/** Each lane has workers of its own, so that slow servers hold up neither the inbox nor a painting. */
export const lanes = [
  'inbox',
  'asking',
  'delivery',
  'redelivery',
  'fetch',
  'paint',
  'mail',
  'default',
] as const
export type Lane = (typeof lanes)[number]

type JobOptions = {
  lane?: Lane
  /** Where a failed one waits for its next try; the same lane unless told. */
  retryLane?: Lane
  backoff?: Backoff
  /** A try that takes longer is aborted and counts as failed. */
  timeoutMs?: number
  /** Runs once in each such period, however many workers there are; its payload is `{}`. */
  everyMs?: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

type JobEntry<Output, Input> = Required<Omit<JobOptions, 'everyMs'>> & {
  payload: z.ZodType<Output, Input>
  everyMs: number | undefined
}

function job<Output, Input>(
  payload: z.ZodType<Output, Input>,
  options: JobOptions = {},
): JobEntry<Output, Input> {
  const lane = options.lane ?? 'default'
  return {
    payload,
    lane,
    retryLane: options.retryLane ?? lane,
    backoff: options.backoff ?? 'default',
    timeoutMs: options.timeoutMs ?? 5 * minute,
    everyMs: options.everyMs,
  }
}

const nothing = z.object({})

/** Fedify's own messages are opaque: their shape may change with any release. */
const fedifyMessage = z.object({ message: z.unknown() })

/** A message of Fedify's without what must not or need not lie in a row: its keys and its activity. */
const lightenedMessage = z.object({ message: z.looseObject({}), keyIds: z.array(z.string()) })

/** One activity to one inbox; the row's `body_hash` says which, and what else its deliveries share. */
const delivery = z.object({
  inbox: z.string(),
  sharedInbox: z.boolean(),
  actorIds: z.array(z.string()).default([]),
  /** Fedify's attempt counter, where its own retries were added to ours. */
  attempt: z.number().int().default(0),
  /** Since when its host has been too troubled to try. */
  heldSince: z.string().optional(),
})

const id = z.string().regex(/^\d+$/)

/** What is written to people by mail. */
export const letterNames = [
  'confirm',
  'reset',
  'passwordChanged',
  'emailChanged',
  'newApp',
  'approved',
] as const
export type LetterName = (typeof letterNames)[number]

/** Every kind of job there is, and what its payload must look like. */
export const jobCatalogue = {
  // What leaves: an activity is built once, and then posted to one inbox at a time.
  fedifyFanout: job(lightenedMessage),
  deliver: job(delivery, {
    lane: 'delivery',
    retryLane: 'redelivery',
    backoff: 'delivery',
    timeoutMs: minute,
  }),
  /** What a local note's becoming, changing or going means for other servers; a boost is a note too. */
  deliverNote: job(
    z.object({
      noteId: id,
      activity: z.enum(['Create', 'Update', 'Delete']),
      version: z.string().optional(),
    }),
  ),
  deliverLike: job(z.object({ accountId: id, noteId: id, likeUri: z.string(), isUndo: z.boolean() })),
  /** What was given stands in the payload, since an Undo comes when its row is gone. */
  deliverReaction: job(
    z.object({
      accountId: id,
      noteId: id,
      reactionUri: z.string(),
      name: z.string(),
      emojiUrl: z.string().nullable(),
      isUndo: z.boolean(),
    }),
  ),
  /** A choice in a poll of another server's, to its author alone. */
  deliverVote: job(z.object({ voteId: id })),
  /** The counts of a local poll, to whoever sees it. */
  deliverPollCounts: job(z.object({ noteId: id })),
  /** Asks the author of a remote note whether a local one may quote it. */
  requestQuote: job(z.object({ noteId: id })),
  /** Accept or Reject of such a question from elsewhere. */
  answerQuote: job(z.object({ authorizationId: id, answer: z.enum(['Accept', 'Reject']) })),
  deliverQuoteRevocation: job(z.object({ authorizationId: id })),
  deliverFollow: job(
    z.object({ followerId: id, followeeId: id, followUri: z.string(), isUndo: z.boolean() }),
  ),
  answerFollow: job(
    z.object({
      followId: id,
      followerId: id,
      followeeId: id,
      followUri: z.string(),
      answer: z.enum(['Accept', 'Reject']),
    }),
  ),
  deliverBlock: job(z.object({ accountId: id, targetId: id, blockUri: z.string(), isUndo: z.boolean() })),
  /** A report, to the server of the one it is about. */
  deliverFlag: job(z.object({ reportId: id })),
  deliverAccount: job(z.object({ accountId: id, activity: z.enum(['Update', 'Delete']) })),
  deliverMove: job(z.object({ accountId: id })),
  /** Something was put on a profile, or taken from it. */
  deliverFeatured: job(
    z.object({
      accountId: id,
      activity: z.enum(['Add', 'Remove']),
      changeId: id,
      object: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('note'), uri: z.string() }),
        z.object({ kind: z.literal('tag'), name: z.string() }),
      ]),
    }),
  ),

  // What comes in, and what it makes us ask other servers for.
  fedifyInbox: job(fedifyMessage, { lane: 'inbox' }),
  /** One of these about something that another server has to be asked for first. */
  receiveAsking: job(fedifyMessage, { lane: 'asking' }),
  /** The note a reply answers, then the one that answers, as far as a thread's budget goes. */
  fetchParent: job(z.object({ uri: z.string(), depth: z.number().int() }), { lane: 'fetch' }),
  /** The answers to a remote note, and what else belongs to its conversation. */
  fetchReplies: job(z.object({ noteId: id }), { lane: 'fetch' }),
  /** People a note mentions that nobody here knew. */
  fetchMentioned: job(z.object({ noteId: id, uris: z.array(z.string()) }), { lane: 'fetch' }),
  /** The final counts of another server's poll. */
  fetchPoll: job(z.object({ noteId: id }), { lane: 'fetch' }),
  /** What a note quotes, and whether its author allows it, as their servers say. */
  verifyQuote: job(z.object({ noteId: id, mayFetchNote: z.boolean() }), { lane: 'fetch' }),
  /** Asks a linked page what it says of itself. */
  fetchPreviewCard: job(z.object({ cardId: id }), { lane: 'fetch', timeoutMs: minute }),
  /** Fetches a picture of another server before anyone here asks to see it. */
  copyRemoteFile: job(z.object({ url: z.string() }), { lane: 'fetch', timeoutMs: minute }),
  /** What a remote account has on its profile and posted lately, so that it does not look empty here. */
  exploreAccount: job(z.object({ accountId: id }), { lane: 'fetch', timeoutMs: 3 * minute }),
  /** A server and ours do not agree on who of us follows an account there (FEP-8fcf). */
  syncFollowers: job(z.object({ accountId: id, url: z.string(), digest: z.string() }), { lane: 'fetch' }),
  /** Asks the server of an account whether it is gone, since nobody can sign that any more. */
  confirmAccountGone: job(z.object({ accountId: id, wasMissing: z.boolean().default(false) }), {
    lane: 'fetch',
  }),
  /** What an account of another server that is gone left here. */
  eraseAccount: job(z.object({ accountId: id })),

  // What somebody here did, that takes its time.
  /** Its time has come, unless it was moved or taken back meanwhile. */
  postScheduledNote: job(z.object({ scheduledNoteId: id })),
  closePoll: job(z.object({ noteId: id })),
  /** Has who follows an account here follow another instead, some at a time. */
  moveFollowers: job(z.object({ fromId: id, toId: id, afterFollowId: id.default('0') })),
  /** Someone blocks a domain, and follows and is followed there no longer. */
  endFollowsOfDomain: job(z.object({ accountId: id, domain: z.string() })),
  /** Looks for the bot of the bridge to Bluesky, and follows it for someone. */
  followBridge: job(z.object({ accountId: id }), { lane: 'fetch' }),
  /** Whether the pages a profile links to link back to it. */
  verifyLinks: job(z.object({ accountId: id }), { lane: 'fetch' }),
  /** A provider's failure ends it; it runs again only after a fault of ours or its worker's death. */
  paint: job(z.object({ generationId: id }), { lane: 'paint', timeoutMs: 15 * minute }),
  /** Somebody typed a name or an address into the form for forgotten passwords; whose it is, if anyone's, is looked up here. */
  forgotPassword: job(z.object({ login: z.string(), language: z.string() })),
  /** Holds no token: what a link in it opens is made when it is sent. */
  sendLetter: job(
    z.object({
      letter: z.enum(letterNames),
      to: z.string(),
      language: z.string(),
      username: z.string(),
      linkId: id.optional(),
      detail: z.string().default(''),
    }),
    { lane: 'mail', timeoutMs: 2 * minute },
  ),
  deleteFiles: job(z.object({ keys: z.array(z.string()) })),

  // What is done again and again.
  recheckLinks: job(nothing, { everyMs: day }),
  countTrends: job(nothing, { everyMs: 10 * minute }),
  failLostGenerations: job(nothing, { everyMs: 10 * minute }),
  trimHomeFeeds: job(nothing, { everyMs: hour }),
  trimLists: job(nothing, { everyMs: hour }),
  /** What hashtags were used for lately. */
  countTagUses: job(nothing, { everyMs: 10 * minute }),
  trimRemoteFiles: job(nothing, { everyMs: 10 * minute }),
  pruneUploads: job(nothing, { everyMs: hour }),
  pruneRemoteNotes: job(nothing, { everyMs: day, timeoutMs: 30 * minute }),
  pruneAccounts: job(nothing, { everyMs: day, timeoutMs: 30 * minute }),
  pruneOldRows: job(nothing, { everyMs: day, timeoutMs: 30 * minute }),
  pruneMutes: job(nothing, { everyMs: 10 * minute }),
  pruneActivityBodies: job(nothing, { everyMs: hour }),
  pruneIdempotencyKeys: job(nothing, { everyMs: hour }),
  pruneSignIns: job(nothing, { everyMs: hour }),
  pruneKeyValues: job(nothing, { everyMs: 10 * minute }),
}

type Catalogue = typeof jobCatalogue
export type JobName = keyof Catalogue
export type JobPayload<N extends JobName> = z.output<Catalogue[N]['payload']>
/** What `enqueue` takes: defaults may be left out. */
export type JobInput<N extends JobName> = z.input<Catalogue[N]['payload']>

const entries: { [N in JobName]: JobEntry<JobPayload<N>, JobInput<N>> } = jobCatalogue

/** The entry of a name, typed so that its payload fits the handler of the same name. */
export function jobEntry<N extends JobName>(name: N): (typeof entries)[N] {
  return entries[name]
}

export function isJobName(name: string): name is JobName {
  return Object.hasOwn(jobCatalogue, name)
}

export const jobNames: readonly JobName[] = Object.keys(jobCatalogue).filter(isJobName)
