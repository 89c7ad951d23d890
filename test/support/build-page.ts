import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { packageRoot } from '../../src/config/package-root.ts'

/** Global setup of the floors that open the dashboard: `dist/dashboard` is built from today's sources. */
export default function setup(): void {
  const root = packageRoot()
  execFileSync(
    path.join(root, 'node_modules/.bin/vite'),
    ['build', 'dashboard', '--logLevel', 'warn'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
}
