import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MailServer, startMailServer } from '#tests/support/mail-server.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'
import { accountOperations } from './operations/accounts.ts'
import { notificationOperations } from './operations/notifications.ts'
import { type Call, type Operation, type Operations, type Scene, setScene } from './operations/scene.ts'
import { serverOperations } from './operations/server.ts'
import { statusOperations } from './operations/statuses.ts'
import { timelineOperations } from './operations/timelines.ts'

// The published OpenAPI description of Mastodon's client API lies beside the project, not in it.
const schemaPath = join(import.meta.dirname, '../../../../shared/mastodon-openapi/schema.json')
const isPresent = existsSync(schemaPath)
if (!isPresent) console.warn(`Skipped: no OpenAPI description of Mastodon's API at ${schemaPath}`)
const tablePath = join(import.meta.dirname, '../../../docs/mastodon-api.md')

type Described = { responses: Record<string, { content?: Record<string, { schema?: object }> }> }
type Description = {
  paths: Record<string, Record<string, Described>>
  components: { schemas: { Status: { properties: Record<string, { oneOf?: object[]; anyOf?: object[] }> } } }
}

const description: Description = isPresent
  ? JSON.parse(readFileSync(schemaPath, 'utf8'))
  : { paths: {}, components: { schemas: { Status: { properties: {} } } } }
const methods = ['get', 'post', 'put', 'patch', 'delete']
const described = new Map(
  Object.entries(description.paths).flatMap(([path, operations]) =>
    methods.flatMap((method): [string, Described][] => {
      const operation = operations[method]
      return operation ? [[`${method.toUpperCase()} ${path}`, operation]] : []
    }),
  ),
)

/** Where Mastodon itself answers otherwise than it is described. */
const departures: Record<string, object> = {
  'GET /api/v1/filters': { type: 'array', items: { $ref: 'mastodon#/components/schemas/V1Filter' } },
  'DELETE /api/v2/filters/statuses/{id}': { const: {} },
}

const operations: Operations = {
  ...accountOperations,
  ...statusOperations,
  ...timelineOperations,
  ...notificationOperations,
  ...serverOperations,
}

describe.skipIf(!isPresent)('every operation of Mastodon’s API', () => {
  let mail: MailServer
  let server: TestServer
  let scene: Scene
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })

  beforeAll(async () => {
    // A quote is described as exactly one of two shapes of which either fits the other.
    const { properties } = description.components.schemas.Status
    properties.quote = { anyOf: properties.quote?.oneOf ?? [] }
    ajv.addSchema(description, 'mastodon')
    mail = await startMailServer()
    server = await startTestServer({ SMTP_URL: mail.url, REGISTRATIONS: 'open' })
    scene = await setScene(server)
  })
  afterAll(async () => {
    await server.close()
    await mail.close()
  })

  it('is spoken of here, and none that there is not', () => {
    expect(Object.keys(operations).sort()).toEqual([...described.keys()].sort())
  })

  it.each(Object.entries(operations))('%s', async (name, operation) => {
    if (typeof operation !== 'function') return expect(await isAbsent(name)).toBe(true)
    const call = await operation(scene)
    const response = await request(name, call)
    const text = await beginningOf(response)
    expect(`${response.status} ${response.ok ? '' : text}`.trim()).toBe(String(call.status ?? 200))
    if (call.isEmptyBecause !== undefined) return
    const answer: unknown = JSON.parse(text)
    if (Array.isArray(answer)) expect(answer).not.toEqual([])
    expect(faultsOf(name, answer)).toEqual([])
  })

  it('stands in the table, which is as true as this', async () => {
    await expect(tableOf(operations)).toMatchFileSnapshot(tablePath)
  })

  it('whose answer has another shape is found out', () => {
    expect(faultsOf('GET /api/v1/statuses/{id}', { id: 1 })).not.toEqual([])
  })

  function request(name: string, { path = {}, query, as = scene.alice, json, form, headers }: Call) {
    const [method = '', pattern = ''] = name.split(' ')
    const filled = pattern.replace(/\{(\w+)\}/g, (_, place: string) => encodeURIComponent(path[place] ?? '1'))
    return server.fetch(query === undefined ? filled : `${filled}?${query}`, {
      as: as ?? undefined,
      json,
      ...(form && { body: form }),
      ...(headers && { headers }),
      method,
    })
  }

  /** What answers the same nothing to everyone is as absent as what is not there. */
  async function isAbsent(name: string): Promise<boolean> {
    const response = await request(name, {})
    const text = await response.text()
    return response.status === 404 || text === '[]' || text === '{}'
  }

  function faultsOf(name: string, answer: unknown): object[] {
    const [method = '', path = ''] = name.split(' ')
    const schema = described.get(name)?.responses['200']?.content?.['application/json']?.schema
    if (!schema) return []
    const departure = departures[name]
    if (departure) return ajv.validate(departure, answer) ? [] : (ajv.errors ?? [])
    const pointer = ['paths', path, method.toLowerCase(), 'responses', '200', 'content', 'application/json']
    const escaped = [...pointer, 'schema'].map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    const validate = ajv.compile({ $ref: `mastodon#/${escaped.map(encodeURIComponent).join('/')}` })
    validate(answer)
    return validate.errors ?? []
  }
})

/** All of an answer, but for a stream, which has no end. */
async function beginningOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text()
  const reader = response.body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  await reader?.cancel()
  return new TextDecoder().decode(value)
}

function tableOf(all: Record<string, Operation>): string {
  const cells = Object.entries(all)
    .map(([name, operation]): [string, string] => [
      `\`${name}\``,
      typeof operation === 'function' ? 'works' : `absent: ${operation.absent}`,
    ])
    .sort()
  const working = cells.filter(([, state]) => state === 'works').length
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]) =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return `# Mastodon’s client API, operation by operation

Of the ${cells.length} operations that Mastodon’s OpenAPI description (4.6) lists, ${working} work here. Each is called in \`tests/api/mastodon/every-operation.test.ts\`, with data that makes its answer non-empty, and the answer is held against that description; those that are absent answer 404, or nothing.

${[line(['operation', '']), rule, ...cells.map(line)].join('\n')}
`
}
