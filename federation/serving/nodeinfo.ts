import { LRUCache } from 'lru-cache'
import type { App } from '#src/app.ts'
import { findInstanceActor } from '#src/db/instance-actor.ts'
import { countUsage, type Usage } from '#src/db/usage.ts'
import { readServerWords, type ServerWords } from '#src/policies/server-words.ts'

const versions = ['2.0', '2.1'] as const
type Version = (typeof versions)[number]

const schemaOf = (version: Version) => `http://nodeinfo.diaspora.software/ns/schema/${version}`
const usageLifeMs = 60_000

export type NodeInfo = {
  /** `/.well-known/nodeinfo`, which names the documents, and the server's own actor (FEP-2677). */
  discovery(): Promise<Response>
  /** Undefined for a version there is none of. */
  document(version: string): Promise<Response> | undefined
}

/** NodeInfo 2.0 and 2.1 (https://nodeinfo.diaspora.software): Fedify speaks 2.1 alone, and older crawlers 2.0. */
export function createNodeInfo(app: App, software: { name: string; version: string }): NodeInfo {
  const counted = new LRUCache<'usage', Usage>({
    max: 1,
    ttl: usageLifeMs,
    fetchMethod: () => countUsage(app.db, app.clock.now()),
  })

  async function answer(version: Version): Promise<Response> {
    const [usage, words] = await Promise.all([counted.forceFetch('usage'), readServerWords(app.db)])
    return json(toNodeInfo(app, software, { version, usage, words }), `profile="${schemaOf(version)}#"`)
  }

  return {
    discovery: async () => {
      const actor = await findInstanceActor(app.db)
      const documents = versions.map((version) => ({
        rel: schemaOf(version),
        href: `${app.publicUrl}/nodeinfo/${version}`,
      }))
      const application = { rel: 'https://www.w3.org/ns/activitystreams#Application', href: actor?.uri }
      return json({ links: actor ? [...documents, application] : documents })
    },
    document: (asked) => {
      const version = versions.find((known) => known === asked)
      return version && answer(version)
    },
  }
}

function toNodeInfo(
  { config }: App,
  { name, version: softwareVersion }: { name: string; version: string },
  { version, usage, words }: { version: Version; usage: Usage; words: ServerWords },
) {
  const { users, activeMonth, activeHalfyear, localNotes } = usage
  return {
    version,
    software: { name, version: softwareVersion },
    protocols: ['activitypub'],
    services: { inbound: [], outbound: [] },
    openRegistrations: config.registrations === 'open' || config.registrations === 'approval',
    usage: { users: { total: users, activeMonth, activeHalfyear }, localPosts: localNotes },
    metadata: { nodeName: words.title, nodeDescription: words.description },
  }
}

function json(value: object, profile?: string): Response {
  const contentType = profile ? `application/json; ${profile}` : 'application/json'
  return new Response(JSON.stringify(value), {
    headers: {
      'content-type': contentType,
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=60',
    },
  })
}
