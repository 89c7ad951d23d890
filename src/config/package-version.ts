import fs from 'node:fs'
import path from 'node:path'
import { packageRoot } from './package-root.ts'

/** Flint's own version, as its package.json says. */
export function packageVersion(): string {
  const file = path.join(packageRoot(), 'package.json')
  return String((JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version)
}
