import { defineConfig } from 'vitest/config'
import { closingLine } from './tests/support/closing-line.ts'

const everyProject = {
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx' } },
} as const

const timeouts = { testTimeout: 30_000, hookTimeout: 60_000 }

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
