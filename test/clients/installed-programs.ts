import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { packageRoot } from '../../src/config/package-root.ts'
import { runProgram } from '../support/flint.ts'

/**
 * Where the programs of this stage lie: outside the project's own dependencies, one folder for each
 * state of the pins, so that a changed pin is a new installation and an unchanged one is none.
 */
const HERE = path.join(packageRoot(), 'test/clients')
const CACHE = path.join(packageRoot(), 'node_modules/.cache/flint-clients')

/** One installation: what pins it, and how it is made in an empty folder. */
interface Part {
  readonly pins: readonly string[]
  /** Throws with what the installer complained of. */
  install(folder: string): Promise<unknown>
}

const pythonPart = (requirements: string): Part => ({
  pins: [requirements],
  async install(folder) {
    await runProgram('python3', ['-m', 'venv', folder])
    const options = ['--quiet', '--disable-pip-version-check', '--no-compile', '--no-deps']
    const pins = path.join(HERE, requirements)
    await runProgram(path.join(folder, 'bin/pip'), ['install', ...options, '-r', pins])
  },
})

const PARTS = {
  npm: {
    pins: ['package.json', 'package-lock.json'],
    async install(folder) {
      for (const file of this.pins) fs.copyFileSync(path.join(HERE, file), path.join(folder, file))
      // No script of a package runs; programs that come as binaries are packages of their own.
      const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
      await runProgram('npm', ['ci', '--prefix', folder, ...options])
    },
  },
  python: pythonPart('requirements.txt'),
  // Its pins are older than those of the others.
  aider: pythonPart('requirements-aider.txt'),
} as const satisfies Record<string, Part>

export type PartName = keyof typeof PARTS
export const PART_NAMES = Object.keys(PARTS) as readonly PartName[]

/** The folder of a part: `node_modules` is in that of npm, the others are virtual environments. */
export function folderOf(name: PartName): string {
  const part: Part = PARTS[name]
  const hash = createHash('sha256')
  for (const file of part.pins) hash.update(fs.readFileSync(path.join(HERE, file)))
  return path.join(CACHE, `${name}-${hash.digest('hex').slice(0, 12)}`)
}

/** Written last, so that an installation that was broken off is begun again. */
const doneMark = (name: PartName) => path.join(folderOf(name), '.installed')

export const isInstalled = (name: PartName): boolean => fs.existsSync(doneMark(name))

/** Throws where the part cannot be installed; nothing of it is left then. */
export async function install(name: PartName): Promise<void> {
  const folder = folderOf(name)
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true })
  try {
    await PARTS[name].install(folder)
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true })
    throw error
  }
  fs.writeFileSync(doneMark(name), '')
}

const NPM = (file: string) => path.join(folderOf('npm'), 'node_modules', file)

/** Commands of the page, and the files that they are. */
const COMMANDS: Readonly<Record<string, { part: PartName; file: () => string }>> = {
  claude: { part: 'npm', file: () => NPM('@anthropic-ai/claude-code-linux-x64/claude') },
  codex: {
    part: 'npm',
    file: () => NPM('@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex'),
  },
  gemini: { part: 'npm', file: () => NPM('.bin/gemini') },
  opencode: { part: 'npm', file: () => NPM('opencode-linux-x64/bin/opencode') },
  llm: { part: 'python', file: () => path.join(folderOf('python'), 'bin/llm') },
  aider: { part: 'aider', file: () => path.join(folderOf('aider'), 'bin/aider') },
  // For programs made of frameworks.
  node: { part: 'npm', file: () => process.execPath },
  'python-of-aider': { part: 'aider', file: () => path.join(folderOf('aider'), 'bin/python') },
  python: { part: 'python', file: () => path.join(folderOf('python'), 'bin/python') },
}

/** False where a command is not there: its part, or a build for this platform, is missing. */
export function hasCommand(name: string): boolean {
  const command = COMMANDS[name]
  return command !== undefined && isInstalled(command.part) && fs.existsSync(command.file())
}

/** The path of a command; throws for one that is not known. */
export function commandPath(name: string): string {
  const command = COMMANDS[name]
  if (command === undefined) throw new Error(`${name} is no command of this stage`)
  return command.file()
}

export const hasPython = (): boolean => spawnSync('python3', ['--version']).status === 0
