import { setTimeout as pause } from 'node:timers/promises'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { FetchFailed, FetchRefused } from '#src/base/fetch-errors.ts'
import {
  type CopiedVariant,
  claimRemoteFiles,
  confirmRemoteFiles,
  findRemoteFile,
  noteRemoteFailure,
  type RemoteFile,
  reserveRemoteFiles,
} from '#src/db/remote-files.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { EMOJI_MAX_SIDE, type PictureFile, type ProcessedPicture, UPLOAD_MAX_BYTES } from './picture.ts'
import { createRemoteUrls, type RemoteUrls } from './remote-url.ts'
import { newMediaKey } from './storage.ts'

export type RemoteFiles = RemoteUrls & {
  /**
   * Copies a picture of another server unless it is here, was refused, or somebody else is at it, and answers its row
   * once that is decided; undefined when it is not.
   * @throws AppError unavailable when too many are waiting
   */
  copy(address: string, variant: CopiedVariant): Promise<RemoteFile | undefined>
  /** As `copy`, but waits no longer than a reader would. */
  copySoon(address: string, variant: CopiedVariant): Promise<RemoteFile | undefined>
  isBlocked(address: string): Promise<boolean>
  /** Lets go of what is under way. */
  close(): Promise<void>
}

type Ground = Pick<App, 'db' | 'clock' | 'storage' | 'pictures' | 'safeFetch' | 'secretKey' | 'publicUrl'>

export type RemoteFilesSettings = Ground & {
  mediaUrl: string | undefined
  /** Whether we have nothing to do with the server of an address. */
  isBlocked(address: string): Promise<boolean>
}

const minuteMs = 60_000
/** A process that dies over a fetch leaves its claim. */
const claimMs = minuteMs
const failedMs = 60 * minuteMs
const refusedMs = 7 * 24 * 60 * minuteMs
const patienceMs = 5_000
const pollEveryMs = 150
const maxAtOnce = 6
const maxWaiting = 300
const avatarSide = 400

/** What one fetch makes: who asks for one of them will soon be asked for the others. */
const families: Record<CopiedVariant, readonly CopiedVariant[]> = {
  original: ['original', 'small'],
  small: ['original', 'small'],
  avatar: ['avatar'],
  emoji: ['emoji'],
}

const sides: Record<CopiedVariant, number | null> = {
  original: null,
  small: null,
  avatar: avatarSide,
  emoji: EMOJI_MAX_SIDE,
}

/** Copies of other servers' pictures, made when they are first asked for or announced. Owns fetches: close it. */
export function createRemoteFiles(settings: RemoteFilesSettings): RemoteFiles {
  const ground: Flying = { ...settings, closing: new AbortController() }
  const flights = new Map<string, Promise<void>>()
  const takeTurn = createTurns()

  const fly = (address: string, variant: CopiedVariant): Promise<void> => {
    const key = `${families[variant][0]} ${address}`
    const underWay = flights.get(key)
    if (underWay) return underWay
    const flight = takeTurn(() => fetchOrAwait(ground, address, variant)).finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }
  const copy = async (
    address: string,
    variant: CopiedVariant,
    flight?: (all: Promise<void>) => Promise<void>,
  ) => {
    if (ground.closing.signal.aborted) return undefined
    const known = await findRemoteFile(settings.db, address, variant)
    if (known && isDecided(known, settings.clock.now())) return known
    const flown = fly(address, variant)
    await (flight ? flight(flown) : flown)
    return findRemoteFile(settings.db, address, variant)
  }
  return {
    ...createRemoteUrls(settings),
    isBlocked: settings.isBlocked,
    copy: (address, variant) => copy(address, variant),
    copySoon: (address, variant) =>
      copy(address, variant, (flight) =>
        Promise.race([flight, pause(patienceMs, undefined, { ref: false })]),
      ),
    close: async () => {
      ground.closing.abort(new AppError('unavailable', 'The server is stopping'))
      await Promise.allSettled(flights.values())
    },
  }
}

type Flying = RemoteFilesSettings & { closing: AbortController }

/** So many at once, so many more in a line, the rest is sent away. */
function createTurns(): (work: () => Promise<void>) => Promise<void> {
  const line: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (line.length >= maxWaiting) {
      throw new AppError('unavailable', 'Too many pictures at once', { retryAfterSeconds: 10 })
    }
    if (running >= maxAtOnce) await new Promise<void>((resolve) => line.push(resolve))
    else running += 1
    try {
      await work()
    } finally {
      const next = line.shift()
      if (next) next()
      else running -= 1
    }
  }
}

