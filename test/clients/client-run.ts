import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { onHost } from '../support/sdks-document.ts'
import { commandPath, folderOf } from './installed-programs.ts'
import { fileOf, setUpOf } from './page.ts'

/** How a client is set up by the page and run once. */
export interface ClientRun {
  /** Headings of the page, whose code blocks are the set-up. */
  readonly setUps: readonly string[]
  /** Name of the command, and its arguments. */
  readonly command: readonly [name: string, ...args: string[]]
  /** What the page leaves to the user: a login, consent, another kind of key. */
  readonly env?: Readonly<Record<string, string>>
  /** Files of the user below the home directory, by their paths. */
  readonly files?: Readonly<Record<string, string>>
  /** A client that is a library: a program made of the page's code of this language. */
  readonly program?: {
    readonly language: 'js' | 'python'
    readonly before: string
    readonly after: string
  }
}

/** The reader's own provider keys, in the variables that the page names. */
export const PROVIDER_KEYS = {
  OPENAI_API_KEY: 'sk-proj-clients-0123456789open',
  ANTHROPIC_API_KEY: 'sk-ant-api03-clients-0123456789anth',
  GEMINI_API_KEY: 'AIzaClients0123456789abcdefghijklmgemi',
}

const PROGRAMS = { js: 'program.mjs', python: 'program.py' }
const LONGEST_RUN_MS = 90_000

/**
 * Runs the client in a home directory of its own, with nothing of the user's environment; resolves
 * to what it printed, throws with that where it fails. `proxy` is the way out for all but loopback.
 */
export function runClient(
  { setUps, command: [name, ...args], env, files = {}, program }: ClientRun,
  { home, flint, proxy }: { home: string; flint: { baseUrl: string; key: string }; proxy: string },
): Promise<string> {
  const work = path.join(home, 'work')
  fs.mkdirSync(work)
  for (const [file, text] of Object.entries(files)) writeFile(path.join(home, file), text)
  const script = ['set -eu']
  const lines: string[] = []
  for (const block of setUps.flatMap((heading) => setUpOf(heading).blocks)) {
    const code = onHost(block.code, flint.baseUrl)
    const file = fileOf(block)
    if (file !== null) writeFile(path.join(home, file), code)
    else if (block.language === 'sh') script.push(code)
    else if (block.language === program?.language) lines.push(code)
  }
  if (program !== undefined) {
    const text = [program.before, ...lines, program.after].join('\n')
    writeFile(path.join(work, PROGRAMS[program.language]), text)
    args.push(PROGRAMS[program.language])
    // An import is resolved from the program's own folder.
    fs.symlinkSync(path.join(folderOf('npm'), 'node_modules'), path.join(work, 'node_modules'))
  }
  script.push(`exec ${[commandPath(name), ...args].map(quoted).join(' ')}`)
  const away = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: '127.0.0.1,localhost' }
  return runScript(script.join('\n'), work, {
    ...{ PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8', TERM: 'dumb' },
    ...away,
    ...Object.fromEntries(Object.entries(away).map(([key, value]) => [key.toLowerCase(), value])),
    ...PROVIDER_KEYS,
    FLINT_API_KEY: flint.key,
    ...env,
  })
}

const quoted = (argument: string) => `'${argument.replaceAll("'", `'\\''`)}'`

function writeFile(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}

function runScript(script: string, cwd: string, env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk
      })
    const limit = setTimeout(() => child.kill('SIGKILL'), LONGEST_RUN_MS)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(limit)
      if (code === 0) resolve(printed)
      else reject(new Error(`ended with ${code ?? signal}:\n${printed}`))
    })
  })
}
