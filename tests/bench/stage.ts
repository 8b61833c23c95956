import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { dealer, follow, makePeople, type Person, post, textOf } from './people.ts'
import { memoryMb, type Usage } from './processes.ts'
import type { PageReaders } from './reads.ts'
import { type Hall, openSite, type Site } from './site.ts'

/** The server that is measured, with people on it. */
export type Stage = Site & {
  /** MB, shortly after its start, before anything was asked of it. */
  idleMb: Usage
  /** Has two followers here and none elsewhere. */
  author: Person
  /** Followed by nobody, follows nobody yet. */
  alice: Person
  pages: PageReaders
  /** Has one note in the home feed. */
  readerOfOne: Person
  /** Somebody new. */
  another(): Person
}

/** By then the connections that the start took are let go. */
const idleAfterMs = 15_000
const people = 30
const pageLength = 20

export async function setStage(hall: Hall): Promise<Stage> {
  const site = await openSite(hall, { dataDir: join(hall.folder, 'data') })
  await delay(idleAfterMs)
  const idleMb = memoryMb(site.pid)
  const another = dealer(await makePeople(site, people))
  const [author, one, readerOfOne, alice] = [another(), another(), another(), another()]
  const two = (): Person[] => [another(), another()]
  const [homeReaders, host, guest] = [two(), another(), another()]
  for (const reader of homeReaders) await follow(site.sql, reader.id, author.id)
  await follow(site.sql, readerOfOne.id, one.id)
  await post(site.client, one, { status: 'The only note' })
  const noteIds: string[] = []
  for (let index = 0; index < pageLength; index += 1)
    noteIds.push(await post(site.client, author, { status: textOf(index) }))
  const threadIds = [await converse(site, host, guest), await converse(site, guest, host)]
  await site.settle()
  const pages = {
    home: homeReaders,
    public: two(),
    thread: { readers: two(), noteIds: threadIds },
    // Each was answered twenty times.
    notifications: [host, guest],
    status: { readers: two(), noteIds },
    account: { readers: two(), accountIds: [author.id] },
  }
  return { ...site, idleMb, author, alice, readerOfOne, pages, another }
}

/** A note with twenty answers by somebody else. */
async function converse({ client }: Site, host: Person, guest: Person): Promise<string> {
  const root = await post(client, host, { status: textOf(0) })
  for (let index = 0; index < pageLength; index += 1)
    await post(client, guest, { status: textOf(index), in_reply_to_id: root })
  return root
}
