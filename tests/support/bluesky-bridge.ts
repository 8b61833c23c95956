import { get } from 'node:http'
import {
  type Answer,
  type ForeignActor,
  type ForeignServer,
  type JsonObject,
  type Received,
  startForeignServer,
} from './foreign-server.ts'

// A stand-in of Bridgy Fed, by what its documentation says of it: https://fed.brid.gy/docs#fediverse-get-started

/** Someone the bridge carries, and what it would have put on Bluesky for them. */
export type BridgedPerson = { uri: string; handle: string; posts: BridgedPost[] }
export type BridgedPost = { text: string; isCut: boolean; pictures: { alt: string; bytes: number }[] }

export type BlueskyBridge = {
  /** For the setting `bluesky_bridge`. */
  handle: string
  bot: ForeignActor
  foreign: ForeignServer
  people: Map<string, BridgedPerson>
  /** Does what it has to do meanwhile; answers whether there was anything. */
  idle(): Promise<boolean>
  /** Tells someone of people who answered them and are not bridged. */
  tellOfStrangers(personUri: string, strangers: { name: string; text: string; url: string }[]): Promise<void>
  close(): Promise<void>
}

const oldEnoughMs = 7 * 24 * 60 * 60_000
const context = [
  'https://www.w3.org/ns/activitystreams',
  {
    bf: 'https://fed.brid.gy/ns#',
    ...Object.fromEntries(
      ['respond', 'reply', 'like', 'repost', 'block'].map((name) => [`bf:${name}`, { '@type': '@id' }]),
    ),
  },
]

export async function startBlueskyBridge(now: () => Date): Promise<BlueskyBridge> {
  const foreign = await startForeignServer()
  const bot = foreign.addActor('bsky.brid.gy', { type: 'Service' })
  const people = new Map<string, BridgedPerson>()
  const followBacks = new Map<string, string>()
  const accepted = new Set<string>()
  let letters = 0
  let work: (() => Promise<void>)[] = []

  async function write(actor: JsonObject, content: string, more: JsonObject = {}): Promise<void> {
    letters += 1
    const to = [String(actor.id)]
    const id = `${bot.uri}#bridgy-fed-dm-${letters}`
    const tag = [{ type: 'Mention', href: actor.id }]
    const note = { type: 'Note', id, attributedTo: bot.uri, content, tag, to, ...more }
    const create = {
      '@context': context,
      type: 'Create',
      id: `${id}-create`,
      actor: bot.uri,
      to,
      object: note,
    }
    await send(actor, create)
  }

  async function send(actor: JsonObject, activity: JsonObject): Promise<void> {
    const response = await bot.post(String(actor.inbox), activity)
    if (!response.ok) throw new Error(`The server answered ${response.status} to ${activity.type}`)
  }

  async function onFollow(actor: JsonObject): Promise<void> {
    const uri = String(actor.id)
    const obstacle = obstacleOf(actor, now())
    if (obstacle) {
      const words = `Hi! Your account isn't eligible for bridging yet because your ${obstacle}. <a href="https://fed.brid.gy/docs#troubleshooting">More details here.</a>`
      return write(actor, words)
    }
    const handle = handleOf(actor)
    people.set(uri, { uri, handle, posts: [] })
    const id = `${foreign.url}/#follow-back-${uri}-${now().toISOString()}`
    followBacks.set(id, uri)
    await write(
      actor,
      `Welcome to Bridgy Fed! Your account will soon be bridged to Bluesky at <a href="https://bsky.app/profile/${handle}">${handle}</a>.`,
    )
    await send(actor, { '@context': context, type: 'Follow', id, actor: bot.uri, object: uri })
  }

  async function onCreate(uri: string, object: JsonObject): Promise<void> {
    const person = people.get(uri)
    if (!person || !accepted.has(uri) || object.inReplyTo || !isPublic(object)) return
    const pictures = await Promise.all(listOf(object.attachment).slice(0, 4).map(fetchPicture))
    person.posts.push({ ...cut(plain(String(object.content))), pictures })
  }

  async function take({ activity }: Omit<Received, 'status'>): Promise<void> {
    const uri = String(activity.actor)
    const object = isObject(activity.object) ? activity.object : { id: activity.object }
    if (activity.type === 'Accept' && followBacks.get(String(object.id)) === uri) accepted.add(uri)
    if (activity.type === 'Create') await onCreate(uri, object)
    if (activity.type === 'Follow' && object.id === bot.uri) await onFollow(await readActor(uri))
    if (activity.type === 'Block' && object.id === bot.uri) {
      people.delete(uri)
      accepted.delete(uri)
    }
  }

  async function readActor(uri: string): Promise<JsonObject> {
    return JSON.parse(await (await bot.get(uri)).text())
  }

  foreign.answerInboxes((delivery) => {
    const refusal = refusalOf(delivery)
    if (!refusal) work.push(() => take(delivery))
    return refusal ?? { status: 202 }
  })

  return {
    handle: `bsky.brid.gy@${foreign.host}`,
    bot,
    foreign,
    people,
    idle: async () => {
      const doing = work
      work = []
      for (const step of doing) await step()
      return doing.length > 0
    },
    tellOfStrangers: async (personUri, strangers) => {
      const links = strangers.map(({ name, text, url }) => {
        const author = `<a href="https://bsky.app/profile/${name}">${name}</a>`
        return `<li>${author}: <a href="${url}">${text}</a> (<a href="${respondTo(url)}">respond</a>)\n`
      })
      const attachment = strangers.map(({ url }) => ({
        type: 'Link',
        url,
        'bf:respond': respondTo(url),
        ...Object.fromEntries(
          ['reply', 'like', 'repost', 'block'].map((name) => [`bf:${name}`, respondTo(url, name)]),
        ),
      }))
      const lead =
        "<p>Hi! Here are your recent interactions from people who aren't bridged into the fediverse."
      const content = `${lead}\n<ul>\n${links.join('')}</ul>\n<p>To disable these messages, reply with the text 'mute'.`
      await write(await readActor(personUri), content, { attachment })
    },
    close: foreign.close,
  }
}

