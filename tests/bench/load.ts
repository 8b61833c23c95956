import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'

export type Load = { count: number; atMostMs: number; concurrency: number }

/** Calls `work` with 0, 1, 2…, several at once, until the count or the time is up; answers how often. */
export async function repeat(load: Load, work: (index: number) => Promise<void>): Promise<number> {
  const endsAt = performance.now() + load.atMostMs
  let next = 0
  const worker = async () => {
    while (next < load.count && performance.now() < endsAt) await work(next++)
  }
  await Promise.all(Array.from({ length: load.concurrency }, worker))
  return next
}

/** @throws Error when it takes too long */
export async function until(what: string, isSo: () => Promise<boolean> | boolean, atMostMs: number) {
  const endsAt = performance.now() + atMostMs
  while (!(await isSo())) {
    if (performance.now() > endsAt) throw new Error(`Waited ${atMostMs / 1000} s in vain until ${what}`)
    await delay(50)
  }
}

type Call = { path: string; token?: string; headers?: Record<string, string>; json?: object; body?: string }

export type Client = {
  /** Answers the body. Throws Error for any status but a 2xx. */
  call(request: Call): Promise<string>
  close(): Promise<void>
}

/** Kept-alive connections to one server. */
export function createClient(origin: string): Client {
  const pool = new Pool(origin, { connections: 16 })
  return {
    call: async ({ path, token, headers, json, body }) => {
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
      if (response.statusCode >= 300)
        throw new Error(`${response.statusCode} for ${path}: ${text.slice(0, 300)}`)
      return text
    },
    close: () => pool.destroy(),
  }
}
