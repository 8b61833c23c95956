import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { repeat, until } from './load.ts'
import { follow, makePeople, type Person, post, textOf } from './people.ts'
import { writeNotes } from './post.ts'
import { totalOf, type Usage } from './processes.ts'
import type { Row } from './report.ts'
import { type Cost, costRow, type Hall, openSite, type Site } from './site.ts'

const people = 125
/** As many as one person may have. */
const socketsEach = 40
/** Who follows the author of what is told of in home streams. */
const readers = 25
const notes = 20
const warmUp = 200
const restMs = 2_000

/** What thousands of open streams hold, and what it takes to tell them of a note. */
export async function measureStreaming(hall: Hall): Promise<Row[]> {
  // A server of its own: one that has been under load has room for sockets that nobody sees.
  const site = await openSite(hall, { dataDir: join(hall.folder, 'streaming') })
  const [author, ...listeners] = await makePeople(site, people + 1, 'listener')
  // What is first loaded for a socket, and the plans of what is asked for a note, belong to no socket.
  const heard = { count: 0 }
  const [first] = listeners
  if (!author || !first) throw new Error('Nobody listens')
  for (const reader of listeners.slice(0, readers)) await follow(site.sql, reader.id, author.id)
  const stage = { site, author, heard }
  const early = await openSocket(site, first, heard)
  await writeNotes(site, author, warmUp)
  await tell(stage, { each: 1, visibility: 'public' })
  early.terminate()
  await delay(restMs)
  const before = site.memory()
  const sockets = await openSockets(site, listeners, heard)
  await delay(restMs)
  const after = site.memory()
  try {
    const toAll = await tell(stage, { each: sockets.length, visibility: 'public' })
    heard.count = 0
    for (const socket of sockets) switchToHome(socket)
    await until('all listen to their home', () => heard.count >= sockets.length, { atMostMs: 60_000 })
    const toReaders = await tell(stage, { each: readers * socketsEach, visibility: 'unlisted' })
    return [
      memoryRow({ before, after, count: sockets.length }),
      costRow({ name: 'streaming, public', cost: toAll, note: `to ${sockets.length}, the post included` }),
      costRow({
        name: 'streaming, home',
        cost: toReaders,
        note: `to ${readers * socketsEach} of ${sockets.length}, the post included`,
      }),
    ]
  } finally {
    for (const socket of sockets) socket.terminate()
    await site.stop()
  }
}

type Heard = { count: number }

async function openSockets(site: Site, listeners: Person[], heard: Heard): Promise<WebSocket[]> {
  const sockets: WebSocket[] = []
  const count = listeners.length * socketsEach
  await repeat({ count, atMostMs: 120_000, concurrency: 16, progress: site.progress }, async (index) => {
    const listener = listeners[index % listeners.length]
    if (listener) sockets.push(await openSocket(site, listener, heard))
  })
  return sockets
}

async function openSocket({ url }: Site, { token }: Person, heard: Heard): Promise<WebSocket> {
  const address = `${url.replace('http', 'ws')}/api/v1/streaming?stream=public`
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } })
  socket.on('message', () => {
    heard.count += 1
  })
  await once(socket, 'open')
  return socket
}

/** Heard of by the error that the last of these is answered with. */
function switchToHome(socket: WebSocket): void {
  socket.send('{"type":"unsubscribe","stream":"public"}')
  socket.send('{"type":"subscribe","stream":"user"}')
  socket.send('{"type":"subscribe","stream":"nothing"}')
}

type Hearing = { site: Site; author: Person; heard: Heard }
type Told = { each: number; visibility: 'public' | 'unlisted' }

/** Posts one note after the other, each when all have heard of the one before. */
function tell({ site, author, heard }: Hearing, { each, visibility }: Told): Promise<Cost> {
  return site.cost(async () => {
    for (let index = 0; index < notes; index += 1) {
      heard.count = 0
      await post(site.client, author, { status: textOf(index), visibility })
      await until('all have heard', () => heard.count >= each, { atMostMs: 30_000, everyMs: 5 })
    }
    return notes
  })
}

function memoryRow({ before, after, count }: { before: Usage; after: Usage; count: number }): Row {
  const each = (part: keyof Usage) => ((after[part] - before[part]) * 1_000) / count
  const parts = { server: each('server'), database: each('database') }
  return { name: 'streaming, a socket', unit: 'kB', parts, ours: totalOf(parts), note: `${count} open` }
}