/** It knows no other signatures, and believes nothing that comes from two places. */
function refusalOf({ scheme, isSignatureValid, isDigestValid, activity }: Omit<Received, 'status'>) {
  const isSigned = scheme === 'draft-cavage' && isSignatureValid && isDigestValid
  if (!isSigned) return { status: 401 } satisfies Answer
  const isOwn = activity.type === 'Create' || activity.type === 'Update'
  const ids = [
    activity.id,
    activity.actor,
    ...(isOwn && isObject(activity.object) ? [activity.object.id] : []),
  ]
  const hosts = new Set(ids.map((id) => URL.parse(String(id))?.host))
  return hosts.size === 1 ? undefined : ({ status: 400 } satisfies Answer)
}

/** In the words of its letters. */
function obstacleOf(actor: JsonObject, now: Date): string | undefined {
  if (actor.bridgeable === false) return 'account or instance has requested to be opted out'
  if (!actor.icon) return "account doesn't have a profile picture"
  if (now.getTime() - Date.parse(String(actor.published)) < oldEnoughMs)
    return 'account is less than 7 days old'
  if (actor.movedTo) return 'account has migrated to another account'
  if (`${actor.summary} ${actor.name}`.includes('#nobridge')) return "profile has 'nobridge' in it"
  if (!/^(?![_~-])[\w~-]+(?<![_~-])$/.test(String(actor.preferredUsername)))
    return "username has characters that Bridgy Fed doesn't currently support"
  return undefined
}

function handleOf(actor: JsonObject): string {
  const name = String(actor.preferredUsername).replaceAll(/[_~]/g, '-')
  const [, host = ''] = String(actor.webfinger).split('@')
  return `${name}.${host}.ap.brid.gy`.toLowerCase()
}

function respondTo(url: string, how?: string): string {
  return `https://fed.brid.gy/ap/someone/respond${how ? `/${how}` : ''}?obj_id=${url}&token=secret`
}

function isPublic({ to }: JsonObject): boolean {
  return [to].flat().includes('https://www.w3.org/ns/activitystreams#Public')
}

function plain(html: string): string {
  return html
    .replaceAll(/<\/p>\s*<p>/g, '\n\n')
    .replaceAll(/<[^<>]*>/g, '')
    .trim()
}

function cut(text: string): { text: string; isCut: boolean } {
  const graphemes = [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment)
  if (graphemes.length <= 300) return { text, isCut: false }
  return { text: `${graphemes.slice(0, 299).join('')}…`, isCut: true }
}

/** As Bluesky's content delivery network does: with an empty User-Agent. */
function fetchPicture(attachment: JsonObject): Promise<{ alt: string; bytes: number }> {
  return new Promise((resolve, reject) => {
    get(String(attachment.url), { headers: { 'user-agent': '' } }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on('end', () =>
        response.statusCode === 200
          ? resolve({ alt: String(attachment.name ?? ''), bytes })
          : reject(new Error(`HTTP ${response.statusCode} for a picture`)),
      )
    }).on('error', reject)
  })
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: unknown): JsonObject[] {
  return [value].flat().filter(isObject)
}
