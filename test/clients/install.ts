import fs from 'node:fs'
import path from 'node:path'
import { folderOf, hasPython, install, isInstalled, PART_NAMES } from './installed-programs.ts'

/**
 * Vitest's global setup of the stage: installs on first use. Where a registry or Python is missing
 * the clients concerned are skipped, and a line says why; with `CLIENTS_REQUIRED=1`, as in CI, that
 * is a failure.
 */
export default async function setup(): Promise<void> {
  const wanted = PART_NAMES.filter((name) => !isInstalled(name))
  if (wanted.length === 0) return
  const cache = path.dirname(folderOf('npm'))
  fs.mkdirSync(cache, { recursive: true })
  removeOldPins(cache)
  const startedAt = performance.now()
  console.log(`installing ${wanted.join(', ')} clients into ${cache}: 2 GB, some minutes, once`)
  const failures: string[] = []
  await Promise.all(
    wanted.map(async (name) => {
      if (name !== 'npm' && !hasPython()) failures.push(`${name}: no python3 on this machine`)
      else await install(name).catch((error: Error) => failures.push(`${name}: ${error.message}`))
    }),
  )
  if (failures.length > 0) {
    const problem = `clients that cannot be installed:\n${failures.join('\n')}`
    if (process.env['CLIENTS_REQUIRED'] === '1') throw new Error(problem)
    console.warn(`${problem}\ntheir tests are skipped`)
  }
  const minutes = (performance.now() - startedAt) / 60_000
  console.log(`installing took ${minutes.toFixed(1)} minutes`)
}

function removeOldPins(cache: string): void {
  const current = new Set(PART_NAMES.map((name) => path.basename(folderOf(name))))
  for (const name of fs.readdirSync(cache))
    if (!current.has(name)) fs.rmSync(path.join(cache, name), { recursive: true, force: true })
}