function isDecided({ state, tried_at }: RemoteFile, now: Date): boolean {
  if (state === 'stored') return true
  const ageMs = tried_at ? now.getTime() - tried_at.getTime() : Number.POSITIVE_INFINITY
  return (state === 'failed' && ageMs <= failedMs) || (state === 'refused' && ageMs <= refusedMs)
}

async function fetchOrAwait(ground: Flying, address: string, variant: CopiedVariant): Promise<void> {
  const { db, clock } = ground
  const now = clock.now()
  const before = (ms: number) => new Date(now.getTime() - ms)
  const claimed = await claimRemoteFiles(
    db,
    { url: address, variants: families[variant] },
    {
      now,
      claimedBefore: before(claimMs),
      failedBefore: before(failedMs),
      refusedBefore: before(refusedMs),
    },
  )
  if (claimed.length > 0) await fetchClaimed(ground, address, claimed)
  if (!claimed.includes(variant)) await untilDecided(ground, address, variant)
}

/** Another process fetches it. */
async function untilDecided({ db, closing }: Flying, address: string, variant: CopiedVariant): Promise<void> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollEveryMs) {
    const row = await findRemoteFile(db, address, variant)
    if (row?.state !== 'new') return
    await pause(pollEveryMs, undefined, { signal: closing.signal })
  }
}

async function fetchClaimed(ground: Flying, address: string, variants: CopiedVariant[]): Promise<void> {
  const { db, clock } = ground
  const failure = { url: address, variants }
  const side = variants[0] === undefined ? null : sides[variants[0]]
  try {
    const picture = await fetchPicture(ground, address, side)
    if (picture) await keep(ground, address, filesOf(picture, variants))
    else await noteRemoteFailure(db, { ...failure, state: 'refused' }, clock.now())
  } catch (error) {
    await noteRemoteFailure(db, { ...failure, state: stateAfter(error) }, clock.now())
    // What the other server did wrong is decided with that; the rest is our own trouble.
    if (!(error instanceof FetchRefused || error instanceof FetchFailed)) throw error
  }
}

function stateAfter(error: unknown): 'new' | 'failed' | 'refused' {
  if (error instanceof FetchRefused) return 'refused'
  return error instanceof FetchFailed ? 'failed' : 'new'
}

/** Undefined for what is no picture, or none for us. @throws FetchFailed, FetchRefused, AppError unavailable */
async function fetchPicture(
  { safeFetch, pictures, isBlocked, closing }: Flying,
  address: string,
  side: number | null,
): Promise<ProcessedPicture | undefined> {
  if (await isBlocked(address)) return undefined
  const answer = await safeFetch(address, {
    accept: 'image/avif,image/webp,image/png,image/jpeg,image/gif,image/*;q=0.5',
    maxBytes: UPLOAD_MAX_BYTES,
    signal: closing.signal,
  })
  if (answer.status === 429 || answer.status >= 500) throw new FetchFailed('network')
  // It may have been sent on to a server that is blocked.
  if (answer.status !== 200 || (await isBlocked(answer.url))) return undefined
  const result = await pictures.processPicture(answer.body, { source: 'copy', side })
  return result.outcome === 'processed' ? result : undefined
}

type NewFile = { variant: CopiedVariant; key: string; file: PictureFile }

function filesOf(picture: ProcessedPicture, variants: CopiedVariant[]): NewFile[] {
  return variants.map((variant) => {
    const file = variant === 'original' ? picture.derivative : picture.small
    return { variant, key: newMediaKey(file.extension), file }
  })
}

// The rows come first: after a crash between the two, the next who reserves them finds the files.
async function keep({ db, storage, clock }: Flying, url: string, files: NewFile[]): Promise<void> {
  const rows = files.map(({ variant, key, file }) => {
    return { variant, key, mediaType: file.mediaType, byteSize: file.bytes.byteLength }
  })
  await db.transaction().execute(async (trx) => {
    const replaced = await reserveRemoteFiles(trx, url, rows)
    if (replaced.length > 0) await enqueue(trx, 'deleteFiles', { keys: replaced })
  })
  try {
    await Promise.all(files.map(({ key, file }) => storage.put(key, file.bytes)))
  } catch (cause) {
    throw new AppError('unavailable', 'The picture could not be stored', { cause })
  }
  await confirmRemoteFiles(
    db,
    rows.map(({ key }) => key),
    clock.now(),
  )
}
