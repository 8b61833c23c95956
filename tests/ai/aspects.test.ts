import { expect, test } from 'vitest'
import { sizeOfAspect } from '#src/ai/aspects.ts'

test.each([
  ['square', 1024, 1024],
  ['portrait', 1024, 1536],
  ['landscape', 1536, 1024],
  ['256x256', 256, 256],
  ['2048x688', 2048, 688],
  ['1536x864', 1536, 864],
])('%s is a size', (aspect, width, height) => {
  expect(sizeOfAspect(aspect)).toEqual({ width, height })
})

test.each([
  '',
  'round',
  'constructor',
  '1024',
  '1024x',
  '1024×1024',
  '255x256',
  '240x240',
  '250x256',
  '2064x2048',
  '2048x640',
  '99999x99999',
  '-256x256',
  '256x256 ',
  '0256x256',
])('%j is none', (aspect) => {
  expect(sizeOfAspect(aspect)).toBeUndefined()
})
