import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Progress } from './progress.ts'

export type Load = { count: number; atMostMs: number; concurrency: number; progress?: Progress }

/** Calls `work` with 0, 1, 2…, several at once, until the count or the time is up; answers how often. */
export async function repeat(load: Load, work: (index: number) => Promise<void>): Promise<number> {
  const endsAt = performance.now() + load.atMostMs
  let next = 0
  const worker = async () => {
    while (next < load.count && performance.now() < endsAt) {
      await work(next++)
      load.progress?.count(next, load.count)
    }
  }
  await Promise.all(Array.from({ length: load.concurrency }, worker))
  return next
}

/** @throws Error when it takes too long */
export async function until(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  { atMostMs, everyMs = 50 }: { atMostMs: number; everyMs?: number },
): Promise<void> {
  const endsAt = performance.now() + atMostMs
  while (!(await isSo())) {
    if (performance.now() > endsAt) throw new Error(`Waited ${atMostMs / 1000} s in vain until ${what}`)
    await delay(everyMs)
  }
}

export type Call = {
  path: string
  token?: string
  headers?: Record<string, string>
  json?: object
  body?: string
  /** A status that is an answer too; otherwise only a 2xx is. */
  allowed?: number
}

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; text: string }

export type Client = {
  /** @throws Error for any status that is not expected */
  ask(request: Call): Promise<Answer>
  /** Only the body. */
  call(request: Call): Promise<string>
  close(): Promise<void>
}

/** Kept-alive connections to one server. */
export function createClient(origin: string): Client {
  const pool = new Pool(origin, { connections: 16 })
  const ask = async ({ path, token, headers, json, body, allowed }: Call): Promise<Answer> => {
    const sent = json ? JSON.stringify(json) : body
    const response = await pool.request({
      path,
      method: sent === undefined ? 'GET' : 'POST',
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(json && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    })
    const text = await response.body.text()
    if (response.statusCode >= 300 && response.statusCode !== allowed)
      throw new Error(`${response.statusCode} for ${path}: ${text.slice(0, 300)}`)
    return { status: response.statusCode, headers: response.headers, text }
  }
  return { ask, call: async (request) => (await ask(request)).text, close: () => pool.destroy() }
}
