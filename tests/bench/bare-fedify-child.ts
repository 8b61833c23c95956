// Fedify as it comes, delivering from its queue in memory with a 2048-bit key: the reference of outbound deliveries.
import { randomUUID } from 'node:crypto'
import { createFederation, InProcessMessageQueue, MemoryKvStore } from '@fedify/fedify'
import { Create, Note, PUBLIC_COLLECTION } from '@fedify/vocab'

const origin = 'http://127.0.0.1:9'
const actor = new URL('/users/alice', origin)

const federation = createFederation<void>({
  kv: new MemoryKvStore(),
  queue: new InProcessMessageQueue(),
  allowPrivateAddress: true,
})
const pair = await crypto.subtle.generateKey(
  {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
  true,
  ['sign', 'verify'],
)

/** To each of so many inboxes below `sink`, which is all we are told. */
async function deliver({ sink, inboxes, content }: { sink: string; inboxes: number; content: string }) {
  const ctx = federation.createContext(new URL(origin), undefined)
  const note = new URL(`/notes/${randomUUID()}`, origin)
  const recipients = Array.from({ length: inboxes }, (_, index) => ({
    id: new URL(`/users/follower${index}`, sink),
    inboxId: new URL(`/inbox/${index}`, sink),
    endpoints: null,
  }))
  const activity = new Create({
    id: new URL('#create', note),
    actor,
    to: PUBLIC_COLLECTION,
    object: new Note({ id: note, attribution: actor, to: PUBLIC_COLLECTION, content }),
  })
  const keyId = new URL('#main-key', actor)
  await ctx.sendActivity({ keyId, privateKey: pair.privateKey }, recipients, activity)
}

process.on('message', (order: Parameters<typeof deliver>[0]) => void deliver(order))
process.on('disconnect', () => process.exit(0))
void federation.startQueue(undefined)
process.send?.({ port: 0 })
