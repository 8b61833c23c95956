import type { Reporter, TestModule } from 'vitest/node'

/** Ends the run's output with one line of counts, for people and for scripts that read the last line. */
export function closingLine(): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
      for (const module of modules) countModule(module, counts)
      // After the default reporter's summary, which it writes in the same moment, and before the process ends.
      process.once('exit', () => {
        // A broken set-up fails the run without a test to show for it.
        if (process.exitCode && counts.failed === 0) counts.failed = 1
        process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
      })
    },
  }
}

type Counts = { passed: number; failed: number; skipped: number }

function countModule(module: TestModule, counts: Counts): void {
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    counts[state === 'pending' ? 'skipped' : state]++
  }
  // A file that breaks before its tests run has failed, though none of its tests has.
  if (module.errors().length > 0) counts.failed++
  for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed++
}
