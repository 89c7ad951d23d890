import fs from 'node:fs'
import { cacheFolder, hasGo, install, isInstalled, TOOL_NAMES } from './go-tools.ts'

/**
 * Vitest's global setup of the stage: builds control planes on first use. Where Go is missing, or a
 * module cannot be had, the tests concerned are skipped, and a line says why; with
 * `MESH_REQUIRED=1` that is a failure.
 */
export default async function setup(): Promise<() => void> {
  const startedAt = performance.now()
  const minutes = () => ((performance.now() - startedAt) / 60_000).toFixed(1)
  const wanted = TOOL_NAMES.filter((name) => !isInstalled(name))
  if (wanted.length > 0) {
    if (hasGo()) await installAll(wanted, minutes)
    else complain('no `go` on this machine: get it from https://go.dev/dl')
  }
  return () => console.log(`test:mesh took ${minutes()} minutes`)
}

async function installAll(
  wanted: ReadonlyArray<(typeof TOOL_NAMES)[number]>,
  minutes: () => string,
): Promise<void> {
  fs.mkdirSync(cacheFolder(), { recursive: true })
  console.log(
    `building ${wanted.join(', ')} with Go into ${cacheFolder()}: several minutes and GB, once`,
  )
  for (const name of wanted)
    await install(name).catch((error: Error) => complain(`${name}: ${error.message}`))
  console.log(`building took ${minutes()} minutes`)
}

function complain(problem: string): void {
  if (process.env['MESH_REQUIRED'] === '1') throw new Error(`test:mesh cannot run: ${problem}`)
  console.warn(`tests with a control plane are skipped: ${problem}`)
}
