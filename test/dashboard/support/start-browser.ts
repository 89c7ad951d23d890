import { type Browser, chromium } from 'playwright-core'
import { type ChromiumProgram, findChromium } from './find-chromium.ts'

const ARGUMENTS = [
  // Letters are drawn and measured the same whatever the screen's settings.
  '--font-render-hinting=none',
  // Nothing that a page asks for can leave this machine.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
]

/** A headless Chromium; `close()` ends it. */
export async function startBrowser(program?: ChromiumProgram): Promise<Browser> {
  const { path, env } = program ?? (await findChromium())
  return await chromium.launch({ executablePath: path, env: definedOnly(env), args: ARGUMENTS })
}

function definedOnly(env: ChromiumProgram['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
