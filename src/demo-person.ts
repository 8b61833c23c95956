import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { register } from './accounts/register.ts'
import type { App } from './app.ts'
import { issueToken } from './auth/grants.ts'
import { hashPassword } from './auth/passwords.ts'
import type { Role } from './db/tables.ts'

const patienceMs = 30_000

const account = z.object({ id: z.string() })
const status = z.object({ id: z.string(), uri: z.string() })
const attachment = z.object({ id: z.string(), url: z.string() })
const generation = z.object({
  id: z.string(),
  status: z.string(),
  media_attachments: z.array(attachment),
  error: z.object({ message: z.string() }).optional(),
})

export type Status = z.infer<typeof status>
type Attachment = z.infer<typeof attachment>

/** Someone of the demo, who does everything the way an app would: over HTTP, with a token. */
export type DemoPerson = {
  username: string
  password: string
  /** `@name@host` */
  handle: string
  server: string
  setProfile(profile: { name: string; bio: string; portrait: string }): Promise<void>
  /** Follows someone by handle, here or elsewhere, and waits until it is accepted. */
  follow(handle: string): Promise<void>
  post(text: string, painting?: Painting): Promise<Status>
  /** Asks everyone, for a day. */
  ask(text: string, options: string[]): Promise<Status>
  /** Waits until the note has come to the own home feed; each of these acts on it as it is known here. */
  like(note: Status): Promise<void>
  boost(note: Status): Promise<void>
  reply(note: Status, text: string): Promise<Status>
  quote(note: Status, text: string): Promise<Status>
  react(note: Status, emoji: string): Promise<void>
  /** Votes for the option at this position, from 0. */
  vote(note: Status, position: number): Promise<void>
  /** Paints from the picture of another's note, and posts what came of it. */
  remix(note: Status, text: string, painting: Painting): Promise<Status>
}

type Painting = {
  prompt: string
  alt: string
  aspect?: string
  /** Who may make pictures from it; nobody unless told. */
  remixPolicy?: 'anyone'
}

/** Makes an account on a server of this process. */
export async function createDemoPerson(app: App, username: string, role: Role): Promise<DemoPerson> {
  const password = `${username} paints`
  const { account: made } = await register(app, {
    username,
    email: `${username}@demo.example`,
    passwordHash: await hashPassword(password),
    role,
    confirmed: true,
    approved: true,
  })
  const scopes = ['read', 'write', 'follow']
  const { token } = await issueToken(app, { accountId: made.id, application: null, scopes })
  const call = createCaller(app.publicUrl, token)
  const onNote = async (note: Status, action: string) => {
    await call(`/api/v1/statuses/${await findInHome(call, note)}/${action}`, { method: 'POST' })
  }
  return {
    username,
    password,
    handle: `@${username}@${app.handleHost}`,
    server: app.publicUrl,
    setProfile: (profile) => setProfile(call, profile),
    follow: (handle) => follow(call, handle),
    post: (text, painting) => post(call, text, painting),
    ask: async (text, options) => {
      const poll = { options, expires_in: 24 * 60 * 60 }
      return status.parse(await call('/api/v1/statuses', json({ status: text, poll })))
    },
    like: (note) => onNote(note, 'favourite'),
    boost: (note) => onNote(note, 'reblog'),
    reply: async (note, text) => {
      const parent = await findInHome(call, note)
      return status.parse(await call('/api/v1/statuses', json({ status: text, in_reply_to_id: parent })))
    },
    quote: async (note, text) => {
      const quoted = await findInHome(call, note)
      return status.parse(await call('/api/v1/statuses', json({ status: text, quoted_status_id: quoted })))
    },
    react: async (note, emoji) => {
      const id = await findInHome(call, note)
      const path = `/api/v1/pleroma/statuses/${id}/reactions/${encodeURIComponent(emoji)}`
      await call(path, { method: 'PUT' })
    },
    vote: async (note, position) => {
      // A poll has the id of its note.
      const id = await findInHome(call, note)
      await call(`/api/v1/polls/${id}/votes`, json({ choices: [position] }))
    },
    remix: async (note, text, painting) =>
      post(call, text, { ...painting, remixOf: await findInHome(call, note) }),
  }
}

type Call = (path: string, init?: RequestInit) => Promise<unknown>

function createCaller(server: string, token: string): Call {
  return async (path, init = {}) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${token}`)
    const response = await fetch(new URL(path, server), { ...init, headers })
    const text = await response.text()
    if (!response.ok) throw new Error(`${response.status} for ${path}: ${text.slice(0, 300)}`)
    return JSON.parse(text)
  }
}

function json(fields: object, method = 'POST'): RequestInit {
  return { method, body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }
}

async function setProfile(call: Call, profile: { name: string; bio: string; portrait: string }) {
  const portrait = await paint(call, { prompt: profile.portrait })
  const picture = await fetch(portrait.url)
  const form = new FormData()
  form.set('display_name', profile.name)
  form.set('note', profile.bio)
  form.set('avatar', await picture.blob(), 'portrait')
  await call('/api/v1/accounts/update_credentials', { method: 'PATCH', body: form })
}

async function post(call: Call, text: string, painting?: Painting & { remixOf?: string }): Promise<Status> {
  if (!painting) return status.parse(await call('/api/v1/statuses', json({ status: text })))
  const { alt, remixPolicy, ...wish } = painting
  const picture = await paint(call, wish)
  await call(`/api/v1/media/${picture.id}`, json({ description: alt }, 'PUT'))
  const fields = { media_ids: [picture.id], prompt_visibility: 'public', remix_policy: remixPolicy }
  return status.parse(await call('/api/v1/statuses', json({ status: text, ...fields })))
}

type Wish = { prompt: string; aspect?: string; remixOf?: string }

/** A painting of the server's own studio. */
async function paint(call: Call, { prompt, aspect = 'square', remixOf }: Wish): Promise<Attachment> {
  const wish = { prompt, aspect, remix_of: remixOf }
  const { id } = generation.parse(await call('/api/pinxit/v1/generations', json(wish)))
  return waitFor(`the painting “${prompt}”`, async () => {
    const found = generation.parse(await call(`/api/pinxit/v1/generations/${id}`))
    if (found.error) throw new Error(`The painting “${prompt}” failed: ${found.error.message}`)
    return found.status === 'completed' ? found.media_attachments[0] : undefined
  })
}

async function follow(call: Call, handle: string): Promise<void> {
  const query = new URLSearchParams({ q: handle, resolve: 'true', type: 'accounts' })
  const found = z.object({ accounts: z.array(account) }).parse(await call(`/api/v2/search?${query}`))
  const [{ id } = { id: undefined }] = found.accounts
  if (id === undefined) throw new Error(`${handle} was not found`)
  await call(`/api/v1/accounts/${id}/follow`, { method: 'POST' })
  const relationships = z.array(z.object({ following: z.boolean() }))
  await waitFor(`the answer of ${handle}`, async () => {
    const [relationship] = relationships.parse(await call(`/api/v1/accounts/relationships?id[]=${id}`))
    return relationship?.following || undefined
  })
}

/** The id by which a note is known here, once it has arrived. */
async function findInHome(call: Call, { uri }: Status): Promise<string> {
  return waitFor(`${uri} to arrive`, async () => {
    const home = z.array(status).parse(await call('/api/v1/timelines/home?limit=40'))
    return home.find((note) => note.uri === uri)?.id
  })
}

async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const endsAt = performance.now() + patienceMs
  while (performance.now() < endsAt) {
    const found = await look()
    if (found !== undefined) return found
    await delay(100)
  }
  throw new Error(`Waited in vain for ${what}`)
}
