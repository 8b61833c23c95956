import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { inboxActivities } from '#federation/inbox/index.ts'

// FEDERATION.md is what other developers build against: it names what is registered, and nothing else.

const document = readFileSync(new URL('../../FEDERATION.md', import.meta.url), 'utf8')

/** The activities of the table's rows whose third column does not say that nothing is done. */
function describedActivities(): Set<string> {
  const section = document.split(/^## /m).find((part) => part.startsWith('Activities\n')) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  const heeded = rows.filter((row) => !/\| (?:no|nothing)[^|]*\|$/.test(row))
  return new Set(heeded.flatMap((row) => namesIn(row.split('|')[1] ?? '')))
}

const namesIn = (cell: string): string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '')

it('names every activity that is acted on, and no other', () => {
  const registered = Object.keys(inboxActivities).map((iri) => iri.replace(/^.*[#/]/, ''))
  expect([...describedActivities()].sort()).toEqual(registered.sort())
})

it('tells which FEPs are followed whole, in part and not', () => {
  const fepsUnder = (heading: string) => {
    const section = document.split(/^### /m).find((part) => part.startsWith(heading)) ?? ''
    return [...(section.split(/^##/m)[0]?.matchAll(/FEP-([0-9a-f]{4})/g) ?? [])].map(([, id]) => id)
  }
  const [whole, partly, not] = [fepsUnder('Whole'), fepsUnder('In part'), fepsUnder('Not')]
  for (const feps of [whole, partly, not]) expect(feps.length).toBeGreaterThan(0)
  const all = [...new Set(whole), ...new Set(partly), ...new Set(not)]
  expect(all).toHaveLength(new Set(all).size)
})
