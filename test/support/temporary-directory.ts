import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []

// Registered when a test file imports this module, so before the file's own hooks: vitest runs
// these in reverse, and what writes here has been stopped by then.
afterAll(() => {
  for (const directory of made.splice(0))
    fs.rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

/** An empty directory of its own, removed when the test file ends; below `parent` where given. */
export function temporaryDirectory(parent = os.tmpdir()): string {
  const directory = fs.mkdtempSync(path.join(parent, 'flint-test-'))
  made.push(directory)
  return directory
}
