import canonicalize from 'canonicalize'
import type { KeyPair } from '#src/accounts/keys.ts'
import { FetchRefused } from '#src/base/fetch-errors.ts'
import type { Activity } from '../convert/activity.ts'
import { loadSignatures, loadVocabulary } from '../fedify-packages.ts'
import { isDocumentFault } from '../remote/document.ts'
import type { KeyLooking } from './key-cache.ts'
import { isOfDocument } from './key-ownership.ts'
import { toMultibase } from './multibase.ts'

// Object integrity proofs (FEP-8b32), by the suite eddsa-jcs-2022 (https://www.w3.org/TR/vc-di-eddsa/). Activities
// carry them, so that a server may pass on what it got. The documents we serve carry none: they are read where they
// are from, and would have to be signed anew with each like that they count. Linked-data signatures, an older way to
// the same end, are neither made nor believed: what they cover can be restructured without breaking them.

const dataIntegrity = 'https://w3id.org/security/data-integrity/v1'

/**
 * An activity with the proof of its actor, over its JSON as it goes over the wire: Fedify's own way would write it
 * anew in its vocabulary.
 * @param created the same each time, so that a job that runs twice says the same
 */
export async function prove(activity: Activity, key: KeyPair, created: Date): Promise<Activity> {
  const context = [activity['@context']].flat()
  const unsigned = { ...activity, '@context': [...context, dataIntegrity] }
  const options = {
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    verificationMethod: key.keyUri,
    proofPurpose: 'assertionMethod',
    // Without fractions: verifiers that read the time and write it again, as Fedify's, leave trailing zeros out.
    created: created.toISOString().replace(/\.\d+Z$/, 'Z'),
  }
  const hashes = await Promise.all([
    hashOf({ ...options, '@context': unsigned['@context'] }),
    hashOf(unsigned),
  ])
  const signature = await crypto.subtle.sign('Ed25519', key.privateKey, Buffer.concat(hashes))
  return { ...unsigned, proof: { ...options, proofValue: toMultibase(new Uint8Array(signature)) } }
}

async function hashOf(json: object): Promise<Uint8Array> {
  // What JSON leaves out must be left out here too.
  const canonical = canonicalize(JSON.parse(JSON.stringify(json)))
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical)))
}

export function carriesProof(document: object): boolean {
  return 'proof' in document
}

// What was deleted is remembered for longer, so that nobody can bring it back with what was said then.
const believedForMs = 7 * 24 * 60 * 60_000

type Said = { document: object; actor: string; now: Date }

/**
 * Whether an activity, as it came, has proofs by its actor's own keys, all of them right and of the last days. False too
 * where a key cannot be had.
 */
export async function isProven({ document, actor, now }: Said, looking: KeyLooking): Promise<boolean> {
  if (!carriesProof(document)) return false
  const { verifyProof } = await loadSignatures()
  const { Activity: FedifyActivity } = await loadVocabulary()
  const { signature: _signature, ...unsigned }: Record<string, unknown> = { ...document }
  try {
    const finding = ofActor(actor, looking)
    const activity = await FedifyActivity.fromJsonLd(unsigned, finding)
    let isBy = false
    // Not Fedify's `verifyObject`, to which what has no actor in its eyes is proven by nothing.
    for await (const proof of activity.getProofs(finding)) {
      const isRecent = now.getTime() - (proof.created?.epochMilliseconds ?? 0) <= believedForMs
      const key = isRecent ? await verifyProof(unsigned, proof, finding) : null
      if (key?.controllerId?.href !== actor) return false
      isBy = true
    }
    return isBy
  } catch (error) {
    if (isDocumentFault(error)) return false
    throw error
  }
}

/**
 * Finds keys in the actor's own document, or below it, alone: those elsewhere may say that they are the actor's too.
 * Checked where keys are looked for, since a document can name them in many ways.
 */
function ofActor(actor: string, looking: KeyLooking): KeyLooking {
  const { documentLoader, keyCache } = looking
  return {
    ...looking,
    keyCache: {
      ...keyCache,
      get: async (keyId) => (isOfDocument(keyId.href, actor) ? keyCache.get(keyId) : null),
    },
    documentLoader: async (url, options) => {
      if (!isOfDocument(url, actor)) throw new FetchRefused('url')
      return documentLoader(url, options)
    },
  }
}
