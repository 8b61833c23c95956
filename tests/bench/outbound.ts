import type { Authority } from './certificates.ts'
import { startChild } from './children.ts'
import { between, type Limits, plus } from './limits.ts'
import { until } from './load.ts'
import { addRemoteAccount, follow, post, textOf } from './people.ts'
import { cpuSeconds, totalOf } from './processes.ts'
import { type Limit, type Row, targetOf } from './report.ts'
import { type Sink, startSink } from './sinks.ts'
import { type Cost, costRow } from './site.ts'
import type { Stage } from './stage.ts'

const inboxes = 200
const posts = 4

/** A post to 200 inboxes of one server, against signing it so often, and against Fedify as it comes. */
export async function measureOutbound(stage: Stage, limits: Limits, authority: Authority): Promise<Row[]> {
  const road = { isSecure: false, isKept: true }
  const sink = await startSink(road, authority)
  try {
    const before = limits.signature()
    const cost = await deliverOurs(stage, sink)
    const signature = between(before, limits.signature())
    const bare = await limits.post(road)
    const fedify = { is: 'bare Fedify 2.3.6, RSA-2048', value: await deliverByFedify(sink) }
    return [
      deliveryRow({ name: 'outbound', cost, signature, bare, hasTarget: true }),
      costRow({
        name: 'outbound, beside Fedify',
        cost,
        limit: fedify,
        target: { atMost: fedify.value, is: 'the limit' },
      }),
    ]
  } finally {
    await sink.close()
  }
}

type Delivered = {
  name: string
  cost: Cost
  signature: Limit
  bare: Limit
  hasTarget: boolean
  note?: string
}

/** A delivery against what it cannot do without: a signature and a POST over the same kind of connection. */
export function deliveryRow({ name, cost, signature, bare, hasTarget, note }: Delivered): Row {
  const target = targetOf([
    [1.6, signature],
    [1, bare],
  ])
  return costRow({
    name,
    cost,
    limit: plus(signature, bare),
    ...(hasTarget && { target }),
    ...(note !== undefined && { note }),
  })
}

async function deliverOurs(stage: Stage, sink: Sink): Promise<Cost> {
  for (let index = 0; index < inboxes; index += 1) {
    const username = `follower${index}`
    const inbox = `${sink.url}/inbox/${index}`
    const account = { username, domain: sink.host, uri: `${sink.url}/users/${username}`, inbox }
    await follow(stage.sql, await addRemoteAccount(stage.sql, account), stage.alice.id)
  }
  const deliver = (index: number) =>
    arriveAt([sink], inboxes, () => post(stage.client, stage.alice, { status: textOf(index) }))
  await deliver(0)
  return stage.cost(async () => {
    for (let index = 1; index <= posts; index += 1) await deliver(index)
    return posts * inboxes
  })
}

/** CPU ms of each delivery of a process with nothing but Fedify in it. */
async function deliverByFedify(sink: Sink): Promise<number> {
  const child = await startChild('bare-fedify-child.ts')
  try {
    const deliver = (index: number) =>
      arriveAt([sink], inboxes, () => child.process.send({ sink: sink.url, inboxes, content: textOf(index) }))
    await deliver(0)
    const before = totalOf(cpuSeconds(child.pid))
    for (let index = 1; index <= posts; index += 1) await deliver(index)
    return ((totalOf(cpuSeconds(child.pid)) - before) * 1_000) / (posts * inboxes)
  } finally {
    await child.stop()
  }
}

/** Has something sent, and waits until so much more is there. */
export async function arriveAt(sinks: Sink[], count: number, send: () => unknown): Promise<void> {
  const received = () => sinks.reduce((sum, sink) => sum + sink.received(), 0)
  const goal = received() + count
  await send()
  await until('every inbox has it', () => received() >= goal, { atMostMs: 240_000, everyMs: 10 })
}
