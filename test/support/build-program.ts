import { execFileSync } from 'node:child_process'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { packageRoot } from '../../src/config/package-root.ts'

/**
 * Vitest's global setup of the floors that start the program or its workers: without it `npx vitest`
 * would prove whatever was built last. Incremental, so the second floor of one run pays a
 * fraction of a second; in watch mode every rerun builds again.
 */
export default function setup(project: TestProject): void {
  buildProgram()
  project.onTestsRerun(buildProgram)
}

/** As `npm run build`, without the dashboard. */
const BUILD = [
  ['tsc', '-p', 'tsconfig.json'],
  ['rolldown', '-c'],
] as const

/**
 * Throws with the compiler's complaints, so that no test runs beside a program that is not the
 * sources'.
 */
function buildProgram(): void {
  const root = packageRoot()
  try {
    for (const [program, ...args] of BUILD)
      execFileSync(path.join(root, 'node_modules/.bin', program), args, {
        cwd: root,
        encoding: 'utf8',
      })
  } catch (error) {
    const printed =
      error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
    throw new Error(`the build before the tests failed:\n${printed}`, { cause: error })
  }
}
