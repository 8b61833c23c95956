import { expect } from 'vitest'
import type { TestPerson, TestServer } from '#tests/support/test-server.ts'

/** What an answer holds, looked into without ceremony: expectations say what it must be. */
export type Entity = Awaited<ReturnType<Response['json']>>

type Call = { as?: TestPerson | undefined; json?: unknown; method?: string; headers?: Record<string, string> }

export type Client = {
  /** The answer to a request that must succeed. */
  get(path: string, as?: TestPerson): Promise<Entity>
  post(path: string, as: TestPerson, json?: unknown): Promise<Entity>
  call(path: string, options?: Call): Promise<Response>
  /** The status code alone. */
  status(path: string, options?: Call): Promise<number>
  upload(as: TestPerson, bytes: Uint8Array, fields?: Record<string, string>): Promise<Entity>
}

/** The API as an app on the network uses it. */
export function clientOf(server: TestServer): Client {
  const call = (path: string, options: Call = {}) => server.fetch(path, options)
  const succeed = async (path: string, options: Call): Promise<Entity> => {
    const response = await call(path, options)
    const text = await response.text()
    expect(`${options.method ?? 'GET'} ${path} ${response.status} ${response.ok ? '' : text}`.trim()).toMatch(
      / 200$/,
    )
    return JSON.parse(text)
  }
  return {
    call,
    get: (path, as) => succeed(path, { as }),
    post: (path, as, json) => succeed(path, { as, method: 'POST', ...(json !== undefined && { json }) }),
    status: async (path, options) => {
      const response = await call(path, options)
      await response.body?.cancel()
      return response.status
    },
    upload: async (as, bytes, fields = {}) => {
      const body = new FormData()
      body.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), 'picture.png')
      for (const [name, value] of Object.entries(fields)) body.set(name, value)
      const response = await server.fetch('/api/v2/media', { as, method: 'POST', body })
      expect(response.status).toBe(200)
      return response.json()
    },
  }
}

/** The addresses of a Link header, by their relation, in their order. */
export function linksOf(response: Response): Record<string, string> {
  const header = response.headers.get('link') ?? ''
  return Object.fromEntries(
    [...header.matchAll(/<([^>]+)>; rel="(\w+)"/g)].map(([, address = '', relation = '']) => [
      relation,
      address,
    ]),
  )
}

export const idsOf = (entities: { id: string }[]): string[] => entities.map(({ id }) => id)
