import type { App } from '#src/app.ts'
import type { Account } from '#src/db/accounts.ts'
import { listLivingAccountsByUris } from '#src/db/remote-notes.ts'
import { hearBridge } from '#src/relationships/bluesky.ts'
import { as, idOf, idsOf, type Node, nodesOf, textOf } from '../remote/linked-data.ts'
import { storeRemoteNote } from '../remote/store-notes.ts'
import type { Outcome } from './outcome.ts'

const bridgyFed = (name: string) => `https://fed.brid.gy/ns#${name}`
const most = 50

/**
 * A letter of the bridge to Bluesky. What it says of the bridging itself is taken note of. Once an hour it gathers what
 * people wrote to someone who are not bridged; these have no actor that could have sent it, and to make one up would
 * put words into a mouth nobody can check. So each becomes a letter of the bridge by itself, which names the person, and
 * is an ordinary mention in every app.
 */
export async function onBridgeMessage(app: App, object: Node, bot: Account): Promise<Outcome> {
  const recipients = await listLivingAccountsByUris(app.db, idsOf(object, as('to')))
  const messages = split(object)
  if (messages.length === 1) {
    const html = textOf(object, as('content')) ?? ''
    for (const { id, domain } of recipients) if (domain === null) await hearBridge(app, id, html)
  }
  let outcome: Outcome = 'not for us'
  for (const message of messages) {
    if ((await storeRemoteNote(app, message, bot, { isAsked: false })) !== undefined) outcome = 'done'
  }
  return outcome
}

/** One note for each interaction that a letter tells of, and the letter itself where it tells of none. */
function split(object: Node): Node[] {
  const uri = idOf(object)
  const told = nodesOf(object, as('attachment')).filter(
    (node) => idsOf(node, bridgyFed('respond')).length > 0,
  )
  const lines = (textOf(object, as('content')) ?? '').split(/<li[^<>]*>/i).slice(1)
  // A line for each attachment, in the same order; another shape of letter is shown as it is.
  if (!uri || told.length === 0 || told.length > most || lines.length !== told.length) return [object]
  return lines.map((line, index) => ({
    ...object,
    '@id': `${uri}-${index + 1}`,
    [as('content')]: [{ '@value': `<p>${line.split(/<\/ul\s*>/i, 1)[0]}</p>` }],
    [as('attachment')]: [],
  }))
}
