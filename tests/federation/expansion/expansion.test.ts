import { existsSync, globSync, readFileSync } from 'node:fs'
import type { RemoteDocument } from '@fedify/vocab-runtime'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadPreloadedContexts } from '#federation/remote/contexts.ts'
import { expandByTable } from '#federation/remote/expansion/by-table.ts'
import { createExpansion, defaultContext } from '#federation/remote/expansion/expansion.ts'
import { createTermTables } from '#federation/remote/expansion/term-table.ts'
import type { JsonObject } from '#tests/support/foreign-server.ts'
import { mutantsOf } from './mutants.ts'
import { commonShapes } from './shapes.ts'

// What the table expands must be what jsonld would have made of it; what it leaves to jsonld needs no comparison.

const folder = new URL('../../../../shared/fixtures/activities/', import.meta.url).pathname
const isThere = existsSync(folder)
const captured = isThere ? globSync('**/*.json', { cwd: folder }).sort() : []
if (!isThere) console.warn(`SKIPPED: the captured activities are not at ${folder}`)

const preloaded = await loadPreloadedContexts()
const tableOf = createTermTables()
const byJsonld = createExpansion({ contextLoader, isFast: false })
const shapes = Object.values(commonShapes)

async function contextLoader(url: string): Promise<RemoteDocument> {
  const document = preloaded.find(url)
  if (document === undefined) throw new TypeError(`${url} would have to be fetched`)
  return { contextUrl: null, documentUrl: url, document }
}

async function byTable(document: JsonObject) {
  const input = '@context' in document ? document : { '@context': defaultContext, ...document }
  const table = await tableOf(input['@context'])
  return table && expandByTable(input, table)
}

const readCaptured = (file: string): JsonObject => JSON.parse(readFileSync(folder + file, 'utf8'))

describe('expansion by a table', () => {
  it.each(Object.keys(commonShapes))(
    'takes what is common, and reads it as jsonld does: %s',
    async (name) => {
      const document = commonShapes[name] ?? {}
      const expanded = await byTable(document)
      expect(expanded).toBeDefined()
      expect(expanded).toEqual(await byJsonld(document))
    },
  )

  it.skipIf(!isThere)('reads what was captured of other servers as jsonld does', async () => {
    let taken = 0
    for (const file of captured) {
      const document = readCaptured(file)
      const expanded = await byTable(document)
      if (!expanded) continue
      taken += 1
      expect(expanded, file).toEqual(await byJsonld(document))
    }
    console.info(`Of ${captured.length} captured documents the table took ${taken}.`)
    expect(taken).toBeGreaterThan(captured.length / 2)
  })

  it.each([true, false])('is given no more than 256 of anything, as jsonld is (%j)', async (isFast) => {
    const tag = Array.from({ length: 1_000 }, (_, n) => ({
      type: 'Mention',
      href: `https://there.example/${n}`,
    }))
    const expanded = await createExpansion({ contextLoader, isFast })({ type: 'Note', tag })
    expect(expanded?.['https://www.w3.org/ns/activitystreams#tag']).toHaveLength(256)
    const words = Object.fromEntries(Array.from({ length: 3_001 }, (_, n) => [`as:word${n}`, n]))
    await expect(createExpansion({ contextLoader, isFast })(words)).rejects.toThrow(TypeError)
  })

  it('reads 20,000 mutants as jsonld does, or leaves them to it', async () => {
    let [taken, left] = [0, 0]
    const mutants = mutantsOf([...shapes, ...captured.map(readCaptured)])
    await fc.assert(
      fc.asyncProperty(mutants, async (mutant) => {
        const expanded = await byTable(mutant)
        if (!expanded) {
          left += 1
          return
        }
        taken += 1
        expect(expanded).toEqual(await byJsonld(mutant))
      }),
      { seed: 20261128, numRuns: 20_000 },
    )
    console.info(`Of ${taken + left} mutants the table took ${taken} and left ${left} to jsonld.`)
    expect(taken).toBeGreaterThan(6_000)
    expect(left).toBeGreaterThan(1_000)
  })
})
