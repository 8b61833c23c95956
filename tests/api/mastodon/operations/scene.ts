import { softPicture } from '#tests/media/pictures.ts'
import type { TestPerson, TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity } from '../client.ts'

/** A server with a little of everything on it, for one call of each operation. */
export type Scene = Client & {
  server: TestServer
  /** Owns the server. Follows Bob and is followed by him. */
  alice: TestPerson
  bob: TestPerson
  /** Nobody follows Carol, and she is asked before anyone does. */
  carol: TestPerson
  /** Nobody has anything to do with Dora, so that it does no harm to block her. */
  dora: TestPerson
  /** A public note of Alice's that has a picture, a tag, a mention and a link; answered, liked and boosted by Bob. */
  statusId: string
  /** Of Bob's, where Alice has not voted. */
  pollId: string
  /** A new public note. */
  write(as: TestPerson, form?: object): Promise<Entity>
  picture(as: TestPerson): Promise<Entity>
  pictureBytes: Uint8Array
  pictureForm(): FormData
}

/** What one operation is called with. */
export type Call = {
  /** What stands in the path's places, by their names. */
  path?: Record<string, string>
  query?: string
  /** Alice unless told; null for a stranger. */
  as?: TestPerson | null
  json?: object
  form?: FormData
  headers?: Record<string, string>
  /** Why a list may be empty, or the answer have no body. */
  isEmptyBecause?: string
  status?: number
}

/** How it is called, or why it is not there. */
export type Operation = ((scene: Scene) => Call | Promise<Call>) | { absent: string }

export type Operations = Record<string, Operation>

/** With a token of its own, as nobody of the scene. */
export const bearing = (token: string) => ({ as: null, headers: { authorization: `Bearer ${token}` } })

export const notYet = { absent: 'not built yet' }

export async function setScene(server: TestServer): Promise<Scene> {
  const client = clientOf(server)
  const [alice, bob, carol, dora] = await Promise.all([
    server.person('alice', { role: 'owner' }),
    server.person('bob'),
    server.person('carol'),
    server.person('dora'),
  ])
  const { post } = client
  const write = (as: TestPerson, form: object = {}) =>
    post('/api/v1/statuses', as, { status: 'Hello', ...form })
  const bytes = await softPicture(64, 48).png().toBuffer()
  const picture = (as: TestPerson) => client.upload(as, bytes, { description: 'Soft' })
  const pictureForm = () => {
    const form = new FormData()
    form.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), 'picture.png')
    return form
  }
  await post(`/api/v1/accounts/${bob.accountId}/follow`, alice)
  await post(`/api/v1/accounts/${alice.accountId}/follow`, bob)
  await client.call('/api/v1/accounts/update_credentials', {
    as: carol,
    json: { locked: true },
    method: 'PATCH',
  })
  const status = await write(alice, {
    status: 'Hello @bob #Painting https://example.com/',
    media_ids: [(await picture(alice)).id],
    language: 'en',
  })
  await write(bob, { status: '@alice yes', in_reply_to_id: status.id })
  await post(`/api/v1/statuses/${status.id}/favourite`, bob)
  await post(`/api/v1/statuses/${status.id}/reblog`, bob)
  const { poll } = await write(bob, { poll: { options: ['Oil', 'Ink'], expires_in: 600 } })
  return {
    ...client,
    server,
    alice,
    bob,
    carol,
    dora,
    statusId: status.id,
    pollId: poll.id,
    write,
    picture,
    pictureBytes: bytes,
    pictureForm,
  }
}
