import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { packageRoot } from '../../src/config/package-root.ts'
import type { AuditRecord } from '../../src/evidence/record.ts'
import { freePort } from '../../src/store/embedded/free-port.ts'
import { metricsIn, rowsOf } from './inside.ts'
import { until } from './until.ts'
import { upstreamsAt } from './upstreams.ts'

export const PROJECT = packageRoot()
export const MAIN = path.join(PROJECT, 'dist/flint/main.js')

/** A record as `GET /v1/audit` gives it. */
export type ListedRecord = Omit<AuditRecord, 'costUsd' | 'usageRaw'> & {
  readonly costUsd: number | null
  readonly usageRaw: unknown
}

export interface FlintUnderTest {
  readonly baseUrl: string
  /** Key of the first organisation, all scopes. */
  readonly key: string
  readonly dataDir: string
  readonly process: ChildProcess
  /** Everything `flint up` printed. */
  output(): string
  /** Pid of one part: clickhouse, delivery, observer, gate, api, envoy. */
  pid(role: string): number
  records(query?: Readonly<Record<string, string>>): Promise<ListedRecord[]>
  /**
   * Waits until the list holds `count` records for the query and returns them; fails with what was
   * there.
   */
  settled(
    count: number,
    query?: Readonly<Record<string, string>>,
    patienceMs?: number,
  ): Promise<ListedRecord[]>
  metrics(): Promise<Map<string, number>>
  /** The operator's question to ClickHouse; `Row` is what the caller knows of its columns. */
  sql<Row = Record<string, unknown>>(query: string): Promise<Row[]>
  cli(...args: string[]): Promise<string>
  stop(): Promise<void>
}

export interface StartFlint {
  /** One origin for all providers. */
  readonly upstream?: string
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** A command that runs the rest of its command line: `['nice', '-n', '10']`. */
  readonly through?: readonly string[]
  /** Kept by the caller; else a temporary one that `stop` removes. */
  readonly dataDir?: string
}

export async function startFlint({
  upstream,
  env = {},
  args = [],
  through = [],
  dataDir,
}: StartFlint = {}): Promise<FlintUnderTest> {
  const data = dataDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'flint-'))
  const port = await freePort()
  const environment = {
    ...cleanEnvironment(),
    FLINT_PORT: String(port),
    FLINT_DATA_DIR: data,
    ...(upstream === undefined ? {} : upstreamsAt(upstream)),
    ...env,
  }
  const key = env['FLINT_BOOTSTRAP_KEY'] ?? 'flnt_live_testtesttesttesttesttesttesttesttest0001'
  const [command = process.execPath, ...rest] = [...through, process.execPath, MAIN, 'up', ...args]
  const child = spawn(command, rest, {
    cwd: data,
    env: { ...environment, FLINT_BOOTSTRAP_KEY: key },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const collect = (chunk: string) => {
    printed += chunk
  }
  child.stdout.setEncoding('utf8').on('data', collect)
  child.stderr.setEncoding('utf8').on('data', collect)
  const baseUrl = `http://127.0.0.1:${port}`
  await until(`flint up:\n`, 60_000, () => {
    if (child.exitCode !== null)
      throw new Error(`flint up ended with ${child.exitCode}:\n${printed}`)
    return printed.includes('Ctrl-C stops everything.')
  }).catch((error: Error) => {
    child.kill('SIGKILL')
    throw new Error(`${error.message}\n${printed}`)
  })

  const records = async (query: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(
      `${baseUrl}/v1/audit?${new URLSearchParams({ limit: '500', ...query })}`,
      {
        headers: { authorization: `Bearer ${key}` },
      },
    )
    const body = (await response.json()) as { records?: ListedRecord[] }
    if (!body.records) throw new Error(`GET /v1/audit: ${response.status} ${JSON.stringify(body)}`)
    return body.records
  }
  return {
    baseUrl,
    key,
    dataDir: data,
    process: child,
    output: () => printed,
    pid: (role) => Number(fs.readFileSync(path.join(data, 'run', `${role}.pid`), 'utf8')),
    records,
    async settled(count, query = {}, patienceMs = 15_000) {
      let found: ListedRecord[] = []
      await until(`${count} records`, patienceMs, async () => {
        found = await records(query)
        return found.length >= count
      }).catch((error: Error) => {
        throw new Error(`${error.message}; there were ${found.length}`)
      })
      return found
    },
    metrics: () => metricsIn(data),
    sql: (query) => rowsOf(environment, query),
    cli: (...args) => runCli(environment, ...args),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGTERM')
        // An orderly stop waits for open calls. Where nothing is kept, a second signal saves the
        // wait.
        const hurry = dataDir ? null : setTimeout(() => child.kill('SIGTERM'), 4_000)
        await gone
        if (hurry) clearTimeout(hurry)
      }
      if (!dataDir)
        fs.rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}

/** The environment without settings of a Flint that may run on this machine. */
export function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      (name.startsWith('FLINT_') && name !== 'FLINT_ENVOY_PATH') || value === undefined
        ? []
        : [[name, value]],
    ),
  )
}

export function runCli(env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  return runProgram(process.execPath, [MAIN, ...args], env)
}

/** Runs a program to its end; resolves to what it printed, a failure says what it complained of. */
export function runProgram(
  command: string,
  args: readonly string[],
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk
    })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0
        ? resolve(out)
        : reject(
            new Error(`${path.basename(command)} ${args.join(' ')}: exit ${code}: ${err}${out}`),
          ),
    )
  })
}

/** True while a process with this id runs (a zombie does not). */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

export { freePort }
