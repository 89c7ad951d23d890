import { existsSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

const RECORDINGS = new URL('../../../shared/recordings/expected.jsonl', import.meta.url)

/**
 * Ends every run with one line that people and CI can read: `N passed, N failed, N skipped`; and
 * says once where there is no recorded traffic, in whose stead the sample calls are played.
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1
      // A file that could not be loaded has no tests to count; it is a failure of its own.
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
    process.on('exit', () => {
      if (!existsSync(RECORDINGS))
        console.log('no ../shared/recordings: test/sample-calls stood in for recorded traffic')
      console.log(`${count.passed} passed, ${count.failed} failed${skipped}`)
    })
  }
}
