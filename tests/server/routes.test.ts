import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.person('alice')
})
afterAll(() => server.close())

it('says that it lives, and is ready once its worker has looked for jobs', async () => {
  const ask = async (path: string) => {
    const answer = await server.fetch(path)
    return [answer.status, await answer.text()]
  }
  expect(await ask('/livez')).toEqual([200, 'ok'])
  expect(await ask('/health')).toEqual([200, 'OK'])
  await expect.poll(() => ask('/readyz')).toEqual([200, 'ok'])
})

it('counts each request under the pattern of the route that answered it', async () => {
  const alice = await server.person('counted')
  await server.fetch(`/api/v1/accounts/${alice.accountId}`, { as: alice })
  await server.fetch('/api/v1/preferences', { as: alice })
  await server.fetch('/api/v1/statuses/1', { as: alice })
  await server.fetch('/livez')
  const metrics = await (await server.fetch('/metrics')).text()
  const routes = [
    ...metrics.matchAll(/request_seconds_count\{method="GET",route="([^"]*)",status="([^"]*)"/g),
  ]
  expect(routes.map(([, route, status]) => `${route} ${status}`)).toEqual(
    expect.arrayContaining([
      '/livez 2xx',
      '/api/v1/accounts/:id 2xx',
      '/api/v1/preferences 2xx',
      '/api/v1/statuses/:id 4xx',
    ]),
  )
})

it('shows its metrics to this machine, and to nobody behind a proxy', async () => {
  expect((await server.fetch('/metrics')).status).toBe(200)
  const forwarded = await server.fetch('/metrics', { headers: { 'x-forwarded-for': '192.0.2.1' } })
  expect(forwarded.status).toBe(404)
})

it.each([
  '/.well-known/webfinger?resource=acct:alice@HOST',
  '/.well-known/nodeinfo',
  '/.well-known/oauth-authorization-server',
  '/nodeinfo/2.0',
  '/nodeinfo/2.1',
  '/api/v1/instance',
])('web apps of other origins may read %s, and may ask beforehand', async (path) => {
  const place = path.replace('HOST', server.app.handleHost)
  const headers = { origin: 'https://app.example' }
  const before = await server.fetch(place, {
    method: 'OPTIONS',
    headers: {
      ...headers,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  })
  expect(before.status).toBe(204)
  expect(before.headers.get('access-control-allow-origin')).toBe('*')
  expect(before.headers.get('access-control-allow-headers')).toContain('authorization')
  const answer = await server.fetch(place, { headers })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
})
