import fs from 'node:fs'
import path from 'node:path'
import { packagedChromium } from './packaged-chromium.ts'

/** A Chromium that can be started: the path of its program and the environment that it needs. */
export interface ChromiumProgram {
  readonly path: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * The Chromium of the tests: the one that `FLINT_CHROMIUM_PATH` names, else `chromium` or
 * `google-chrome` on PATH, else the one that came by npm.
 */
export async function findChromium(env = process.env): Promise<ChromiumProgram> {
  const program = env['FLINT_CHROMIUM_PATH'] || installedOn(env['PATH'] ?? '')
  return program ? { path: program, env } : await packagedChromium()
}

function installedOn(searchPath: string): string | undefined {
  return ['chromium', 'google-chrome']
    .flatMap((name) => searchPath.split(path.delimiter).map((folder) => path.join(folder, name)))
    .find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}
