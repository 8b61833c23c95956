import { describe, expect, it } from 'vitest'
import { parseConfig } from '#src/base/config.ts'
import { hasProcessesOfItsOwn } from '#src/processes.ts'

describe('a machine', () => {
  it.each([
    [{ CORES: '1' }, false],
    [{ CORES: '3' }, false],
    [{ CORES: '4' }, true],
    [{ CORES: '64' }, true],
    [{ CORES: '64', ROLE: 'all' }, false],
    [{ CORES: '64', ROLE: 'web' }, false],
    [{ CORES: '64', ROLE: 'worker' }, false],
    // The worker could not know the server's address.
    [{ CORES: '64', PORT: '0' }, false],
    [{ CORES: '64', PORT: '0', PUBLIC_URL: 'https://example.com' }, true],
  ])('with %j gives web and worker processes of their own: %s', (environment, hasThem) => {
    expect(hasProcessesOfItsOwn(parseConfig(environment))).toBe(hasThem)
  })
})
