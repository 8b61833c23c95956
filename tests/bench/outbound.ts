import { once } from 'node:events'
import { createServer } from 'node:http'
import { startChild } from './children.ts'
import { signaturesPerSecond } from './limits.ts'
import { until } from './load.ts'
import { cpuSeconds, totalOf } from './processes.ts'
import type { Row } from './report.ts'
import { addRemoteAccount, follow, post, type Stage, textOf } from './stage.ts'

const inboxes = 200
const posts = 4

/** A post to 200 inboxes, against signing it so often, and against Fedify as it comes. */
export async function measureOutbound(stage: Stage): Promise<Row[]> {
  const sink = await startSink()
  try {
    const limitBefore = signaturesPerSecond()
    const ours = await deliverOurs(stage, sink)
    const limit = (limitBefore + signaturesPerSecond()) / 2
    const bare = await deliverByFedify(sink)
    const row = { unit: 'deliveries/CPU-s', ours: ours.perSecond, better: 'higher' as const }
    return [
      { ...row, name: 'outbound', limit, limitIs: 'an RSA-2048 signature', note: ours.note },
      { ...row, name: 'outbound, beside Fedify', limit: bare, limitIs: 'bare Fedify 2.3.6, RSA-2048' },
    ]
  } finally {
    await sink.close()
  }
}

async function deliverOurs(stage: Stage, sink: Sink) {
  for (let index = 0; index < inboxes; index += 1) {
    const username = `follower${index}`
    const inbox = `${sink.url}/inbox/${index}`
    const account = { username, domain: sink.host, uri: `${sink.url}/users/${username}`, inbox }
    await follow(stage.sql, await addRemoteAccount(stage.sql, account), stage.alice.id)
  }
  const deliver = async (index: number) => {
    const goal = sink.received() + inboxes
    await post(stage.client, stage.alice, textOf(index))
    await until('every inbox has it', () => sink.received() >= goal, 60_000)
  }
  await deliver(0)
  return stage.cost(async () => {
    for (let index = 1; index <= posts; index += 1) await deliver(index)
    return posts * inboxes
  })
}

/** Deliveries per CPU-second of a process with nothing but Fedify in it. */
async function deliverByFedify(sink: Sink): Promise<number> {
  const child = await startChild('bare-fedify-child.ts')
  try {
    const deliver = async (index: number) => {
      const goal = sink.received() + inboxes
      child.process.send({ sink: sink.url, inboxes, content: textOf(index) })
      await until('every inbox has it', () => sink.received() >= goal, 60_000)
    }
    await deliver(0)
    const before = totalOf(cpuSeconds(child.pid))
    for (let index = 1; index <= posts; index += 1) await deliver(index)
    return (posts * inboxes) / (totalOf(cpuSeconds(child.pid)) - before)
  } finally {
    await child.stop()
  }
}

export type Sink = { url: string; host: string; received(): number; close(): Promise<void> }

/** Inboxes that take everything. */
export async function startSink(): Promise<Sink> {
  let received = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      received += 1
      response.writeHead(202).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return {
    url: `http://${host}`,
    host,
    received: () => received,
    close: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
