import type { Fate } from '#src/db/inbox-arrivals.ts'
import { webAddress } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { createKnownKeys, type KnownKey } from '../signatures/known-keys.ts'
import { isSignedWith, readPlainSignature } from '../signatures/plain-signature.ts'
import type { Arrivals } from './arrivals.ts'
import { domainsOfPost, type InboxPost, markOf, ownerOfInbox, type Said, toPayload } from './post.ts'

/** Who signed a post, by a key that was held for theirs. */
export type Signer = { known: KnownKey; moment: string }

/** Takes what is common without Fedify: one plain signature, by a key that is known, of the actor's own. */
export type Door = {
  /** Verifies; undefined for whoever is not known, or signs in another way. */
  recognise(post: InboxPost): Promise<Signer | undefined>
  /** Keeps what the signer says for themselves. Undefined when their key is another by now, and nothing is kept. */
  take(post: InboxPost, said: Said, signer: Signer): Promise<Exclude<Fate, 'another key'> | undefined>
}

export function createDoor(remote: Remote, arrivals: Arrivals): Door {
  const keys = createKnownKeys(remote)
  return {
    recognise: async ({ headers, url, digestOf, keyIds }) => {
      const digest = digestOf('sha256').toString('base64')
      const signature = readPlainSignature({ headers, url, digest })
      const keyId = signature && keyIds.length === 1 ? webAddress(signature.keyId) : undefined
      if (!signature || !keyId || keyIds[0] !== signature.keyId) return undefined
      const known = await keys.find(keyId)
      if (!known) return undefined
      if (isSignedWith(signature, known.key)) return { known, moment: signature.moment }
      keys.drop(keyId)
      return undefined
    },
    take: async (post, { node }, { known, moment }) => {
      const fate = await arrivals.keep({
        payload: toPayload(remote.app, node),
        request: markOf(post, moment),
        domains: domainsOfPost(post),
        ownerId: ownerOfInbox(post),
        key: known.row,
      })
      if (fate !== 'another key') return fate
      keys.drop(webAddress(post.keyIds[0]) ?? '')
      return undefined
    },
  }
}
