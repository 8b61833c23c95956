import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { AppError } from '#src/base/errors.ts'
import { isPictureResult, OUT_OF_MEMORY, type PictureTask, READY } from './child-protocol.ts'
import {
  PAINTING_MAX_BYTES,
  type PictureRefusal,
  type PictureRequest,
  type PictureResult,
  UPLOAD_MAX_BYTES,
} from './picture.ts'

export type PictureProcessorSettings = {
  maxChildren: number
  /** Pictures that may wait for a child; the next is told to come back. */
  maxWaiting: number
  /** From the moment a child has the picture. */
  deadlineMs: number
  idleMs: number
  maxRssBytes: number
}

export type PictureProcessor = {
  /**
   * Decodes and re-encodes a picture in a child process. Anything wrong with the picture is a refusal;
   * throws `unavailable` when too many are waiting, when children cannot start, and after `close`.
   */
  processPicture(bytes: Uint8Array, request: PictureRequest): Promise<PictureResult>
  /** The living children, by process id. */
  children(): { pid: number | undefined; isBusy: boolean }[]
  close(): Promise<void>
}

type Work = {
  task: PictureTask
  attempts: number
  resolve(result: PictureResult): void
  reject(error: AppError): void
}

type Child = {
  process: ChildProcess
  isReady: boolean
  work?: Work
  /** Why we ended it, or why it ends itself. */
  ending?: PictureRefusal
  timer?: NodeJS.Timeout
}

type Pool = { settings: PictureProcessorSettings; children: Set<Child>; waiting: Work[]; isClosed: boolean }

const DEFAULTS: PictureProcessorSettings = {
  maxChildren: 2,
  maxWaiting: 64,
  deadlineMs: 20_000,
  idleMs: 20_000,
  maxRssBytes: 768 * 1024 * 1024,
}

// A child that dies under a picture may have been killed by anyone; twice is the picture's fault.
const MAX_ATTEMPTS = 2

/** Children are started when first needed and ended when idle. Owns processes: close it. */
export function createPictureProcessor(settings: Partial<PictureProcessorSettings> = {}): PictureProcessor {
  const pool: Pool = {
    settings: { ...DEFAULTS, ...settings },
    children: new Set(),
    waiting: [],
    isClosed: false,
  }
  return {
    processPicture: (bytes, request) => processPicture(pool, bytes, request),
    children: () =>
      [...pool.children].map((child) => ({ pid: child.process.pid, isBusy: child.work !== undefined })),
    close: () => close(pool),
  }
}

async function processPicture(
  pool: Pool,
  bytes: Uint8Array,
  request: PictureRequest,
): Promise<PictureResult> {
  const isPainted = request.source === 'painting' || request.source === 'preview'
  const maxBytes = isPainted ? PAINTING_MAX_BYTES : UPLOAD_MAX_BYTES
  if (bytes.byteLength > maxBytes) return { outcome: 'refused', reason: 'tooManyBytes' }
  if (pool.isClosed) throw stopped()
  if (pool.waiting.length >= pool.settings.maxWaiting) {
    throw new AppError('unavailable', 'Too many pictures at once', { retryAfterSeconds: 10 })
  }
  return new Promise((resolve, reject) => {
    const task = { bytes, request, maxRssBytes: pool.settings.maxRssBytes }
    pool.waiting.push({ task, attempts: 0, resolve, reject })
    pump(pool)
  })
}

async function close(pool: Pool): Promise<void> {
  pool.isClosed = true
  for (const work of pool.waiting.splice(0)) work.reject(stopped())
  await Promise.all(
    [...pool.children].map(async (child) => {
      child.work?.reject(stopped())
      child.work = undefined
      child.process.ref()
      const exited = once(child.process, 'exit')
      child.process.kill('SIGKILL')
      await exited
    }),
  )
}

function stopped(): AppError {
  return new AppError('unavailable', 'The server is stopping')
}

/** Gives waiting pictures to free children, starting some while there may be more. */
function pump(pool: Pool): void {
  while (pool.waiting.length > 0) {
    const child = freeChild(pool)
    if (!child) return
    const work = pool.waiting.shift()
    if (work) run(pool, child, work)
  }
}

function freeChild(pool: Pool): Child | undefined {
  for (const child of pool.children) if (!child.work && !child.ending) return child
  return pool.children.size < pool.settings.maxChildren ? startChild(pool) : undefined
}

function startChild(pool: Pool): Child {
  // Beside this file both in the sources (run by type stripping) and in the bundle.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const forked = fork(fileURLToPath(new URL(`./process-child.${extension}`, import.meta.url)), [], {
    serialization: 'advanced',
    execArgv: ['--max-old-space-size=128'],
    // Nothing of our own environment: it holds secrets. One arena keeps glibc from hoarding freed pixels.
    env: { MALLOC_ARENA_MAX: '1', VIPS_WARNING: '0' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const child: Child = { process: forked, isReady: false }
  pool.children.add(child)
  forked.on('message', (message) => onMessage(pool, child, message))
  forked.on('exit', () => onExit(pool, child))
  forked.on('error', () => {
    // It could not be started, or reached.
    onExit(pool, child)
    forked.kill('SIGKILL')
  })
  return child
}

function run(pool: Pool, child: Child, work: Work): void {
  work.attempts += 1
  child.work = work
  setRef(child, true)
  clearTimeout(child.timer)
  child.timer = setTimeout(() => end(child, 'tooSlow'), pool.settings.deadlineMs)
  child.process.send(work.task, () => {}) // a failure to send is an exit soon after
}

function onMessage(pool: Pool, child: Child, message: unknown): void {
  if (message === READY) child.isReady = true
  if (message === OUT_OF_MEMORY) child.ending ??= 'tooMuchMemory'
  // A result that crossed our own kill on its way is still a result.
  if (!isPictureResult(message) || !child.work) return
  child.work.resolve(message)
  child.work = undefined
  clearTimeout(child.timer)
  // A resting child keeps neither memory for long nor the server from ending.
  child.timer = setTimeout(() => end(child, 'unprocessable'), pool.settings.idleMs).unref()
  setRef(child, false)
  pump(pool)
}

function onExit(pool: Pool, child: Child): void {
  if (!pool.children.delete(child)) return
  clearTimeout(child.timer)
  const { work } = child
  if (work) retryOrAnswer(pool, child, work)
  if (!pool.isClosed) pump(pool)
}

function retryOrAnswer(pool: Pool, child: Child, work: Work): void {
  if (child.ending) work.resolve({ outcome: 'refused', reason: child.ending })
  else if (work.attempts < MAX_ATTEMPTS) pool.waiting.unshift(work)
  else if (child.isReady) work.resolve({ outcome: 'refused', reason: 'unprocessable' })
  else work.reject(new AppError('unavailable', 'Pictures cannot be processed at the moment'))
}

function end(child: Child, reason: PictureRefusal): void {
  child.ending ??= reason
  child.process.kill('SIGKILL')
}

function setRef(child: Child, isHeld: boolean): void {
  if (isHeld) {
    child.process.ref()
    child.process.channel?.ref()
  } else {
    child.process.unref()
    child.process.channel?.unref()
  }
}
