import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  digitalSourceTypeOfXmp,
  digitalSourceTypes,
  isDigitalSourceType,
  xmpPacket,
} from '#src/media/provenance.ts'

const uri = digitalSourceTypes.painting

test.each(Object.values(digitalSourceTypes))('%s is written and read back', (type) => {
  expect(digitalSourceTypeOfXmp(xmpPacket(type))).toBe(type)
  expect(isDigitalSourceType(type)).toBe(true)
})

test.each([
  ['an attribute', `<rdf:Description Iptc4xmpExt:DigitalSourceType="${uri}"/>`],
  ['single quotes', `<rdf:Description Iptc4xmpExt:DigitalSourceType='${uri}'/>`],
  ['a resource', `<Iptc4xmpExt:DigitalSourceType rdf:resource="${uri}"/>`],
  ['another prefix', `<a:DigitalSourceType>${uri}</a:DigitalSourceType>`],
  ['white space', `<a:DigitalSourceType>\n  ${uri}\n</a:DigitalSourceType>`],
  ['https', `<a:DigitalSourceType>${uri.replace('http:', 'https:')}</a:DigitalSourceType>`],
])('as %s it is read too', (_name, xmp) => {
  expect(digitalSourceTypeOfXmp(xmp)).toBe(uri)
})

test.each([
  '',
  'x',
  '<a:DigitalSourceType/>',
  `<a:DigitalSourceType>${uri}x</a:DigitalSourceType>`,
  `<b>${uri}</b>`,
])('nothing is read from %j', (xmp) => {
  expect(digitalSourceTypeOfXmp(xmp)).toBeUndefined()
})

test('nothing strange in an XMP packet is ever passed on', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const found = digitalSourceTypeOfXmp(`<a:DigitalSourceType>${text}`)
      expect(found === undefined || isDigitalSourceType(found)).toBe(true)
    }),
    { seed: 20_260_801, numRuns: 200 },
  )
  const slow = `:DigitalSourceType${' '.repeat(100_000)}`
  expect(digitalSourceTypeOfXmp(slow.repeat(20))).toBeUndefined()
})
