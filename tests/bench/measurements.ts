import type { Bare } from './bare.ts'
import { measureGrowth } from './growth.ts'
import { measureAccepting, measureInbound } from './inbound.ts'
import { measureInboundGrowth } from './inbound-growth.ts'
import type { Limits } from './limits.ts'
import { measureMemory } from './memory.ts'
import { measureOutbound } from './outbound.ts'
import { measureOutboundGrowth } from './outbound-growth.ts'
import { measurePost } from './post.ts'
import { measureDocuments, measurePages } from './reads.ts'
import type { Row } from './report.ts'
import type { Hall } from './site.ts'
import { soak } from './soak.ts'
import type { Stage } from './stage.ts'
import { measureStart } from './start.ts'
import { measureStreaming } from './streaming.ts'

export type Bench = Hall & {
  limits: Limits
  /** How long to soak. */
  minutes: number
  /** Notes of the larger database. */
  notes: number
  /** Made by the first that asks for it. */
  stage(): Promise<Stage>
  bare(): Promise<Bare>
}

export type Measurement = {
  says: string
  measure(bench: Bench): Promise<Row[]>
  /** Only when asked for by name. */
  isExtra?: true
}

const page = (says: string, ...names: string[]): Measurement => ({
  says,
  measure: async ({ stage, limits }) => measurePages(await stage(), limits, names),
})

const document = (says: string, ...names: string[]): Measurement => ({
  says,
  measure: async ({ stage, limits }) => measureDocuments(await stage(), limits, names),
})

// In this order: what is measured later finds the server warm, and memory comes after all load but the heaviest.
export const measurements: Record<string, Measurement> = {
  start: {
    says: 'from the start of the process to /readyz, with an empty and a full folder',
    measure: async (bench) => measureStart(bench, await bench.bare()),
  },
  home: page('the home timeline of 20 notes', 'home'),
  public: page('the public timeline of 20 notes, signed in and not', 'public', 'public, stranger'),
  thread: page('a note with its 20 answers', 'thread'),
  notifications: page('20 notifications', 'notifications'),
  status: page('a note', 'status'),
  account: page("20 notes of someone's", 'account'),
  actor: document('an actor, as other servers ask for it', 'actor'),
  note: document('a note as other servers ask for it, and when they have it already', 'note', 'note, 304'),
  post: {
    says: 'a post with all that follows from it',
    measure: async ({ stage, limits }) => measurePost(await stage(), limits),
  },
  inbound: {
    says: 'a Create from another server, cavage and RFC 9421, until it is in the home feed',
    measure: async ({ stage, limits }) => measureInbound(await stage(), limits),
  },
  accepting: {
    says: 'the same until the answer 202 alone',
    measure: async (bench) => measureAccepting(bench, bench.limits),
  },
  outbound: {
    says: 'a post to 200 inboxes of one server, beside Fedify as it comes',
    measure: async ({ stage, limits, authority }) => measureOutbound(await stage(), limits, authority),
  },
  memory: {
    says: 'idle, and at rest after what was measured before',
    measure: async ({ stage, bare }) => measureMemory(await stage(), await bare()),
  },
  streaming: {
    says: '5,000 open sockets: what they hold, and a note to all or some of them',
    measure: measureStreaming,
  },
  'outbound-growth': {
    says: 'a post to 1, 100 and 10,000 inboxes, over TLS and not, kept alive and with new connections',
    measure: async ({ stage, limits, authority }) => measureOutboundGrowth(await stage(), limits, authority),
  },
  'inbound-growth': {
    says: 'a Create from 1 and 100 servers, and into 1, 100 and 10,000 home feeds',
    measure: async ({ stage, limits }) => measureInboundGrowth(await stage(), limits),
  },
  growth: {
    says: 'reading, posting and receiving with 1,000,000 notes held against 10,000',
    measure: (bench) => measureGrowth(bench, bench.notes),
  },
  soak: {
    says: 'an hour of mixed load, to see whether memory stays flat',
    measure: (bench) => soak(bench, bench.minutes),
    isExtra: true,
  },
}
