import { defineConfig } from 'vitest/config'
import { closingLine } from './tests/support/closing-line.ts'

const everyProject = {
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx' } },
} as const

// How long a machine takes says nothing about us: what is waited for ends with its test's own timeout, or just before.
const timeouts = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 55_000, interval: 20 } },
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', closingLine()],
    projects: [
      {
        ...everyProject,
        test: { ...timeouts, name: 'architecture', include: ['tests/architecture.test.ts'] },
      },
      {
        ...everyProject,
        test: {
          ...timeouts,
          name: 'server',
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: ['tests/architecture.test.ts', 'tests/browser/**'],
          globalSetup: ['tests/support/global-setup.ts'],
        },
      },
      {
        ...everyProject,
        test: {
          ...timeouts,
          name: 'browser',
          include: ['tests/browser/**/*.test.{ts,tsx}'],
          globalSetup: ['tests/support/global-setup.ts', 'tests/support/build-setup.ts'],
          testTimeout: 120_000,
        },
      },
    ],
  },
})
