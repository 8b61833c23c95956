import { describe, expect, test } from 'vitest'
import { localPath } from '#src/web/forms.ts'

describe('where a form may lead', () => {
  test.each([
    ['/', '/'],
    ['/@alice/1?max_id=2#x', '/@alice/1?max_id=2#x'],
    ['/search?q=%2F%2Fevil.example', '/search?q=%2F%2Fevil.example'],
  ])('%s is ours', (wanted, path) => {
    expect(localPath(wanted, '/fallback')).toBe(path)
  })

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    'javascript:alert(1)',
    ' //evil.example',
    'evil.example',
    '',
    null,
    undefined,
    5,
  ])('%j is not', (wanted) => {
    expect(localPath(wanted, '/fallback')).toBe('/fallback')
  })

  test.each(['/.//evil.example', '/..//evil.example', '/x/..//evil.example', '/.\\/evil.example'])(
    '%j leads to a path of ours at most',
    (wanted) => {
      const path = localPath(wanted, '/fallback')
      expect(new URL(path, 'https://here.example').origin).toBe('https://here.example')
      expect(path).toMatch(/^\/(?![/\\])/)
    },
  )
})
