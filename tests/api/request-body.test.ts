import { expect, it } from 'vitest'
import { parsePairs } from '#src/api/request-body.ts'
import { AppError } from '#src/base/errors.ts'

// As Rails reads them, which is how apps write them.
it.each<[string, unknown]>([
  ['a[][b]=1&a[][b]=2', { a: [{ b: '1' }, { b: '2' }] }],
  [
    'a[][b]=1&a[][c]=2&a[][b]=3&a[][c]=4',
    {
      a: [
        { b: '1', c: '2' },
        { b: '3', c: '4' },
      ],
    },
  ],
  ['a[][b]=1&x=0&a[][c]=2', { a: [{ b: '1', c: '2' }], x: '0' }],
  ['a[][b]=1&z[][b]=2&a[][c]=3', { a: [{ b: '1', c: '3' }], z: [{ b: '2' }] }],
  ['a%5B%5D%5Bb%5D=%26&a%5B%5D%5Bc%5D=2', { a: [{ b: '&', c: '2' }] }],
  ['o[a][][b]=1&o[a][][c]=2&o[a][][b]=3', { o: { a: [{ b: '1', c: '2' }, { b: '3' }] } }],
  ['a[0][b]=1&a[0][c]=2&a[1][b]=3', { a: [{ b: '1', c: '2' }, { b: '3' }] }],
  ['a[]=1&a[]=2', { a: ['1', '2'] }],
  ['a[b][]=1&a[b][]=2', { a: { b: ['1', '2'] } }],
  ['a[][b]', { a: [{ b: '' }] }],
  ['a=b[][c]', { a: 'b[][c]' }],
  ['', {}],
])('%s', (text, fields) => {
  expect(parsePairs(text)).toEqual(fields)
})

it('refuses more than there may be, in lists of objects too', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => `a[][b]=${n}`).join('&')
  expect(parsePairs(many(1_000)).a).toHaveLength(1_000)
  expect(() => parsePairs(many(1_001))).toThrow(AppError)
})
